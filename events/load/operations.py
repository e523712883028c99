"""What operators of the large organisation look at: feedback of its people, and a backup every night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from events.load.inserting import Inserting
from medcover.backups.models import BackupRun
from medcover.backups.names import name_at
from medcover.system.models import UserFeedback
from medcover.system.version import version
from roster.models import User

#: Every so many-th person has written something in the last year.
_WRITES = 4
_NIGHTS = 90
_MESSAGES = (
    "V kalendáři by se hodilo vidět i akce, na které čekám ve frontě.",
    "Na telefonu je tlačítko přihlášení hned pod prstem, díky!",
    "Po návratu z detailu akce bych chtěl zůstat na stejném místě seznamu. Teď se vracím na začátek a hledám znovu.",
)
_PAGES = ("/", "/events/", "/calendar/", "/equipment/", "/admin/events/event/")
_BROWSER = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"


def save_feedback(rng: Random, inserting: Inserting, *, at: datetime) -> None:
    """Have people of the organisation write about the application."""
    people = User.objects.active().order_by("email").values_list("pk", flat=True)[::_WRITES]
    inserting.insert(UserFeedback, [_feedback(person, rng, at) for person in people])


def _feedback(person: UUID, rng: Random, at: datetime) -> UserFeedback:
    return UserFeedback(
        user_id=person,
        message=rng.choice(_MESSAGES),
        page=rng.choice(_PAGES),
        user_agent=_BROWSER,
        screen="412 × 785 (412 × 915, 2.63×)",
        app_version=version(),
        submitted=at - timedelta(minutes=rng.randrange(365 * 24 * 60)),
    )


def save_backups(inserting: Inserting, *, at: datetime) -> None:
    """Make runs of backups and of their rehearsals; their archives are in no storage."""
    inserting.insert(BackupRun, [run for night in range(_NIGHTS, 0, -1) for run in _runs(at - timedelta(days=night))])


def _runs(start: datetime) -> Iterator[BackupRun]:
    end = start + timedelta(seconds=30)
    facts = {"archive": name_at(start, sealed=True), "status": BackupRun.Status.DONE, "rows": 305_000, "files": 510}
    for kind, size in ((BackupRun.Kind.BACKUP, 29_000_000), (BackupRun.Kind.VERIFICATION, None)):
        run = BackupRun(kind=kind, size=size, origin=BackupRun.Origin.SCHEDULE, **facts)
        run.asked_at, run.started_at, run.finished_at = start, start, end
        yield run

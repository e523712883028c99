"""Facts about backups for the admin digest, and for the start page of the backoffice.

Both are told from the runs and never ask the storage, which may be slow or away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import formats

from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.rules import OVERDUE_AFTER
from notifications.digest import sources


@dataclass(frozen=True)
class State:
    """How backups stand: whether they are automatic, the last good one, the last attempt and the last rehearsal."""

    scheduled: bool
    last_good_at: datetime | None
    last: BackupRun | None
    last_rehearsal: BackupRun | None

    @property
    def is_well(self) -> bool:
        """They are automatic, and the last attempt has succeeded."""
        return self.scheduled and self.last is not None and self.last.status == BackupRun.Status.DONE

    def is_overdue(self, at: datetime) -> bool:
        """An automatic backup is missing."""
        return self.scheduled and (self.last_good_at is None or at - self.last_good_at > OVERDUE_AFTER)


def register() -> None:
    """Tell the digest where to ask."""
    sources.register_backups(facts)


def facts(_at: datetime) -> sources.BackupState:
    """Count archives that runs have made and none has deleted since, as far as is known here."""
    schedule = BackupSettings.load()
    made = BackupRun.objects.backups().done().newest_first()
    newest = list(made[: schedule.keep_count].values_list("pk", flat=True))
    last = made.first()
    total = made.filter(pk__in=newest).aggregate(total=Sum("size"))["total"]
    words = formats.time_format(schedule.begins) if schedule.scheduled else ""
    return sources.BackupState(len(newest), schedule.keep_count, total or 0, last.finished_at if last else None, words)


_ENDED = [BackupRun.Status.DONE, BackupRun.Status.FAILED]


def last_rehearsal() -> BackupRun | None:
    """Return the last attempt to restore an archive aside, if there was one."""
    found: BackupRun | None = BackupRun.objects.newest_first().verifications().filter(status__in=_ENDED).first()
    return found


def state(*, with_rehearsal: bool = True) -> State:
    """Return how backups stand; four queries, or three without the last rehearsal."""
    runs = BackupRun.objects.newest_first()
    good = runs.backups().done().first()
    return State(
        scheduled=BackupSettings.load().scheduled,
        last_good_at=good.finished_at if good else None,
        last=runs.backups().filter(status__in=_ENDED).first(),
        last_rehearsal=last_rehearsal() if with_rehearsal else None,
    )

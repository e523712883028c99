"""Reminders of qualifications that are about to expire, to the people who hold them and to the administrators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from credentials.models import Holding
from credentials.rules import expiry_reminder_due, expiry_windows
from medcover.common.db import update_rows
from medcover.system.models import SiteSettings
from notifications import services as outbox
from roster.models import User
from roster.rights import Role

#: Nobody is written to in the night.
MORNING = 7

TOPIC = "qualifications"


@transaction.atomic
def remind_of_expiry(*, at: datetime) -> int:
    """Remind of qualifications that expire in 90, 30 and 7 days, of each once; return of how many.

    What was missed is caught up by the nearest of the reminders. People hear of their own, the administrators of all.
    """
    local = at.astimezone(ZoneInfo(SiteSettings.current().time_zone))
    if local.hour < MORNING:
        return 0
    found = _due(local.date())
    if found:
        _write(found, local.date())
        with outbox.together():
            _tell(found)
    return len(found)


def _due(today: date) -> list[Holding]:
    """Lock and return what is to be reminded of; what another worker is at is left to it."""
    wanted = Q()
    for days, last_day in expiry_windows(today):
        wanted |= Q(valid_until__lte=last_day) & (Q(reminded_days__isnull=True) | Q(reminded_days__gt=days))
    rows = Holding.objects.living().filter(wanted, valid_until__gte=today, person__is_active=True)
    return list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def _write(rows: list[Holding], today: date) -> None:
    """Remember the reminders; they are no change of the qualification, so nothing is recorded."""
    for row in rows:
        row.reminded_days = expiry_reminder_due(row.valid_until, today, row.reminded_days)
    update_rows(rows, ["reminded_days"])


def _tell(rows: list[Holding]) -> None:
    by_person: dict[Any, list[int]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row.pk)
    for person, keys in by_person.items():
        outbox.announce("qualification_expiring", recipients=[person], topic=TOPIC, payload={"holdings": keys})
    admins = User.objects.active().with_role(Role.ADMIN).values_list("pk", flat=True)
    everything = {"holdings": [row.pk for row in rows]}
    outbox.announce("qualifications_expiring", recipients=admins, topic=TOPIC, payload=everything)


def expiring(keys: list[int], *, today: date, person: Any = None) -> list[Holding]:
    """Return which of these holdings, of one person or of all, still expire soon, the next first."""
    rows = Holding.objects.shown().filter(pk__in=keys, valid_until__gte=today, person__is_active=True)
    rows = rows.filter(valid_until__lte=expiry_windows(today)[0][1]).select_related("person")
    if person is not None:
        rows = rows.filter(person=person)
    return list(rows.order_by("valid_until", "person__name_sort", "qualification__name_sort"))

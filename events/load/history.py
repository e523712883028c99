"""History of the seed data: audit entries, and mails that were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _

from events.load.inserting import Inserting
from events.load.plan import Planned
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services.notifications import topic_of
from medcover.system.models import AuditEntry
from notifications import registry
from notifications.models import OutboxMessage
from roster.models import User

Kind = AuditEntry.Kind

#: Which statuses an event has been through when it stands in one.
_ROADS: dict[str, tuple[Status, ...]] = {
    Status.DRAFT: (),
    Status.PUBLISHED: (Status.PUBLISHED,),
    Status.OPEN: (Status.PUBLISHED, Status.OPEN),
    Status.CLOSED: (Status.PUBLISHED, Status.OPEN, Status.CLOSED),
    Status.COMPLETED: (Status.PUBLISHED, Status.OPEN, Status.COMPLETED),
    Status.CANCELLED: (Status.PUBLISHED, Status.OPEN, Status.CANCELLED),
}
_BEFORE = timedelta(days=60)
_FAILED = 0.005


def planned_at(plan: Planned, at: datetime) -> datetime:
    """Return when the event was made."""
    return min(plan.event.start, at) - _BEFORE


def save_record(plans: Sequence[Planned], crews: Sequence[Assignment], inserting: Inserting, *, at: datetime) -> None:
    """Insert the record of how events came to be and who signed up, in order of time."""
    entries = [*_of_events(plans, at), *_of_crews(crews)]
    entries.sort(key=lambda entry: entry.timestamp)
    inserting.insert(AuditEntry, entries)


def _of_events(plans: Sequence[Planned], at: datetime) -> Iterator[AuditEntry]:
    words = _("%(event)s: %(old)s → %(new)s")
    for plan in plans:
        event, moment = plan.event, planned_at(plan, at)
        created = f"{Kind.CREATE.label}: {event._meta.verbose_name} {event.name}"
        changes = {"name": ["None", event.name], "status": ["None", Status.DRAFT.value]}
        yield _entry(event, event.pk, Kind.CREATE, created, at=moment, by=event.creator, changes=changes)
        old = Status.DRAFT
        for number, new in enumerate(_ROADS[event.status], 1):
            summary = words % {"event": event.name, "old": old.label, "new": new.label}
            changes = {"status": [old.value, new.value]}
            when = event.end if new is Status.COMPLETED else moment + number * timedelta(days=1)
            by = None if new is Status.COMPLETED else event.creator
            yield _entry(event, event.pk, Kind.STATUS, summary, at=when, by=by, changes=changes)
            old = new


def _of_crews(crews: Sequence[Assignment]) -> Iterator[AuditEntry]:
    on_place, on_seat = (
        _("%(person)s signed up for %(event)s, position %(position)s"),
        _("%(person)s signed up for %(event)s"),
    )
    for row in crews:
        words = {"person": row.person.name, "event": row.event.name, "position": row.position}
        summary = (on_place if row.position else on_seat) % words
        changes = {"event": ["None", str(row.event_id)], "person": ["None", str(row.person_id)]}
        yield _entry(row, row.event_id, Kind.CREATE, summary, at=row.assigned_at, by=row.assigned_by, changes=changes)


def _entry(
    row: models.Model, event_id: int, kind: str, summary: str, *, at: datetime, by: User | None, changes: Any
) -> AuditEntry:
    created = kind == Kind.CREATE
    return AuditEntry(
        content_type=ContentType.objects.get_for_model(type(row)),
        object_pk=str(row.pk),
        object_id=row.pk,
        object_repr=str(row),
        action=AuditEntry.Action.CREATE if created else AuditEntry.Action.UPDATE,
        changes=changes,
        timestamp=at,
        actor=by,
        kind=kind,
        summary=summary,
        event_id=event_id,
    )


def save_mails(crews: Sequence[Assignment], rng: Random, inserting: Inserting, *, at: datetime) -> None:
    """Insert a mail for everybody who signed up: nearly all were sent."""
    notice = registry.get("assignment_confirmed")
    inserting.insert(OutboxMessage, [_mail(row, notice, rng) for row in crews])
    OutboxMessage.objects.filter(status=OutboxMessage.Status.FAILED).update(created_at=at - timedelta(days=3))
    sent = OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT)
    sent.update(created_at=models.F("sent_at") - timedelta(seconds=20))


def _mail(row: Assignment, notice: registry.NoticeType, rng: Random) -> OutboxMessage:
    position = row.position.description if row.position else ""
    payload = {"event_id": row.event_id, "event_name": row.event.name, "position": position}
    failed = rng.random() < _FAILED
    return OutboxMessage(
        id=UUID(int=rng.getrandbits(128), version=4),
        code=notice.code,
        recipient=row.person,
        to_email=row.person.email,
        subject=notice.subject(payload),
        topic=topic_of(row.event),
        payload=payload,
        batch=notice.batch,
        status=OutboxMessage.Status.FAILED if failed else OutboxMessage.Status.SENT,
        attempts=6 if failed else 1,
        last_error="550 5.1.1 unknown user" if failed else "",
        sent_at=None if failed else row.assigned_at + timedelta(seconds=20),
    )


def date_rows(*, at: datetime) -> None:
    """Give people and events the moments at which they were made; inserting has put down its own."""
    User.objects.update(created=at - timedelta(days=1800), updated=at - timedelta(days=30))
    made = models.functions.Least("start", models.Value(at)) - _BEFORE
    Event.objects.update(created=made, updated=made + timedelta(days=40))

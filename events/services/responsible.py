"""Who leads an event: chosen automatically, replaced, rechecked, set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.querysets import people_able_to_lead
from events.services.locking import lock_event, require, save_event
from medcover.common.errors import DomainError
from medcover.common.intervals import local_day
from medcover.system import audit
from roster.models import User


def leaders_among_crew(event: Event) -> Any:
    """Return the participants who could lead the event on its day, earliest sign-up first."""
    day = local_day(event.start, timezone.get_current_timezone())
    crew = people_able_to_lead(day).filter(assignments__event=event)
    return crew.order_by("assignments__assigned_at", "assignments__id")


def can_lead(event: Event, person: Any) -> bool:
    """Say whether the person could be responsible for the event, were they on it."""
    day = local_day(event.start, timezone.get_current_timezone())
    return bool(people_able_to_lead(day).filter(pk=person.pk).exists())


def choose_if_missing(event: Event, joined: Any, *, by: Any) -> None:
    """The first able person to join an event without a leader becomes the leader. Event is locked."""
    if event.responsible_person_id is None and can_lead(event, joined):
        _put(event, joined, by=by, reason=_("Responsible person chosen automatically: %s") % joined.name)


def replace_if_unfit(event: Event, *, by: Any) -> bool:
    """Hand over to the earliest able participant, or to nobody, when the leader may lead no more. Event is locked."""
    if event.responsible_person_id is None:
        return False
    able = list(leaders_among_crew(event))
    if event.responsible_person_id in {person.pk for person in able}:
        return False
    heir = able[0] if able else None
    reason = _("Responsible person replaced: %s") % heir.name if heir else _("Responsible person cleared")
    _put(event, heir, by=by, reason=reason)
    return True


@transaction.atomic
def recheck(person_ids: Sequence[Any] | None, *, by: Any) -> int:
    """Look again at every unfinished event that one of these people leads (None: all); return how many changed."""
    led = Event.objects.not_final().filter(responsible_person__isnull=False)
    if person_ids is not None:
        led = led.filter(responsible_person__in=person_ids)
    changed = 0
    for event_id in led.order_by("pk").values_list("pk", flat=True):
        event = lock_event(event_id)
        changed += not event.is_final and replace_if_unfit(event, by=by)
    return changed


@transaction.atomic
def set_responsible_person(event_id: int, person: Any | None, *, by: Any, version: int | None = None) -> Event:
    """Make a participant responsible, or nobody.

    Raises NotAllowed without the right, DomainError when the event is over or the person is not an able
    participant.
    """
    event = lock_event(event_id)
    require(by, "events.set_responsible_person", event)
    event.expect_version(version)
    if event.is_final:
        raise DomainError(_("Completed or cancelled events cannot be edited."))
    if person is not None and not leaders_among_crew(event).filter(pk=person.pk).exists():
        raise DomainError(_("Only a qualified participant of the event can be its responsible person."))
    if (person.pk if person else None) != event.responsible_person_id:
        reason = _("Responsible person set: %s") % person.name if person else _("Responsible person cleared")
        _put(event, person, by=by, reason=reason)
    return event


def _put(event: Event, person: User | None, *, by: Any, reason: object) -> None:
    event.responsible_person = person
    with audit.trail(by=by, kind="edit", summary=reason):
        save_event(event, "responsible_person")

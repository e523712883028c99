"""Responsible person of an event: chosen automatically, replaced, rechecked, set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Assignment, Event
from events.querysets import people_able_to_lead
from events.services import notifications
from events.services.locking import lock_event, refuse_uneditable, require, save_event
from medcover.common.errors import DomainError
from medcover.common.intervals import local_day
from medcover.common.prepared import DAY, KEY, prepared
from medcover.system import audit
from roster.models import User

CLEARED = _("Responsible person cleared")


def leaders_among_crew(event: Event) -> Any:
    """Return the participants who could lead the event on its day, earliest sign-up first."""
    return _able_among_crew(event.pk, local_day(event.start, timezone.get_current_timezone()))


def read_leaders_among_crew(event: Event) -> list[Any]:
    """Read the same people by a prepared query."""
    return _leaders_among_crew(event=event.pk, day=local_day(event.start, timezone.get_current_timezone()))


@prepared(event=KEY, day=DAY)
def _leaders_among_crew(p: Any) -> Any:
    return _able_among_crew(p.event, p.day)


def _able_among_crew(event: Any, day: Any) -> Any:
    crew = people_able_to_lead(day).filter(assignments__event=event)
    return crew.order_by("assignments__assigned_at", "assignments__id")


def can_lead(event: Event, person: Any) -> bool:
    """Say whether the person could be responsible for the event, were they on it."""
    day = local_day(event.start, timezone.get_current_timezone())
    return bool(people_able_to_lead(day).filter(pk=person.pk).exists())


def choose_if_missing(event: Event, joined: Any) -> None:
    """The first able person to join an event without a leader becomes the leader. Event is locked."""
    if event.responsible_person_id is None and can_lead(event, joined):
        _put(event, joined, reason=audit.sentence(_("Responsible person chosen automatically: %s"), joined.name))


def replace_if_unfit(event: Event) -> bool:
    """Hand over to the earliest able participant, or to nobody, when the leader may lead no more. Event is locked."""
    if event.responsible_person_id is None:
        return False
    able = list(leaders_among_crew(event))
    if event.responsible_person_id in {person.pk for person in able}:
        return False
    heir = able[0] if able else None
    _put(event, heir, reason=audit.sentence(_("Responsible person replaced: %s"), heir.name) if heir else CLEARED)
    return True


@transaction.atomic
def recheck(person_ids: Sequence[Any] | None) -> int:
    """Look again at the leaders of unfinished events after something about these people changed (None: anybody).

    Returns how many changed. What follows by itself has no actor.
    """
    return sum(_recheck(event_id) for event_id in concerned(person_ids))


def concerned(person_ids: Sequence[Any] | None) -> list[int]:
    """Return the keys, in order, of the unfinished events whose leader such a change may concern.

    Events on which the people merely stand are among them: one of them may just be inheriting the lead.
    """
    unfinished = Event.objects.not_final().order_by("pk")
    if person_ids is None:
        found = unfinished.filter(responsible_person__isnull=False)
    else:
        standing = Assignment.objects.filter(person__in=person_ids)
        found = unfinished.filter(Q(responsible_person__in=person_ids) | Q(pk__in=standing.values("event")))
    return list(found.values_list("pk", flat=True))


def _recheck(event_id: int) -> bool:
    event = lock_event(event_id)
    return not event.is_final and replace_if_unfit(event)


@transaction.atomic
def set_responsible_person(
    event_id: int, person: Any | None, *, by: Any, version: int | None = None, notify: bool = False
) -> Event:
    """Make a participant responsible, or nobody; with `notify` the participants hear of it as of any other change.

    Raises NotAllowed without the right, DomainError when the event is over or archived or the person is not
    an able participant.
    """
    event = lock_event(event_id)
    require(by, "events.set_responsible_person", event)
    event.expect_version(version)
    refuse_uneditable(event)
    if person is not None and not leaders_among_crew(event).filter(pk=person.pk).exists():
        raise DomainError(_("Only a qualified participant of the event can be its responsible person."))
    if (person.pk if person else None) != event.responsible_person_id:
        reason = audit.sentence(_("Responsible person set: %s"), person.name) if person else CLEARED
        before = event.responsible_person
        _put(event, person, by=by, reason=reason)
        if notify:
            names = [leader.name if leader else None for leader in (before, person)]
            notifications.notify_participants("event_changed", event, {"changes": {"responsible_person": names}})
    return event


def _put(event: Event, person: User | None, *, reason: object, by: Any = None) -> None:
    event.responsible_person = person
    with audit.trail(by=by, kind="edit", summary=reason):
        save_event(event, "responsible_person")

"""Assignments: claim a position or join, leave, assign, remove.

Each service locks the person who is to be put on (order: `locking`) and the event, reads the facts under the
locks, lets the rules object, writes, hands the lead on if needed, closes or reopens sign-ups, and tells the
person. Two requests for one place therefore queue up on the event's row: the second finds the place taken and
is refused politely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Assignment, Event, Position
from events.querysets.conflicts import conflicts_of
from events.querysets.waiting import Ties, ties_of
from events.rules import eligibility
from events.rules.conflicts import Conflicts, in_words
from events.rules.eligibility import Facts
from events.services import notifications, offers, proposals, responsible
from events.services.lifecycle import settle_capacity
from events.services.locking import Gone, lock_event, lock_event_of
from events.services.offers import GivenUp
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.intervals import local_day
from medcover.common.prepared import KEY, UUID, prepared
from medcover.common.text import tidy
from medcover.system import audit
from roster.models import User
from roster.services import lock_person


@dataclass(frozen=True)
class Joined:
    """A new assignment, and the person's other duties that are too near it."""

    assignment: Assignment
    conflicts: Conflicts = field(default_factory=Conflicts)


@transaction.atomic
def claim(position_id: int, *, by: Any, at: datetime, notify: bool = True) -> Joined:
    """Sign the actor up for a position and, unless it is to be quiet, confirm it.

    Raises DomainError with the reason: no right, not open, archived, coordinated, already on the event,
    place taken, not qualified.
    """
    person = lock_person(by.pk)
    return _join(*_lock_place(position_id, person), person, at=at, notify=notify)


@transaction.atomic
def join(event_id: int, *, by: Any, at: datetime, notify: bool = True) -> Joined:
    """Sign the actor up for an event staffed by conditions and, unless it is to be quiet, confirm it.

    Raises DomainError with the reason, as `claim`; in place of a position it is the capacity that may be used up,
    or its rest kept for qualifications that are still missing.
    """
    person = lock_person(by.pk)
    return _join(_lock_conditions(event_id), None, person, at=at, notify=notify)


def _join(event: Event, position: Position | None, person: Any, *, at: datetime, notify: bool) -> Joined:
    ties = ties_of(person, event)
    _refuse_first(eligibility.TO_JOIN, facts_to_join(event, position, person, ties))
    return create_assignment(event, position, person, ties, by=person, at=at, notify=notify)


@transaction.atomic
def assign(
    position_id: int, person_id: Any, *, by: Any, at: datetime, override_reason: str = "", notify: bool = True
) -> Joined:
    """Put somebody else on a position and, unless it is to be quiet, tell them.

    Needs the right to assign others on this event (by role, or as its qualified participant). A person who is
    not qualified, whose duties overlap or who would not rest long enough is taken only with an `override_reason`,
    which is recorded. Raises NotAllowed, DomainError.
    """
    person = _locked_if_known(person_id)
    event, position = _lock_place(position_id, person or by)  # nobody is refused below
    return _assign(event, position, person, by=by, at=at, given=override_reason, notify=notify)


@transaction.atomic
def assign_to_event(
    event_id: int, person_id: Any, *, by: Any, at: datetime, override_reason: str = "", notify: bool = True
) -> Joined:
    """Put somebody else on an event staffed by conditions; as `assign`, and bound by its capacity and reservations."""
    person = _locked_if_known(person_id)
    event = _lock_conditions(event_id)
    return _assign(event, None, person, by=by, at=at, given=override_reason, notify=notify)


def _assign(
    event: Event, position: Position | None, person: Any, *, by: Any, at: datetime, given: str, notify: bool
) -> Joined:
    if not by.has_perm("events.assign_other", event):
        raise NotAllowed
    if person is None:
        raise DomainError(_("The person was not found or is not active."))
    ties = ties_of(person, event)
    facts = facts_to_join(event, position, person, ties, over_offers=True)
    _refuse_first(eligibility.TO_ASSIGN, facts)
    may_override = by.has_perm("events.assign_other")
    reason = _reason_needed(event, person, facts, tidy(given), may_override=may_override)
    return create_assignment(event, position, person, ties, by=by, at=at, override_reason=reason, notify=notify)


def _locked_if_known(person_id: Any) -> User | None:
    try:
        return lock_person(person_id)
    except (User.DoesNotExist, ValidationError):
        return None


def _reason_needed(event: Event, person: Any, facts: Facts, reason: str, *, may_override: bool) -> str:
    """Return the reason to record, "" where none is needed.

    An unqualified, clashing or tired person needs one, given by somebody with the right for all events.
    """
    concerns = list(exceptions_needed(event, person, is_qualified=facts.is_qualified))
    if not concerns:
        return ""
    if reason and may_override:
        return reason
    if may_override:
        raise NeedsReason(" ".join([*concerns, str(_("Give a reason to assign them anyway."))]))
    raise DomainError(" ".join([*concerns, str(_("Only a coordinator may make an exception."))]))


def exceptions_needed(event: Event, person: Any, *, is_qualified: bool) -> Iterator[str]:
    """Yield, in words, everything for which assigning this person would be an exception."""
    if not is_qualified:
        yield str(_("%s does not have the required qualification.") % person.name)
    yield from in_words(conflicts_of(person, event), person.name)


class NeedsReason(DomainError):
    """Refusal that somebody who says why may override."""


@transaction.atomic
def leave(event_id: int, *, by: Any, at: datetime | None = None) -> Event:
    """Sign the actor off. Raises DomainError when they are not on the event or may not leave it."""
    event = lock_event(event_id)
    assignment = event.assignments.select_related("person", "position").filter(person=by).first()
    if assignment is None:
        raise DomainError(_("You are not signed up for this event."))
    _refuse_first(eligibility.TO_LEAVE, facts_to_leave(event, by))
    return delete_assignment(event, assignment, by=by, at=at)


@transaction.atomic
def remove(assignment_id: int, *, by: Any, at: datetime | None = None, notify: bool = True) -> Event:
    """Take somebody off an event. Raises NotAllowed, DomainError (already removed, event over)."""
    event_id = Assignment.objects.filter(pk=assignment_id).values_list("event", flat=True).first()
    if event_id is None:
        raise Gone(_("The participant has already been signed off."))
    event = lock_event(event_id)
    if not by.has_perm("events.assign_other", event):
        raise NotAllowed
    assignment = event.assignments.select_related("person", "position").filter(pk=assignment_id).first()
    if assignment is None:
        raise Gone(_("The participant has already been signed off."))
    _refuse_first(eligibility.TO_REMOVE, facts_to_leave(event, assignment.person))
    return delete_assignment(event, assignment, by=by, at=at, notify=notify)


def _lock_place(position_id: int, person: Any) -> tuple[Event, Position]:
    event = lock_event_of(position_id)
    position = lock_position(event, position_id, person)
    if position is None:
        raise Gone(_("This position no longer exists."))
    return event, position


def lock_position(event: Event, position_id: int, person: Any) -> Position | None:
    """Lock a position of a locked event and read with it what decides whether the person may have it."""
    position: Position | None = _locked_position.first(position=position_id, event=event.pk, person=person.pk)
    return position


@prepared(position=KEY, event=KEY, person=UUID)
def _locked_position(p: Any) -> Any:
    places = Position.objects.with_occupation().with_fillable_by(p.person).with_offers_to_others_than(p.person)
    return places.select_for_update(of=("self",)).filter(pk=p.position, event=p.event)


def _lock_conditions(event_id: int) -> Event:
    event = lock_event(event_id)
    if not event.by_conditions:
        raise DomainError(_("This event is staffed by positions; choose one of them."))
    return event


def facts_to_leave(event: Event, person: Any) -> Facts:
    """Read what the rules of leaving ask about."""
    return _facts(event, person, is_coordinated=event.master_event.is_coordinated)


def _facts(event: Event, person: Any, *, is_coordinated: bool) -> Facts:
    return Facts(
        status=event.status,
        is_archived=event.is_archived,
        is_coordinated=is_coordinated,
        may_assign_others=person.has_perm("events.assign_other"),
        is_active=person.is_active,
        person_name=person.name,
        by_conditions=event.by_conditions,
    )


def facts_to_join(event: Event, place: Any, person: Any, ties: Ties, *, over_offers: bool = False) -> Facts:
    """Read what the rules of joining ask about; true until commit while the event is locked.

    `place` comes from `lock_position`; None is a seat. With `over_offers`, places that are only held for somebody
    count as free.
    """
    facts = replace(
        _facts(event, person, is_coordinated=ties.is_coordinated),
        has_right=person.has_perm("events.assign_own"),
        already_on_event=ties.is_on_event,
    )
    if place is None:
        return _seat_facts(facts, event, person, over_offers=over_offers)
    return replace(
        facts,
        position_free=place.occupied_by is None,
        held_until="" if over_offers else offers.in_words(place.held_until),
        is_qualified=place.is_fillable,
    )


def _seat_facts(facts: Facts, event: Event, person: Any, *, over_offers: bool) -> Facts:
    read, held = event.crew_of_now(), held_on_duty(event, person)
    crew = read.without_promises() if over_offers else read.met_by(person.pk)
    if crew.is_full and not read.without_promises().is_full:
        return replace(facts, held_until=offers.seat_held_until(event))
    return eligibility.with_room(facts, crew, held)


def held_on_duty(event: Event, person: Any) -> frozenset[int]:
    """Return the keys of what the person holds on the event's day."""
    day = local_day(event.start, timezone.get_current_timezone())
    return frozenset(person.holdings.valid_on(day).values_list("qualification", flat=True))


def _refuse_first(checkers: tuple[eligibility.Checker, ...], facts: Facts) -> None:
    for reason in eligibility.objections(checkers, facts):
        raise DomainError(reason)


@audit.recorded_together()
@notifications.together()
def create_assignment(
    event: Event,
    position: Position | None,
    person: Any,
    ties: Ties,
    *,
    by: Any,
    at: datetime,
    override_reason: str = "",
    notify: bool = True,
) -> Joined:
    """Put somebody on a locked event, with everything that follows; the rules have been asked before."""
    conflicts = conflicts_of(person, event)
    assignment = Assignment(event=event, position=position, person=person, assigned_by=by, assigned_at=at)
    with audit.trail(by=by, kind="create", summary=_joining(assignment, override_reason)):
        _insert(assignment)
    given_up = offers.joined(event, position, person, by=by, at=at) if ties.waits else []
    if ties.is_asked:
        proposals.of_substitute(event, person, at=at)
    responsible.choose_if_missing(event, person)
    settle_capacity(event, at=at)
    if notify:
        notifications.notify_person("assignment_confirmed", assignment)
        notifications.place_filled(event, assignment, by=by)
    notifications.places_available(event, given_up, at=at)
    return Joined(assignment, conflicts)


def _joining(assignment: Assignment, override_reason: str) -> Any:
    """Return the words of the record."""
    position = assignment.position
    words = {"person": assignment.person.name, "event": assignment.event.name, "position": position}
    pattern = _("%(person)s signed up for %(event)s, position %(position)s")
    summary = audit.sentence(pattern if position else _("%(person)s signed up for %(event)s"), words)
    if not override_reason:
        return summary
    return audit.sentence(_("%(summary)s – exception: %(reason)s"), {"summary": summary, "reason": override_reason})


def _insert(assignment: Assignment) -> None:
    """The event's lock makes a collision impossible among services; the constraints still have the last word."""
    try:
        assignment.save()
    except IntegrityError as error:  # everything of the service is undone with it
        raise DomainError(_("This position has just been taken by somebody else.")) from error


@audit.recorded_together()
@notifications.together()
def delete_assignment(
    event: Event, assignment: Assignment, *, by: Any, at: datetime | None = None, notify: bool = True
) -> Event:
    """Delete the assignment from a locked event, with everything that follows; rights are checked before.

    The freed place goes to the waiting list first; `at` is now where nobody says otherwise.
    """
    moment, place = at or timezone.now(), GivenUp(assignment.position_id, assignment.person_id)
    words = {"person": assignment.person.name, "event": event.name, "position": assignment.position}
    pattern = _("%(person)s signed off from %(event)s, position %(position)s")
    summary = audit.sentence(pattern if assignment.position else _("%(person)s signed off from %(event)s"), words)
    assignment.event = event
    if notify:
        notifications.notify_person("assignment_released", assignment)
    proposals.of_leaver(event, assignment.person, at=moment)
    with audit.trail(by=by, kind="delete", summary=summary):
        assignment.delete()
    responsible.replace_if_unfit(event)
    settle_capacity(event, freed=True, at=moment)
    if notify:
        notifications.place_freed(event, assignment, by=by, at=moment)
        notifications.places_available(event, [place], by=by, at=moment)
    return event

"""Eligibility for a place: small checkers, each about one reason, so that a page can show all of them.

Every checker has the same shape: it takes the facts and returns a sentence when it objects, else None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.rules.coverage import Held
from events.rules.joining import Crew, reservation
from events.rules.lifecycle import Status


@dataclass(frozen=True)
class Facts:
    """Everything that decides about one person, one event and one place, read under the lock."""

    status: str
    is_archived: bool = False
    has_right: bool = True
    is_coordinated: bool = False
    may_assign_others: bool = False
    position_free: bool = True
    already_on_event: bool = False
    is_qualified: bool = True
    is_active: bool = True
    person_name: str = ""
    by_conditions: bool = False
    is_full: bool = False  # by capacity; positions are free or taken one by one
    reservation: str = ""  # for whom the remaining seats are kept, in words; empty when this person may have one
    held_until: str = ""  # until when the position, or the last seat, is offered to somebody else, in words
    has_started: bool = False
    capacity_closed: bool = False
    is_waiting: bool = False  # on the waiting list of the event
    has_place_now: bool = False  # could sign up at once
    could_fit: bool = True  # some place of the event, taken or not, is one for this person


def with_room(facts: Facts, crew: Crew, held: Held) -> Facts:
    """Add whether the crew of an event staffed by conditions has a seat for somebody who holds `held`."""
    return replace(facts, is_full=crew.is_full, reservation="" if crew.is_full else reservation(crew, held))


Checker = Callable[[Facts], Promise | str | None]


def _no_right(facts: Facts) -> Promise | None:
    return None if facts.has_right else _("You do not have permission to sign up for events.")


def _archived(facts: Facts) -> Promise | None:
    return _("Signing up is not possible, the event is archived.") if facts.is_archived else None


def _not_open(facts: Facts) -> Promise | None:
    return None if facts.status == Status.OPEN else _("Sign-ups for this event are not open.")


def _not_assignable(facts: Facts) -> Promise | None:
    if facts.status in (Status.OPEN, Status.CLOSED):
        return None
    return _("People cannot be assigned in the current status of the event.")


def _coordinated_joining(facts: Facts) -> Promise | None:
    if facts.is_coordinated and not facts.may_assign_others:
        return _("This event is run by a coordinator, signing up is not allowed.")
    return None


def _coordinated_leaving(facts: Facts) -> Promise | None:
    if facts.is_coordinated and not facts.may_assign_others:
        return _("This event is run by a coordinator, signing off is not allowed.")
    return None


def _already_there(facts: Facts) -> Promise | None:
    return _("You are already signed up for this event.") if facts.already_on_event else None


def _already_assigned(facts: Facts) -> str | None:
    if not facts.already_on_event:
        return None
    return str(_("%s is already signed up for this event.") % facts.person_name)


def _taken(facts: Facts) -> Promise | None:
    return None if facts.position_free else _("This position has already been taken.")


def _held(facts: Facts) -> str | None:
    if not facts.held_until:
        return None
    return str(_("The place is offered to somebody from the waiting list until %s.") % facts.held_until)


def _unqualified(facts: Facts) -> Promise | None:
    return None if facts.is_qualified else _("You do not have the qualification required for this position.")


def _full(facts: Facts) -> Promise | None:
    return _("The maximum capacity of the event has been reached.") if facts.is_full else None


def _reserved(facts: Facts) -> str | None:
    return facts.reservation or None


def _inactive(facts: Facts) -> Promise | None:
    return None if facts.is_active else _("The person was not found or is not active.")


def _final(facts: Facts) -> Promise | None:
    if facts.status == Status.COMPLETED or facts.is_archived:
        return _("Nobody can be signed off from a completed or archived event.")
    return None


def _cancelled_by_conditions(facts: Facts) -> Promise | None:
    if facts.by_conditions and facts.status == Status.CANCELLED:
        return _("Nobody can be signed off from a cancelled event.")
    return None


#: Sign-ups of a full event are closed because it is full, so that reason comes first.
TO_JOIN: tuple[Checker, ...] = (
    _no_right, _archived, _full, _not_open, _coordinated_joining, _already_there, _taken, _held, _unqualified,
    _reserved,
)  # fmt: skip
#: Before a place is chosen: may the person join this event at all?
TO_JOIN_SOMEWHERE: tuple[Checker, ...] = (_no_right, _archived, _not_open, _coordinated_joining, _already_there)
TO_ASSIGN: tuple[Checker, ...] = (
    _inactive, _archived, _not_assignable, _already_assigned, _taken, _full, _reserved,
)  # fmt: skip
TO_LEAVE: tuple[Checker, ...] = (_final, _coordinated_leaving)
TO_REMOVE: tuple[Checker, ...] = (_final, _cancelled_by_conditions)


# --- waiting for a place, and handing one over -------------------------------------------------------------


def _not_to_be_queued_for(facts: Facts) -> Promise | None:
    if facts.status in (Status.OPEN, Status.CLOSED):
        return None
    return _("Nobody can wait for a place in the current status of the event.")


def _started(facts: Facts) -> Promise | None:
    return _("The event has already started.") if facts.has_started else None


def _already_waiting(facts: Facts) -> Promise | None:
    return _("You are already on the waiting list of this event.") if facts.is_waiting else None


def _place_now(facts: Facts) -> Promise | None:
    return _("A place for you is free, just sign up.") if facts.has_place_now else None


def _never_fitting(facts: Facts) -> Promise | None:
    return None if facts.could_fit else _("No position of this event fits your qualifications.")


def _closed_by_hand(facts: Facts) -> Promise | None:
    if facts.status == Status.OPEN or (facts.status == Status.CLOSED and facts.capacity_closed):
        return None
    return _("Sign-ups for this event are not open.")


def _not_to_be_handed_over(facts: Facts) -> Promise | None:
    if facts.status in (Status.OPEN, Status.CLOSED) and not facts.is_archived:
        return None
    return _("A duty cannot be handed over in the current status of the event.")


def _unfit_substitute(facts: Facts) -> str | None:
    if facts.is_qualified:
        return None
    return str(_("%s does not have the required qualification.") % facts.person_name)


def _substitute_without_right(facts: Facts) -> str | None:
    return None if facts.has_right else str(_("%s may not sign up for events.") % facts.person_name)


TO_QUEUE: tuple[Checker, ...] = (
    _no_right, _archived, _not_to_be_queued_for, _started, _coordinated_joining, _already_there, _already_waiting,
    _place_now, _never_fitting,
)  # fmt: skip
#: A place that is held for the person: whatever the rules of joining say, but for sign-ups that its taking had closed.
TO_ACCEPT: tuple[Checker, ...] = (
    _no_right, _archived, _closed_by_hand, _started, _coordinated_joining, _already_there, _taken, _full,
    _unqualified, _reserved,
)  # fmt: skip
TO_HAND_OVER: tuple[Checker, ...] = (_not_to_be_handed_over, _started, _coordinated_leaving)
TO_STEP_IN: tuple[Checker, ...] = (_inactive, _substitute_without_right, _already_assigned, _unfit_substitute)


def objections(checkers: Sequence[Checker], facts: Facts) -> list[Promise | str]:
    """Return every objection, the weightiest first; an empty list means yes."""
    return [answer for answer in (check(facts) for check in checkers) if answer]

"""Handing a duty over to a certain person: proposed, answered, and swapped in one transaction.

The place is never free in between: nobody from the waiting list is asked, and no alarm is raised. Lock order as
everywhere: both people by key, then the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Assignment, Event, HandOver, Position
from events.rules import eligibility
from events.rules.eligibility import Facts, objections
from events.rules.waiting import HandOverState
from events.services import crew, notifications, offers, proposals, responsible
from events.services.lifecycle import settle_capacity
from events.services.locking import Gone, lock_event
from medcover.common.errors import DomainError
from medcover.system import audit
from roster.models import User


@transaction.atomic
def propose(event_id: int, substitute_id: Any, *, by: Any, at: datetime, notify: bool = True) -> HandOver:
    """Ask somebody to take the actor's duty over and, unless it is to be quiet, tell them.

    Raises DomainError: not on the event, asked somebody already, event started or not open or closed, run by a
    coordinator, or the other person is inactive, unqualified or on the event.
    """
    people = _lock_people(by.pk, substitute_id)
    event = lock_event(event_id)
    assignment = _duty_of(event, by)
    substitute = people.get(_as_key(substitute_id))
    if substitute is None:
        raise DomainError(_("The person was not found or is not active."))
    if event.hand_overs.open().filter(person=by).exists():
        raise DomainError(_("You have already asked somebody; withdraw that first."))
    _refuse_first(event, assignment, substitute, at=at)
    proposal = HandOver(event=event, person=by, substitute=substitute, proposed_at=at)
    words = {"person": by.name, "event": event.name, "substitute": substitute.name}
    summary = audit.sentence(_("%(person)s asked %(substitute)s to take %(event)s over"), words)
    with audit.trail(by=by, kind="create", summary=summary):
        proposal.save()
    if notify:
        _tell("handover_proposed", event, proposal, substitute)
    return proposal


@transaction.atomic
def withdraw(proposal_id: int, *, by: Any, at: datetime) -> HandOver:
    """Take the actor's own proposal back and tell whoever was asked. Raises DomainError when it is not open."""
    event, proposal = _lock_proposal(proposal_id, person=by)
    proposals.close(event, proposal, HandOverState.WITHDRAWN, by=by, at=at)
    _tell("handover_withdrawn", event, proposal, proposal.substitute)
    return proposal


@transaction.atomic
def decline(proposal_id: int, *, by: Any, at: datetime) -> HandOver:
    """Refuse to take the duty over and tell whoever asked. Raises DomainError when the proposal is not open."""
    event, proposal = _lock_proposal(proposal_id, substitute=by)
    proposals.close(event, proposal, HandOverState.DECLINED, by=by, at=at)
    _tell("handover_declined", event, proposal, proposal.person)
    return proposal


@transaction.atomic
@audit.recorded_together()
@notifications.together()
def accept(proposal_id: int, *, by: Any, at: datetime) -> Assignment:
    """Put the actor on the place of whoever asked; both and the responsible person are told.

    Everything is asked again. Raises DomainError when the proposal is not open any more or the swap is not possible.
    """
    giver_id = HandOver.objects.filter(pk=proposal_id, substitute=by).values_list("person", flat=True).first()
    people = _lock_people(by.pk, giver_id)
    event, proposal = _lock_proposal(proposal_id, substitute=by)
    assignment = _duty_of(event, proposal.person)
    substitute = people[by.pk]
    _refuse_first(event, assignment, substitute, at=at)
    proposals.close(event, proposal, HandOverState.ACCEPTED, by=by, at=at)
    swapped = _swap(event, assignment, substitute, at=at)
    _follow_up(event, swapped, at=at)
    _tell("handover_accepted", event, proposal, proposal.person, substitute, event.responsible_person)
    return swapped


def _swap(event: Event, assignment: Assignment, substitute: User, *, at: datetime) -> Assignment:
    words = {"person": assignment.person.name, "substitute": substitute.name, "event": event.name}
    summary = audit.sentence(_("%(substitute)s took the duty of %(person)s on %(event)s over"), words)
    swapped = Assignment(
        event=event, position=assignment.position, person=substitute, assigned_by=substitute, assigned_at=at
    )
    with audit.trail(by=substitute, kind="delete", summary=summary):
        assignment.delete()
    with audit.trail(by=substitute, kind="create", summary=summary):
        swapped.save()
    return swapped


def _follow_up(event: Event, swapped: Assignment, *, at: datetime) -> None:
    """Settle what depends on who is there: other questions to the substitute, the lead, places held for them."""
    substitute = swapped.person
    given_up = offers.joined(event, swapped.position, substitute, by=substitute, at=at)
    proposals.of_substitute(event, substitute, at=at)
    responsible.replace_if_unfit(event)
    responsible.choose_if_missing(event, substitute)
    event.conditions_read = None
    settle_capacity(event, at=at)
    notifications.places_available(event, given_up, at=at)


# --- what the rules ask about ------------------------------------------------------------------------------------


def _refuse_first(event: Event, assignment: Assignment, substitute: User, *, at: datetime) -> None:
    for reason in refusals(event, assignment, substitute, at=at):
        raise DomainError(reason)


def refusals(event: Event, assignment: Assignment, substitute: User, *, at: datetime) -> Sequence[Promise | str]:
    """Return why the duty cannot pass from its person to the substitute, the weightiest reason first."""
    giving = replace(crew.facts_to_leave(event, assignment.person), has_started=event.start <= at)
    taking = _facts_of(event, assignment, substitute)
    return [*objections(eligibility.TO_HAND_OVER, giving), *objections(eligibility.TO_STEP_IN, taking)]


def _facts_of(event: Event, assignment: Assignment, substitute: User) -> Facts:
    return replace(
        crew.facts_to_leave(event, substitute),
        has_right=substitute.has_perm("events.assign_own"),
        already_on_event=event.assignments.filter(person=substitute).exists(),
        is_qualified=_is_fit(event, assignment, substitute),
    )


def _is_fit(event: Event, assignment: Assignment, substitute: User) -> bool:
    if assignment.position_id is not None:
        return Position.objects.filter(pk=assignment.position_id).fillable_by(substitute).exists()
    leaving, joining = (crew.held_on_duty(event, person) for person in (assignment.person, substitute))
    return event.crew_of_now().may_pass(leaving, joining)


# --- locks and words ---------------------------------------------------------------------------------------------


def _lock_people(*keys: Any) -> dict[Any, User]:
    """Lock the people by key; unknown ones are left out."""
    found = User.objects.select_for_update(no_key=True).filter(pk__in={_as_key(key) for key in keys} - {None})
    return {person.pk: person for person in found.order_by("pk")}


def _as_key(value: Any) -> Any:
    try:
        return User._meta.pk.to_python(value)
    except ValidationError:
        return None


def _duty_of(event: Event, person: Any) -> Assignment:
    assignment = event.assignments.select_related("person", "position").filter(person=person).first()
    if assignment is None:
        raise DomainError(_("You are not signed up for this event."))
    return assignment


def _lock_proposal(proposal_id: int, **whose: Any) -> tuple[Event, HandOver]:
    """Lock the event of the proposal and read it afresh; one that is not `whose` is answered as if there were none."""
    proposals_of = HandOver.objects.filter(pk=proposal_id, **whose)
    event_id = proposals_of.values_list("event", flat=True).first()
    if event_id is None:
        raise Gone(_("The proposal does not exist."))
    event = lock_event(event_id)
    proposal = proposals_of.open().select_related("person", "substitute").first()
    if proposal is None:
        raise DomainError(_("This proposal is not open any more."))
    return event, proposal


def _tell(code: str, event: Event, proposal: HandOver, *people: Any) -> None:
    keys = {person.pk for person in people if person is not None}
    notifications.notify_people(code, event, keys, {"hand_overs": [proposal.pk]})

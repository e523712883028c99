"""Permission checks on events, with the state of the event; views and services ask here or `user.has_perm` directly."""

from __future__ import annotations

from typing import Any

from events.models import Event, Position
from events.rules import eligibility, lifecycle
from events.rules.eligibility import Facts
from events.rules.lifecycle import Status, Transition
from events.services.archiving import archive_permission


def may_view(user: Any, event: Event) -> bool:
    """Drafts need the right to see drafts; everything else the right to see events."""
    needed = "events.view_draft_event" if event.status == Status.DRAFT else "events.view_event"
    return bool(user.has_perm(needed))


def may_edit(user: Any, event: Event) -> bool:
    """Say whether the person may edit this event now."""
    return not (event.is_final or event.is_archived) and user.has_perm("events.change_event", event)


def may_manage_crew(user: Any, event: Event) -> bool:
    """Say whether the person may assign and remove others on this event."""
    return bool(user.has_perm("events.assign_other", event))


def may_message(user: Any, event: Event) -> bool:
    """Say whether the person may write to those on this event now."""
    return not event.is_archived and bool(user.has_perm("events.send_notification", event))


def can_be_filled(event: Event) -> bool:
    """Say whether people may be put on this event as it stands; a single position may be taken already."""
    return not eligibility.objections(eligibility.TO_ASSIGN, facts_about(event))


def can_be_emptied(event: Event) -> bool:
    """Say whether people may be taken off this event as it stands."""
    return not eligibility.objections(eligibility.TO_REMOVE, facts_about(event))


def may_choose_leader(user: Any, event: Event) -> bool:
    """Say whether the person may name the responsible person of this event now."""
    return not (event.is_final or event.is_archived) and user.has_perm("events.set_responsible_person", event)


def facts_about(event: Event, position: Position | None = None) -> Facts:
    """Return what the rules of assigning and removing ask, before anybody is chosen."""
    return Facts(
        status=event.status,
        is_archived=event.is_archived,
        by_conditions=event.by_conditions,
        position_free=position is None or position.occupant is None,
        is_full=event.by_conditions and event.staffing.is_full,
    )


def may_archive(user: Any, event: Event) -> bool:
    """Say whether the person may put this event away now."""
    return not event.is_archived and user.has_perm(archive_permission(event.status), event)


def may_split(user: Any, event: Event) -> bool:
    """Say whether the person may cut this event in two now."""
    return not (event.is_final or event.is_archived) and user.has_perm("events.add_event")


def may_repeat(user: Any, event: Event) -> bool:
    """Say whether the person may make events after this one; its own status does not matter."""
    return not event.master_event.is_archived and user.has_perm("events.add_event")


def may_delete(user: Any, event: Event) -> bool:
    """Say whether the person may delete this event for good."""
    return event.is_archived and user.has_perm("events.delete_event", event)


def permitted_transitions(user: Any, event: Event) -> list[Transition]:
    """Return the moves that are possible now and that the person may make, in the order of the table."""
    full = event.status in lifecycle.TRANSITIONS["open"].sources and event.staffing.is_booked_out
    moves = lifecycle.possible_by_hand(event.status, archived=event.is_archived, full=full)
    return [move for move in moves if user.has_perm(move.permission, event)]


def crew_facts(user: Any, event: Event, *, on_event: bool) -> Facts:
    """Return what the rules of eligibility ask about the person and the event, before a place is chosen.

    Costs no query when the event came with its master event.
    """
    return Facts(
        status=event.status,
        is_archived=event.is_archived,
        has_right=user.has_perm("events.assign_own"),
        is_coordinated=event.master_event.is_coordinated,
        may_assign_others=user.has_perm("events.assign_other"),
        already_on_event=on_event,
    )


def seat_facts(user: Any, event: Any) -> Facts:
    """As `crew_facts`, of an event staffed by conditions, with the seat that it may have for the person.

    Costs no query when the event was read `with_staffing` and `with_part_of` the person.
    """
    crew = event.crew.met_by(user.pk)
    return eligibility.with_room(crew_facts(user, event, on_event=event.is_mine), crew, event.my_holdings)


def may_take_seat(user: Any, event: Any) -> bool:
    """Say whether the event is staffed by conditions and the person could join it now; reads as `seat_facts`."""
    if not event.by_conditions or not may_join_somewhere(user, event, on_event=event.is_mine):
        return False
    return not eligibility.objections(eligibility.TO_JOIN, seat_facts(user, event))


def may_join_somewhere(user: Any, event: Event, *, on_event: bool) -> bool:
    """Say whether the person could take a place on this event, were there a free one that fits."""
    return not eligibility.objections(eligibility.TO_JOIN_SOMEWHERE, crew_facts(user, event, on_event=on_event))

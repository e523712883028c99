"""Who may do what with an event; views and services ask here or `user.has_perm` directly."""

from __future__ import annotations

from typing import Any

from events.models import Event
from events.rules import lifecycle
from events.rules.lifecycle import Status, Transition
from events.services.archiving import archive_permission


def may_view(user: Any, event: Event) -> bool:
    """Drafts need the right to see drafts; everything else the right to see events."""
    needed = "events.view_draft_event" if event.status == Status.DRAFT else "events.view_event"
    return bool(user.has_perm(needed))


def may_edit(user: Any, event: Event) -> bool:
    """Say whether the person may edit this event now."""
    return not event.is_final and user.has_perm("events.change_event", event)


def may_manage_crew(user: Any, event: Event) -> bool:
    """Say whether the person may assign and remove others on this event."""
    return bool(user.has_perm("events.assign_other", event))


def may_archive(user: Any, event: Event) -> bool:
    """Say whether the person may put this event away now."""
    return not event.is_archived and user.has_perm(archive_permission(event.status), event)


def permitted_transitions(user: Any, event: Event) -> list[Transition]:
    """Return the moves that are possible now and that the person may make, in the order of the table."""
    moves = lifecycle.possible_by_hand(event.status, archived=event.is_archived)
    return [move for move in moves if user.has_perm(move.permission, event)]

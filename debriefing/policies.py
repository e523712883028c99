"""Permission checks on debriefings; views and services ask here or `user.has_perm` directly."""

from __future__ import annotations

from typing import Any

from debriefing import rules
from debriefing.need_querysets import SETTLE
from debriefing.need_rules import Kind
from debriefing.querysets import VIEW_ALL, VIEW_OWN
from events.models import Assignment, Event

SUBMIT_OWN, MANAGE = "debriefing.submit_own_debriefing", "debriefing.manage_debriefings"

#: What somebody may ask for more of only when they may see what there is of it.
_SEEN_BY = {Kind.PEOPLE: "credentials.view_qualification", Kind.EQUIPMENT: "equipment.view_equipment"}


def may_open(user: Any, assignment: Assignment) -> bool:
    """Say whether the person may open the debriefing of this duty: only whose duty it is, whatever others may do."""
    return assignment.person_id == user.pk and bool(user.has_perm(VIEW_OWN))


def may_submit(user: Any, assignment: Assignment) -> bool:
    """Say whether the person may hand in the debriefing of this duty."""
    return assignment.person_id == user.pk and bool(user.has_perm(SUBMIT_OWN))


def may_read_all(user: Any) -> bool:
    """Say whether the person may read everybody's confidential answers."""
    return bool(user.has_perm(VIEW_ALL))


def may_manage(user: Any) -> bool:
    """Say whether the person looks after debriefings: sees who is missing and reminds them."""
    return bool(user.has_perm(MANAGE))


def may_settle(user: Any) -> bool:
    """Say whether the person sees what debriefings ask for, and deals with it."""
    return bool(user.has_perm(SETTLE))


def may_want(user: Any, kind: str) -> bool:
    """Say whether the person may choose from what there is of people's qualifications or of equipment."""
    return bool(user.has_perm(_SEEN_BY[Kind(kind)]))


def may_see_stock(user: Any) -> bool:
    """Say whether names of consumables are offered to the person."""
    return bool(user.has_perm(_SEEN_BY[Kind.EQUIPMENT]))


def leader_part_for(user: Any, event: Event) -> rules.LeaderPart | None:
    """Return what the person is asked as the responsible person of the event; None when they are not, or nothing is.

    That they are on the event the caller knows.
    """
    return rules.leader_part(event.kind) if event.responsible_person_id == user.pk else None

"""Rights of the reader of an event page on its crew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from events import policies
from events.models import Event
from events.services.responsible import read_leaders_among_crew


@dataclass(frozen=True)
class Management:
    """Rights on the crew of one event, as it stands; most readers have none."""

    may_assign: bool = False
    may_remove: bool = False
    #: Participants who could be responsible in place of whoever is; empty without the right to choose.
    leaders: Sequence[Any] = ()


def management_of(event: Any, reader: Any) -> Management:
    """Read it; two queries at most when the event came with staffing, master event and the reader's part."""
    fillable, emptiable = policies.can_be_filled(event), policies.can_be_emptied(event)
    # Without the right for all events only a participant may have it here; the others cost no query.
    could = event.is_mine or reader.has_perm("events.assign_other")
    manages = (fillable or emptiable) and could and policies.may_manage_crew(reader, event)
    return Management(
        may_assign=manages and fillable,
        may_remove=manages and emptiable,
        leaders=_other_leaders(event) if policies.may_choose_leader(reader, event) else (),
    )


def _other_leaders(event: Event) -> list[Any]:
    return [person for person in read_leaders_among_crew(event) if person.pk != event.responsible_person_id]

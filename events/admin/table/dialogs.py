"""Dialogs of the table manager: editing an event, choosing a person, confirming."""

from __future__ import annotations

from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.admin.table.rows import ONWARDS
from events.models import Event
from events.querysets import people_to_choose_from
from events.querysets.conflicts import wanted_rest
from events.rules.lifecycle import TRANSITIONS
from events.services.table import LONGEST_NAME, SWATCHES
from medcover.common.text import key_in

#: So many people are offered at once; whoever is not among them is found by typing.
OFFERED = 12


def dialog(event: Event, asked: QueryDict) -> tuple[str, dict[str, Any]]:
    """Return the template and what it shows for the question that is asked; 404 for one that does not exist."""
    kind = asked.get("kind", "")
    if kind == "edit":
        return "admin/events/masterevent/_table_edit.html", _editing(event)
    if kind == "assign":
        return "admin/events/masterevent/_table_assign.html", _choosing(event, asked)
    if kind == "confirm":
        return "admin/events/masterevent/_table_confirm.html", _confirming(event, asked.get("do", ""))
    raise Http404


def _editing(event: Event) -> dict[str, Any]:
    start, end = timezone.localtime(event.start), timezone.localtime(event.end)
    return {"start": start, "end": end, "swatches": SWATCHES, "longest_name": LONGEST_NAME}


def _choosing(event: Event, asked: QueryDict) -> dict[str, Any]:
    position = event.positions.with_crew().filter(pk=key_in(asked.get("position"))).first()
    if position is None:
        raise Http404
    text, everyone = asked.get("q", "").strip(), asked.get("everyone") == "1"
    people = people_to_choose_from(position, rest=wanted_rest(), everyone=everyone).matching(text)
    found = list(people[: OFFERED + 1])
    return {
        "position": position,
        "people": found[:OFFERED],
        "has_more": len(found) > OFFERED,
        "text": text,
        "everyone": everyone,
    }


def asking_for_reason(event: Event, position_id: int, person: Any, concern: str) -> dict[str, Any]:
    """Return what the question for the reason of an exception shows."""
    return {"event": event, "position_id": position_id, "person": person, "concern": concern}


def _confirming(event: Event, do: str) -> dict[str, Any]:
    words = do.split(":")
    if words[0] == "advance" and words[-1] in ONWARDS:
        move = TRANSITIONS[words[-1]]
        return {"do": do, "title": move.label, "sentence": _CONSEQUENCES[move.code], "label": move.label}
    if words[0] == "archive":
        return {"do": do, "title": _("Archive"), "sentence": _CONSEQUENCES["archive"], "label": _("Archive")}
    if words[0] == "remove":
        return {"do": do, "label": _("Sign off"), "sentence": _CONSEQUENCES["remove"], "title": _who(event, words[-1])}
    raise Http404


_CONSEQUENCES: dict[str, Promise | str] = {
    "publish": _("All members will see the event and are told about it."),
    "open": _("Members will be able to sign up for free positions and are told about it."),
    "archive": _("The draft disappears from lists and calendars."),
    "remove": _("The place becomes free, and the person is told."),
}


def _who(event: Event, assignment_id: str) -> str:
    assignment = event.assignments.select_related("person").filter(pk=key_in(assignment_id)).first()
    if assignment is None:
        raise Http404
    return str(_("Sign off: %s") % assignment.person)

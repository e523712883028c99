"""Changes of an event in mails: merging two sets of them, and writing them for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from medcover.common import formats
from medcover.common.czech import MISSING
from notifications.registry import Payload

#: Fields in the order of the form, with the names they have in mails.
LABELS = {
    "name": _("Name of the event"),
    "master_event": _("Master event"),
    "kind": _("Type of event"),
    "start": _("Start of the event"),
    "end": _("End of the event"),
    "address": _("Venue"),
    "contact": _("Contact person"),
    "description": _("Description"),
    "is_paid": _("Paid event"),
    "responsible_person": _("Responsible person"),
    "signups_open_at": _("Opening of sign-ups"),
    "planned_participants": _("Planned number of participants"),
}


@dataclass(frozen=True)
class Row:
    """One line of the table of changes, in words."""

    label: str
    before: str
    after: str

    def indented(self) -> Row:
        """Return the row for plain text, where only the indent shows that further lines belong to a value."""
        return Row(self.label, _hanging(self.before), _hanging(self.after))


def _hanging(text: str) -> str:
    return "\n    ".join(text.splitlines())


def merge(old: Payload, new: Payload) -> Payload | None:
    """Keep the oldest old and the newest new of each field; None when everything is back as it was."""
    changes = dict(old.get("changes", {}))
    for name, (before, after) in new.get("changes", {}).items():
        first = changes[name][0] if name in changes else before
        changes[name] = [first, after]
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    return {**new, "changes": changes} if changes else None


def rows(changes: Mapping[str, tuple[Any, Any]]) -> list[Row]:
    """Return the changes as the active language and zone write them, in the order of the form."""
    return [
        Row(str(label), _words(name, changes[name][0]), _words(name, changes[name][1]))
        for name, label in LABELS.items()
        if name in changes
    ]


def _words(name: str, value: Any) -> str:
    if value is None or value == "":
        return MISSING
    return _WRITERS.get(name, str)(value)


def _moment(value: str) -> str:
    return formats.date_time(datetime.fromisoformat(value), timezone.get_current_timezone())


def _yes_or_no(value: bool) -> str:
    return str(_("Yes") if value else _("No"))


def _kind(value: str) -> str:
    return str(Event.Kind(value).label)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "start": _moment,
    "end": _moment,
    "signups_open_at": _moment,
    "is_paid": _yes_or_no,
    "kind": _kind,
}

"""Quick edits of the table manager: each is an ordinary edit, said in one step.

Participants are told what the same change by the form would tell them; several changes waiting for delivery join.
All raise NotAllowed, StaleRecord when the row on the screen is old, and DomainError with the broken rule.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.services.planning import edit_event
from medcover.common.errors import DomainError
from medcover.common.text import tidy

Edge = Literal["start", "end"]
Moved = dict[Edge, datetime]

#: Longer names do not fit the table.
LONGEST_NAME = 200

#: The colours offered for a row, from red to grey; light enough for dark text and told apart in the dark.
SWATCHES = (
    "#F8C8C8", "#FBD9B5", "#FFF1B3", "#D5EDC2", "#BFE6D8", "#C4E3F7", "#CFD4F6", "#E8CFF0", "#DEE2E6",
)  # fmt: skip


def rename(event_id: int, name: str, *, by: Any, version: int | None) -> Event:
    """Give the event another name."""
    if len(tidy(name)) > LONGEST_NAME:
        raise DomainError(_("The name may have at most %d characters here.") % LONGEST_NAME)
    return edit_event(event_id, by=by, version=version, name=tidy(name))


def shift_days(event: Event, days: int, *, by: Any, version: int | None) -> Event:
    """Move the event by whole days; the clock on the wall stays."""
    by_days = timedelta(days=days)
    moved: Moved = {"start": _wall_clock(event.start, by_days), "end": _wall_clock(event.end, by_days)}
    return _reschedule(event, moved, by=by, version=version)


def shift_hours(event: Event, edge: Edge, hours: int, *, by: Any, version: int | None) -> Event:
    """Move one end of the event by hours that really pass."""
    moved: Moved = {edge: getattr(event, edge) + timedelta(hours=hours)}
    return _reschedule(event, moved, by=by, version=version)


def set_time(event: Event, edge: Edge, day: date, clock: time, *, by: Any, version: int | None) -> Event:
    """Set one end of the event to a local day and time."""
    moment = datetime.combine(day, clock, tzinfo=timezone.get_current_timezone()).astimezone(UTC)
    return _reschedule(event, {edge: moment}, by=by, version=version)


def _wall_clock(moment: datetime, by: timedelta) -> datetime:
    local = timezone.localtime(moment)
    return datetime.combine(local.date() + by, local.time(), tzinfo=local.tzinfo).astimezone(UTC)


def _reschedule(event: Event, moved: Moved, *, by: Any, version: int | None) -> Event:
    start, end = moved.get("start", event.start), moved.get("end", event.end)
    if end <= start:
        wrong_start = "start" in moved and "end" not in moved
        raise DomainError(
            _("The start must be before the end of the event.")
            if wrong_start
            else _("The end of the event must be after its start.")
        )
    fields: dict[str, Any] = dict(moved) | _opening(event, start)
    return edit_event(event.pk, by=by, version=version, **fields)


def _opening(event: Event, start: datetime) -> dict[str, Any]:
    """Sign-ups that would open after the new start keep their distance from it."""
    opens = event.signups_open_at
    if opens is None or opens < start:
        return {}
    return {"signups_open_at": opens - (event.start - start)}


def set_colour(event_id: int, colour: str, *, by: Any, version: int | None) -> Event:
    """Tint the event's row with one of the swatches, or with nothing."""
    if colour and colour not in SWATCHES:
        raise DomainError(_("Choose one of the offered colours."))
    return edit_event(event_id, by=by, version=version, colour=colour)

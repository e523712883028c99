"""Previous and next event: the list is remembered in the session, the event's page reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

#: Where the session keeps the keys of the events that the list showed last, in its order.
SHOWN = "events_shown"


@dataclass(frozen=True)
class Neighbours:
    """The event's place among those that the list showed; the keys of those beside it, None at the ends."""

    place: int
    count: int
    previous: int | None
    next: int | None


def remember(request: HttpRequest, keys: Iterable[int]) -> None:
    """Keep what the list shows now; a session that knows it already is not written again."""
    shown = list(keys)
    if request.session.get(SHOWN) != shown:
        request.session[SHOWN] = shown


def neighbours_of(request: HttpRequest, key: int) -> Neighbours | None:
    """Return the event's neighbours; None when the list did not show it."""
    shown: list[int] = request.session.get(SHOWN, [])
    if key not in shown:
        return None
    place = shown.index(key)
    return Neighbours(
        place=place + 1,
        count=len(shown),
        previous=shown[place - 1] if place else None,
        next=shown[place + 1] if place + 1 < len(shown) else None,
    )

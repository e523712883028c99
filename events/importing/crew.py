"""The people named on one event, whichever form they come from."""

from __future__ import annotations

from collections.abc import Iterable

from events.importing.doubts import DoubtKind, Place
from events.importing.names import is_name, person_key
from events.importing.records import NAME_LENGTH


def crew_of(responsible: str, signups: Iterable[str], place: Place) -> tuple[str, tuple[str, ...]]:
    """Return the responsible person's name (or "") and the sign-ups: names only, each person once.

    Whoever is named twice, in whatever spelling, would otherwise take two places on one event.
    """
    lead = _named(responsible, place)
    seen = {person_key(lead)} if lead else set()
    kept = []
    for written in signups:
        name = _named(written, place)
        if not name:
            continue
        if person_key(name) in seen:
            place.doubt(DoubtKind.PERSON_REPEATED, name)
            continue
        seen.add(person_key(name))
        kept.append(name)
    return lead, tuple(kept)


def _named(written: str, place: Place) -> str:
    if written and not is_name(written):
        place.doubt(DoubtKind.PERSON_DROPPED, written)
        return ""
    return place.fit(written, NAME_LENGTH)

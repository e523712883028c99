"""A season as plain data that survives between two requests, and back, with nothing lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, time
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from events.importing.doubts import Doubt, DoubtKind
from events.importing.records import Season, SheetEvent, SheetPerson


def data_of(season: Season) -> dict[str, Any]:
    """Return the season as lists, dictionaries and texts."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(season), cls=DjangoJSONEncoder))
    return data


def season_of(data: dict[str, Any]) -> Season:
    """Return the season that `data_of` was given."""
    return Season(
        events=tuple(_event(entry) for entry in data["events"]),
        people=tuple(SheetPerson(**entry) for entry in data["people"]),
        skipped=tuple(_doubt(entry) for entry in data["skipped"]),
        doubts=tuple(_doubt(entry) for entry in data["doubts"]),
    )


def _event(entry: dict[str, Any]) -> SheetEvent:
    read = {
        "day": date.fromisoformat(entry["day"]),
        "start_time": _time(entry["start_time"]),
        "end_time": _time(entry["end_time"]),
        "signups": tuple(entry["signups"]),
        "leader": UUID(entry["leader"]) if entry["leader"] else None,
    }
    return SheetEvent(**{**entry, **read})


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _doubt(entry: dict[str, Any]) -> Doubt:
    return Doubt(**{**entry, "kind": DoubtKind(entry["kind"])})

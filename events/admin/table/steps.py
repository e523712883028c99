"""Buttons of the table manager: the words that a button sends → one call of a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _

from credentials.models import Qualification
from events.admin.table.rows import ONWARDS
from events.models import Event
from events.rules.lifecycle import Status
from events.services import archiving, copying, crew, lifecycle, positions, table
from medcover.common.errors import DomainError
from medcover.common.text import key_in


class Step:
    """One press of a button of the table, as its form sent it."""

    def __init__(self, event: Event, words: list[str], data: Mapping[str, str], *, by: Any, version: int) -> None:
        self.event, self.words, self.data, self.by, self.version = event, words, data, by, version

    def word(self, number: int) -> str:
        """Return a word after the first; 400 when there is none."""
        try:
            return self.words[number]
        except IndexError as error:
            raise BadRequest("step") from error

    def number(self, number: int) -> int:
        """Return a word as a number."""
        try:
            return int(self.word(number))
        except ValueError as error:
            raise BadRequest("step") from error

    def edge(self) -> table.Edge:
        """Return which end of the event is meant."""
        if self.word(1) == "start":
            return "start"
        if self.word(1) == "end":
            return "end"
        raise BadRequest("step")


def take(step: Step) -> list[int]:
    """Carry the step out; return the keys of events to draw anew. Raises NotAllowed, StaleRecord, DomainError."""
    handler = _STEPS.get(step.words[0])
    if handler is None:
        raise BadRequest("step")
    return [step.event.pk, *handler(step)]


def _rename(step: Step) -> list[int]:
    table.rename(step.event.pk, step.data.get("name", ""), by=step.by, version=step.version)
    return []


def _days(step: Step) -> list[int]:
    table.shift_days(step.event, _one(step.number(1)), by=step.by, version=step.version)
    return []


def _hours(step: Step) -> list[int]:
    table.shift_hours(step.event, step.edge(), _one(step.number(2)), by=step.by, version=step.version)
    return []


def _one(steps: int) -> int:
    if abs(steps) != 1:
        raise BadRequest("step")
    return steps


def _time(step: Step) -> list[int]:
    try:
        day, clock = parse_date(step.data.get("day", "")), parse_time(step.data.get("clock", ""))
    except ValueError:
        day = clock = None
    if day is None or clock is None:
        raise DomainError(_("Enter a date and a time."))
    table.set_time(step.event, step.edge(), day, clock, by=step.by, version=step.version)
    return []


def _count(step: Step) -> list[int]:
    keys = {key_in(key) for key in step.word(1).split("-")} - {0}
    demanded = list(Qualification.objects.filter(pk__in=keys))
    positions.resize_group(step.event.pk, demanded, step.number(2), by=step.by, version=step.version)
    return []


def _colour(step: Step) -> list[int]:
    table.set_colour(step.event.pk, step.data.get("colour", ""), by=step.by, version=step.version)
    return []


def _advance(step: Step) -> list[int]:
    if step.word(1) not in ONWARDS:
        raise BadRequest("step")
    lifecycle.transition(step.event.pk, step.word(1), by=step.by, at=timezone.now(), version=step.version)
    return []


def _clone(step: Step) -> list[int]:
    return [copying.clone_event(step.event.pk, by=step.by, at=timezone.now()).pk]


def _archive(step: Step) -> list[int]:
    if step.event.status != Status.DRAFT:
        raise DomainError(_("Only drafts can be archived here."))
    archiving.archive_event(step.event.pk, by=step.by, version=step.version)
    return []


def _assign(step: Step) -> list[int]:
    person, reason = step.data.get("person", ""), step.data.get("reason", "")
    crew.assign(step.number(1), person, by=step.by, at=timezone.now(), override_reason=reason)
    return []


def _remove(step: Step) -> list[int]:
    crew.remove(step.number(1), by=step.by)
    return []


_STEPS: dict[str, Callable[[Step], list[int]]] = {
    "rename": _rename,
    "days": _days,
    "hours": _hours,
    "time": _time,
    "count": _count,
    "colour": _colour,
    "advance": _advance,
    "clone": _clone,
    "archive": _archive,
    "assign": _assign,
    "remove": _remove,
}

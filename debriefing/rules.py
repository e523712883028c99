"""Rules of debriefing, on plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import IntegerChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.rules.planning import Kind
from medcover.common.intervals import hours

#: How long after being asked whoever has not answered is reminded.
GENTLE_AFTER, LAST_AFTER = timedelta(days=3), timedelta(days=10)
#: Between two reminders by hand at least so much time passes.
BETWEEN_REMINDERS = timedelta(hours=24)

#: Longer than any sheet of paper; more is a mistake or an attack.
TEXT_LIMIT = 5000
MATERIAL_ROWS, MOST_OF_MATERIAL = 8, 999
MOST_PEOPLE = 999
#: So long before the start and after the end of an event somebody may have been at work for it.
AROUND = timedelta(hours=24)


class NoteStatus(IntegerChoices):
    """Whether something was unusual; 0 is only for what was imported."""

    NONE = 0, _("No notes")
    USUAL = 1, _("No, everything was as usual.")
    DESCRIBED = 2, _("Yes, something was unusually good or bad. I describe it below.")
    LATER = (
        3,
        _("Yes, something was unusually good or bad, but I have no time to write it down – let us talk about it."),
    )


#: What can be chosen; the rest comes from imports.
CHOOSABLE = (NoteStatus.USUAL, NoteStatus.DESCRIBED, NoteStatus.LATER)
#: The confidential texts.
TEXTS = ("feedback_event", "feedback_customer", "feedback_colleagues")


class LeaderPart(NamedTuple):
    """What the responsible person is asked about an event of some kind."""

    title: Promise
    count_label: Promise
    is_required: bool
    count_refusal: Promise


_LEADER_PARTS: dict[str, LeaderPart] = {
    Kind.MEDICAL: LeaderPart(
        _("Part of the responsible person"),
        _("Number of people treated"),
        True,
        _("Write how many people were treated, as a whole number from 0 to 999."),
    ),
    Kind.TRAINING: LeaderPart(
        _("Part of the responsible person (trainer)"),
        _("Real number of participants"),
        False,
        _("Write how many participants came, as a whole number from 0 to 999."),
    ),
}


def leader_part(kind: str) -> LeaderPart | None:
    """Return what the responsible person of such an event is asked; None where nothing is."""
    return _LEADER_PARTS.get(kind)


def counts_people(kind: str) -> bool:
    """Say whether a number of people is known after such an event."""
    return kind in _LEADER_PARTS


@dataclass(frozen=True)
class Actual:
    """How an event really was: from when until when, and how many people were treated or came."""

    start: datetime | None = None
    end: datetime | None = None
    count: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is known."""
        return self.start is None and self.end is None and self.count is None


@dataclass(frozen=True)
class OwnTime:
    """How long somebody was there: times, or hours with one decimal; neither means the whole event."""

    start: datetime | None = None
    end: datetime | None = None
    hours: Decimal | None = None


#: Name of a field, or of a group of fields, and what is wrong with it.
Fault = tuple[str, Promise]


def faults_of_actual(given: Actual, part: LeaderPart) -> Iterator[Fault]:
    """Yield what is wrong with what the responsible person says."""
    if part.is_required and given.start is None:
        yield "actual_start", _("Write when the event really began.")
    if part.is_required and given.end is None:
        yield "actual_end", _("Write when the event really ended.")
    if given.start and given.end and given.end <= given.start:
        yield "actual_end", _("The event has to end later than it began.")
    if (part.is_required and given.count is None) or (given.count is not None and not 0 <= given.count <= MOST_PEOPLE):
        yield "post_event_count", part.count_refusal


def faults_of_own_time(given: OwnTime, start: datetime, end: datetime) -> Iterator[Fault]:
    """Yield what is wrong with the time somebody says they were at an event that lasted from `start` until `end`."""
    if (given.start or given.end) and given.hours is not None:
        yield "own_hours", _("Give either the times or the number of hours, not both.")
    elif (given.start is None) != (given.end is None):
        yield "own_end" if given.start else "own_start", _("Give both times, or neither of them.")
    elif given.start and given.end:
        yield from _faults_of_times(given.start, given.end, start, end)
    elif given.hours is not None:
        yield from _faults_of_hours(given.hours, start, end)


def _faults_of_times(own_start: datetime, own_end: datetime, start: datetime, end: datetime) -> Iterator[Fault]:
    if own_end <= own_start:
        yield "own_end", _("The time until has to be later than the time from.")
    elif hours(own_start, own_end) <= 0:
        yield "own_end", _("Such a short time cannot be counted as hours.")
    elif own_start < start - AROUND or own_end > end + AROUND:
        yield "own_start", _("The times are more than a day away from the event. Check the dates.")


def _faults_of_hours(given: Decimal, start: datetime, end: datetime) -> Iterator[Fault]:
    if given <= 0:
        yield "own_hours", _("The number of hours has to be larger than zero.")
    elif given != given.quantize(Decimal("0.1")):
        yield "own_hours", _("Write the hours with one decimal place at the most.")
    elif given > hours(start - AROUND, end + AROUND):
        yield "own_hours", _("That is longer than the event with a day before and after it. Check the number.")


def kept_texts(note_status: int, texts: dict[str, str]) -> dict[str, str]:
    """Return the texts to be kept: what was written before somebody chose that they describe nothing is dropped."""
    return {name: texts.get(name, "") if note_status == NoteStatus.DESCRIBED else "" for name in TEXTS}

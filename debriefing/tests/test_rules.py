"""What is right and wrong in a debriefing, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from debriefing import rules
from debriefing.rules import Actual, NoteStatus, OwnTime
from events.rules.planning import Kind

START = datetime(2027, 5, 15, 16, tzinfo=UTC)
END = START + timedelta(hours=4)
HOUR = timedelta(hours=1)


def faulty(given: OwnTime) -> list[str]:
    return [name for name, _words in rules.faults_of_own_time(given, START, END)]


@pytest.mark.parametrize(
    "given",
    [
        OwnTime(),
        OwnTime(START + HOUR, END - HOUR),
        OwnTime(START - 24 * HOUR, END + 24 * HOUR),
        OwnTime(hours=Decimal("0.1")),
        OwnTime(hours=Decimal("2.5")),
        OwnTime(hours=Decimal(52)),
    ],
)
def test_own_time_that_can_be(given):
    assert faulty(given) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (OwnTime(START, END, Decimal(2)), "own_hours"),
        (OwnTime(start=START), "own_end"),
        (OwnTime(end=END), "own_start"),
        (OwnTime(END, START), "own_end"),
        (OwnTime(START, START), "own_end"),
        (OwnTime(START, START + timedelta(minutes=1)), "own_end"),
        (OwnTime(START - 25 * HOUR, END), "own_start"),
        (OwnTime(START, END + 25 * HOUR), "own_start"),
        (OwnTime(hours=Decimal(0)), "own_hours"),
        (OwnTime(hours=Decimal(-1)), "own_hours"),
        (OwnTime(hours=Decimal("1.25")), "own_hours"),
        (OwnTime(hours=Decimal("52.1")), "own_hours"),
    ],
)
def test_own_time_that_cannot_be(given, field):
    assert faulty(given) == [field]


def told(kind: Kind, given: Actual) -> list[str]:
    part = rules.leader_part(kind)
    assert part is not None
    return [name for name, _words in rules.faults_of_actual(given, part)]


def test_after_a_medical_cover_everything_has_to_be_said():
    assert told(Kind.MEDICAL, Actual()) == ["actual_start", "actual_end", "post_event_count"]
    assert told(Kind.MEDICAL, Actual(START, END, 0)) == []


def test_after_a_training_nothing_has_to_be_said():
    assert told(Kind.TRAINING, Actual()) == []
    assert told(Kind.TRAINING, Actual(count=999)) == []


@pytest.mark.parametrize("kind", [Kind.MEDICAL, Kind.TRAINING])
def test_what_is_said_has_to_make_sense(kind):
    assert told(kind, Actual(START, START, 1)) == ["actual_end"]
    assert told(kind, Actual(START, END, -1)) == ["post_event_count"]
    assert told(kind, Actual(START, END, 1000)) == ["post_event_count"]


def test_after_a_presentation_nothing_is_asked():
    assert rules.leader_part(Kind.PRESENTATION) is None
    assert not rules.counts_people(Kind.PRESENTATION)


@pytest.mark.parametrize("status", list(NoteStatus))
def test_texts_are_kept_only_with_the_answer_that_announces_them(status):
    texts = dict.fromkeys(rules.TEXTS, "něco")
    kept = rules.kept_texts(status, texts)
    assert kept == (texts if status == NoteStatus.DESCRIBED else dict.fromkeys(rules.TEXTS, ""))

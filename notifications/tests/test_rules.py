"""Pure decisions about messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules import SUBJECT_LENGTH, earlier, next_attempt, subject_line

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)


def test_waits_grow_and_the_sixth_failure_is_the_last():
    waits = [next_attempt(failures, NOW) for failures in range(1, 7)]
    minutes = [int((moment - NOW).total_seconds() // 60) for moment in waits if moment]
    assert minutes == [1, 5, 30, 120, 720]
    assert waits[5] is None


@pytest.mark.parametrize(
    ("waiting", "new", "expected"),
    [
        (None, NOW, None),
        (NOW, None, None),
        (None, None, None),
        (NOW, NOW + timedelta(hours=1), NOW),
        (NOW + timedelta(hours=1), NOW, NOW),
    ],
)
def test_merging_never_postpones(waiting, new, expected):
    assert earlier(waiting, new) == expected


@given(st.text(max_size=400))
def test_a_subject_is_one_short_line_whatever_it_is_made_of(text):
    subject = subject_line(text)
    assert len(subject) <= SUBJECT_LENGTH
    assert len(subject.splitlines()) <= 1
    assert "\x00" not in subject

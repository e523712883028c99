"""Lines of iCalendar as the library reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.feeds.content_lines import WIDTH, clean, content_line, fold, text_line, utc

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400)


def read(*lines: bytes) -> icalendar.Event:
    entry = icalendar.Event.from_ical(b"".join([b"BEGIN:VEVENT\r\n", *lines, b"END:VEVENT\r\n"]))
    assert isinstance(entry, icalendar.Event)
    return entry


@given(texts)
def test_any_text_arrives_as_it_was_but_for_control_characters(text):
    assert str(read(text_line("DESCRIPTION", text))["description"]) == clean(text)


@given(texts)
def test_a_text_is_one_line_whose_pieces_are_whole_characters(text):
    line = text_line("SUMMARY", text)
    assert line.endswith(b"\r\n")
    first, *more = line[:-2].split(b"\r\n")
    assert all(piece.startswith(b" ") for piece in more)
    assert len(first) <= WIDTH
    assert all(len(piece) <= WIDTH + 1 for piece in more)
    for piece in (first, *more):
        piece.decode()
    assert len(read(line)) == 1


@given(texts)
def test_the_library_writes_the_same_line(text):
    entry = icalendar.Event()
    entry.add("summary", icalendar.vText(clean(text)))
    assert entry.to_ical() == b"".join([b"BEGIN:VEVENT\r\n", text_line("SUMMARY", text), b"END:VEVENT\r\n"])


@pytest.mark.parametrize(("text", "expected"), [
    ("a\x00b\x0bc\x7fd\x85e", "abcde"),
    ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
    ("řeka 👩‍⚕️", "řeka 👩‍⚕️"),
])  # fmt: skip
def test_control_characters_are_left_out(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(("length", "pieces"), [(WIDTH, 1), (WIDTH + 1, 2), (2 * WIDTH, 2), (2 * WIDTH + 1, 3)])
def test_only_what_is_too_long_is_folded(length, pieces):
    assert fold(b"x" * length).count(b"\r\n") == pieces


def test_moments_are_written_in_utc():
    moment = datetime(2027, 3, 28, 3, 30, 59, 999, tzinfo=timezone(timedelta(hours=2)))
    assert utc(moment) == "20270328T013059Z"
    line = content_line("DTSTART", utc(moment))
    assert read(line)["dtstart"].dt == datetime(2027, 3, 28, 1, 30, 59, tzinfo=UTC)

"""Dates and event times on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import translation

from medcover.common.formats import EventTimeStyle, date_time, event_hours, event_time, short_day

PRAGUE = ZoneInfo("Europe/Prague")
START = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
END = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)


def test_a_moment_is_written_in_the_site_zone() -> None:
    assert date_time(datetime(2026, 7, 3, 6, 5, tzinfo=UTC), PRAGUE) == "03.07.2026 08:05"


def test_no_moment_is_a_dash() -> None:
    assert date_time(None, PRAGUE) == "—"


def test_event_time_in_both_styles() -> None:
    with translation.override("cs"):
        assert event_time(START, END, EventTimeStyle.DURATION, PRAGUE) == "čt 20:00 (5,5 h)"
        assert event_time(START, END, EventTimeStyle.RANGE, PRAGUE) == "čt 20:00–01:30"


def test_an_unknown_style_reads_as_the_default() -> None:
    with translation.override("cs"):
        assert event_time(START, END, 7, PRAGUE) == "čt 20:00 (5,5 h)"


def test_an_english_reader_gets_english_days_and_decimals() -> None:
    with translation.override("en"):
        assert event_time(START, END, EventTimeStyle.DURATION, PRAGUE) == "Thu 20:00 (5.5 h)"


def test_without_an_active_language_the_page_is_czech() -> None:
    with translation.override(None):
        assert event_time(START, END, EventTimeStyle.RANGE, PRAGUE) == "čt 20:00–01:30"


def test_the_shown_duration_is_the_time_that_passes() -> None:
    night = (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC))
    with translation.override("cs"):
        assert event_time(*night, EventTimeStyle.DURATION, PRAGUE) == "so 22:00 (9 h)"


def test_beside_a_day_the_weekday_is_left_out() -> None:
    with translation.override("cs"):
        assert event_hours(START, END, EventTimeStyle.DURATION, PRAGUE) == "20:00 (5,5 h)"
        assert event_hours(START, END, EventTimeStyle.RANGE, PRAGUE) == "20:00–01:30"


def test_a_day_for_headings() -> None:
    with translation.override("cs"):
        assert short_day(date(2026, 11, 28)) == "so 28. 11."
        assert short_day(date(2027, 1, 2), with_year=True) == "so 2. 1. 2027"
    with translation.override("en"):
        assert short_day(date(2026, 11, 28)) == "Sat 28 Nov"

"""When the digest is due, over both changes of summer time; and words made of HTML and of odd options."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.digest.options import MOST_HTML, BlockOptions, ChoicesField, HtmlField, NumberField, SwitchField
from notifications.digest.plain_text import text_of
from notifications.digest.rules import beginning_of_hour, is_due

PRAGUE = ZoneInfo("Europe/Prague")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=PRAGUE, fold=fold)  # type: ignore[arg-type, misc]


def due(
    at: datetime, *, hours: int = 24, hour: int = 7, last: datetime | None = None, since: datetime = LONG_AGO
) -> bool:
    return is_due(frequency_hours=hours, preferred_hour=hour, last_sent=last, scheduled_at=since, at=at, zone=PRAGUE)


def sent_over(begin: datetime, end: datetime, *, step: timedelta = QUARTER, **schedule: Any) -> list[datetime]:
    """The moments of sending when somebody asks at every step."""
    found, at, last = [], begin.astimezone(UTC), schedule.pop("last", None)
    while at < end.astimezone(UTC):
        if due(at, last=last, **schedule):
            last = at
            found.append(at.astimezone(PRAGUE))
        at += step
    return found


class TestEverySoManyHours:
    @pytest.mark.parametrize("hours", [6, 12])
    def test_the_first_goes_at_once_and_the_next_after_that_time(self, hours):
        begin = local(2027, 5, 1, 3, 20)
        moments = sent_over(begin, begin + timedelta(days=2), step=timedelta(hours=1), hours=hours)
        assert moments == [begin + timedelta(hours=hours) * number for number in range(48 // hours)]

    def test_being_asked_a_little_early_does_not_cost_an_hour(self):
        last = local(2027, 5, 1, 3, 20)
        assert due(last + timedelta(hours=6, seconds=-20), hours=6, last=last)
        assert not due(last + timedelta(hours=5, minutes=50), hours=6, last=last)

    def test_hours_really_pass_over_a_change_of_summer_time(self):
        last = local(2027, 10, 31, 0, 0)
        assert not due(local(2027, 10, 31, 4, 30), hours=6, last=last)
        assert due(local(2027, 10, 31, 5, 0), hours=6, last=last)

    def test_a_sending_that_a_wrong_clock_put_into_the_future_does_not_stop_it(self):
        at = local(2027, 5, 1, 12, 0)
        assert due(at, hours=6, last=at + timedelta(days=400))
        assert not due(at, hours=6, last=at + timedelta(seconds=30))


class TestOnSoManyDays:
    @pytest.mark.parametrize(("hours", "days"), [(24, 1), (48, 2), (72, 3), (168, 7)])
    def test_it_goes_in_the_preferred_hour_every_so_many_days(self, hours, days):
        moments = sent_over(local(2027, 5, 1, 0, 5), local(2027, 6, 1, 0, 0), hours=hours, hour=7)
        assert [moment.day for moment in moments] == list(range(1, 32, days))
        assert {(moment.hour, moment.minute) for moment in moments} == {(7, 5)}

    def test_not_before_the_hour(self):
        assert not due(local(2027, 5, 1, 6, 59))
        assert due(local(2027, 5, 1, 7, 0))

    def test_once_a_day_whatever_happens(self):
        sent = local(2027, 5, 1, 7, 10)
        asked = [sent + timedelta(minutes=minutes) for minutes in range(0, 16 * 60, 7)]
        assert not any(due(at, last=sent) for at in asked)

    def test_a_worker_that_was_down_sends_later_that_day(self):
        yesterday = local(2027, 5, 1, 7, 10)
        assert due(local(2027, 5, 2, 22, 30), last=yesterday)

    def test_and_the_day_after_in_the_usual_hour_again(self):
        late = local(2027, 5, 2, 22, 30)
        assert not due(local(2027, 5, 3, 6, 30), last=late)
        assert due(local(2027, 5, 3, 7, 10), last=late)

    def test_a_day_that_passed_without_a_worker_is_not_made_up_for_at_night(self):
        assert not due(local(2027, 5, 3, 0, 10), last=local(2027, 5, 1, 7, 10))

    def test_a_schedule_made_in_the_afternoon_asks_for_nothing_that_morning(self):
        made = local(2027, 5, 1, 15, 0)
        assert sent_over(made, local(2027, 5, 3, 0, 0), since=made) == [local(2027, 5, 2, 7, 0)]

    def test_one_made_within_the_hour_asks_at_once(self):
        made = local(2027, 5, 1, 7, 20)
        assert due(local(2027, 5, 1, 7, 45), since=made)

    def test_the_days_are_those_of_the_site(self):
        evening = local(2027, 5, 1, 23, 30)
        assert not due(local(2027, 5, 1, 23, 50), hour=23, last=evening)
        assert due(local(2027, 5, 2, 0, 10), hour=0, last=evening)

    def test_a_clock_that_was_ahead_stops_it_for_no_longer_than_a_day(self):
        at = local(2027, 5, 1, 7, 10)
        assert due(at, last=at + timedelta(days=90))
        assert not due(at, last=at + timedelta(seconds=30))


class TestOverTheChangesOfSummerTime:
    """28 March 2027: two o'clock does not exist. 31 October 2027: it comes twice."""

    @pytest.mark.parametrize("hour", range(24))
    @pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 31)])
    @pytest.mark.parametrize("minutes", [5, 15, 60])
    def test_every_hour_is_good_for_one_mail_a_day(self, hour, month, day, minutes):
        begin, end = local(2027, month, day - 2, 0, 0), local(2027, month, day, 23, 59) + timedelta(days=1)
        moments = sent_over(begin + timedelta(minutes=3), end, hour=hour, step=timedelta(minutes=minutes))
        assert [moment.date() for moment in moments] == sorted({moment.date() for moment in moments})
        assert len(moments) >= 3

    def test_the_hour_that_is_skipped_begins_with_the_next_one(self):
        assert beginning_of_hour(date(2027, 3, 28), 2, PRAGUE) == datetime(2027, 3, 28, 1, tzinfo=UTC)
        moments = sent_over(local(2027, 3, 28, 0, 0), local(2027, 3, 28, 23, 0), hour=2)
        assert moments == [local(2027, 3, 28, 3, 0)]

    def test_the_hour_that_comes_twice_sends_the_first_time_only(self):
        moments = sent_over(local(2027, 10, 31, 0, 0), local(2027, 10, 31, 23, 0), hour=2)
        assert [moment.astimezone(UTC) for moment in moments] == [datetime(2027, 10, 31, 0, tzinfo=UTC)]

    def test_a_worker_that_slept_through_the_first_sends_in_the_second(self):
        assert due(local(2027, 10, 31, 2, 30, fold=1), hour=2, last=local(2027, 10, 30, 2, 5))


@given(
    hours=st.sampled_from([24, 48, 72, 168]),
    hour=st.integers(0, 23),
    start=st.integers(0, 2 * 365 * 24),
    steps=st.lists(st.integers(1, 600), min_size=20, max_size=60),
)
def test_never_twice_on_one_day_however_the_job_runs(hours, hour, start, steps):
    at, last, days = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start), None, []
    for minutes in steps:
        at += timedelta(minutes=minutes)
        if due(at, hours=hours, hour=hour, last=last):
            last = at
            days.append(at.astimezone(PRAGUE).date())
    assert all(second - first >= timedelta(hours=hours) for first, second in itertools.pairwise(days))


class OddOptions(BlockOptions):
    number = NumberField(label="n", default=5, most=50)
    switch = SwitchField(label="s", default=True)
    choices = ChoicesField(label="c", choices=[("a", "A"), ("b", "B")])
    content = HtmlField(label="h")


class TestOptions:
    @pytest.mark.parametrize(
        ("value", "read"),
        [
            (7, 7), ("7", 7), (0, 1), (-3, 1), (51, 50), ("9" * 30, 50), ("sedm", 5), ("", 5), (None, 5), ([], 5),
            ({}, 5), ("7.5", 5), (7.0, 7), (float("inf"), 5), (float("nan"), 5), ("١", 1),
        ],
    )  # fmt: skip
    def test_a_number_is_put_right(self, value, read):
        assert OddOptions.read({"number": value})["number"] == read

    @pytest.mark.parametrize("stored", [None, [], "text", 5, {"other": 1}])
    def test_what_is_no_set_of_options_gives_the_defaults(self, stored):
        assert OddOptions.read(stored) == {"title": "", "number": 5, "switch": True, "choices": [], "content": ""}

    def test_an_unchecked_box_is_no_and_a_missing_option_the_default(self):
        assert OddOptions.typed({"p-number": "3"}, prefix="p")["switch"] is False
        assert OddOptions.read({"number": 3})["switch"] is True

    def test_unknown_choices_are_left_out_and_the_rest_keep_their_order(self):
        assert OddOptions.read({"choices": ["b", "x", "a"]})["choices"] == ["a", "b"]
        assert OddOptions.read({"choices": "ab"})["choices"] == []

    def test_html_is_kept_as_it_is_within_reason(self):
        assert OddOptions.read({"content": " <b>x</b>\x00"})["content"] == " <b>x</b>"
        assert len(OddOptions.read({"content": "x" * (MOST_HTML + 1)})["content"]) == MOST_HTML

    @given(
        st.dictionaries(
            st.sampled_from(["title", "number", "switch", "choices", "content"]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                max_leaves=4,
            ),
        )
    )
    def test_nothing_that_a_row_could_hold_is_refused(self, stored):
        read = OddOptions.read(stored)
        assert 1 <= read["number"] <= 50
        assert OddOptions.read(read) == read


class TestWordsOfHtml:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("", ""),
            ("prostý text", "prostý text"),
            ("<p>První</p><p>druhý &amp; třetí</p>", "První\n\ndruhý & třetí"),
            ("a<br>b", "a\nb"),
            ("<ul><li>jedna</li><li>dvě</li></ul>", "- jedna\n- dvě"),
            ('<a href="https://example.org">odkaz</a>', "odkaz (https://example.org)"),
            ('<a href="https://example.org">https://example.org</a>', "https://example.org"),
            ('<a href="javascript:alert(1)">odkaz</a>', "odkaz"),
            ("<style>p { color: red }</style><p>text</p><script>alert(1)</script>", "text"),
            ('<img src="x" alt="logo"> ČČK', "logo ČČK"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("<p>neuzavřený <b>text", "neuzavřený text"),
            ("</p></a></script>x < y", "x < y"),
        ],
    )
    def test_they_can_be_read(self, html, text):
        assert text_of(html) == text

    @given(st.text())
    def test_anything_can_be_given(self, html):
        assert "\n\n\n" not in text_of(html)

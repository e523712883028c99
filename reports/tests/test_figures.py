"""Figures of all reports against the same reckoned slowly from the rows: on random data, and on the demo data."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from debriefing import demo as debriefing
from events.demo.build import build as build_demo
from events.models import Event, Position
from events.rules.lifecycle import Status
from reports import by_person, covered, hours, participants, selection, served, work_summary
from reports.selection import EVER, Period, year_of
from reports.statistics import drop_outs
from reports.statistics import events as year_events
from reports.statistics import people as year_people
from reports.tests import worlds
from reports.tests.worlds import NOW, YEAR, figures, grouped, within
from roster.models import User

pytestmark = pytest.mark.django_db

_PERIODS = [
    EVER, Period(first=date(YEAR, 3, 29)), Period(last=date(YEAR - 1, 12, 31)), year_of(YEAR),
    Period(date(YEAR, 3, 28), date(YEAR, 3, 29)), Period(date(YEAR, 10, 24), date(YEAR, 10, 25)),
]  # fmt: skip


class TestRandomYears:
    """Each example is made, compared in all respects, and undone: making it takes longer than comparing."""

    # A seed that fails says all there is to say; looking for a smaller one takes minutes.
    @examples(
        max_examples=6,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(seed=st.integers(0, 2**32), period=st.sampled_from(_PERIODS))
    def test_all_figures_are_those_reckoned_slowly(self, db, seed, period):
        with transaction.atomic():
            worlds.build(seed)
            compare_hours(EVER, worlds.duties(EVER))
            compare_everything(period)
            transaction.set_rollback(True)


def compare_everything(period: Period) -> None:
    """Compare everything that is said of one period."""
    duties = worlds.duties(period)
    compare_hours(period, duties)
    compare_participants(period, duties)
    compare_events(period)
    compare_work_summary(period)
    compare_years()


def compare_hours(period, duties):
    """What SQL says of each duty is what `reports.served` says."""
    found = selection.duties(period).filter(hours.IS_SERVED).annotate(served=hours.served_length())
    expected = {duty.pk: duty.served for duty in duties if duty.is_served}
    assert dict(found.values_list("pk", "served")) == expected


def compare_participants(period, duties):
    people = participants.lines(participants.grouped(selection.duties(period), NOW), NOW)
    groups, coming = (
        grouped(duties, lambda duty: duty.person),
        grouped(worlds.duties(EVER), lambda duty: duty.person_id),
    )
    in_order = sorted(groups, key=lambda person: (person.name_sort, person.pk))
    assert [line.person for line in people] == [person.pk for person in in_order]
    for line, person in zip(people, in_order, strict=True):
        assert vars(line.figures) == dict(zip(vars(line.figures), figures(groups[person]), strict=True))
        starts = [duty.event.start for duty in coming[person.pk] if duty.is_planned]
        assert line.next_shift == min(starts, default=None) == by_person.next_shift(person, NOW)
        compare_person(period, person, groups[person])


def compare_person(period, person, duties):
    rows = list(by_person.duties(person, period))
    assert [row.pk for row in rows] == [
        duty.pk for duty in sorted(duties, key=lambda duty: (duty.event.start, duty.pk))
    ]
    assert [row.planned for row in rows] == [worlds.tenths(row.event.end - row.event.start) for row in rows]
    months = grouped([duty for duty in duties if duty.is_served], lambda duty: _month(duty.event))
    expected = [(month, sum(duty.served for duty in months[month])) for month in sorted(months)]
    assert by_person.served_by_month(person, period) == expected


def _month(event):
    return event.start.astimezone(worlds.PRAGUE).date().replace(day=1)


def compare_events(period):
    events = worlds.counting(period)
    found = covered.totals(selection.events(period))
    staffing = [covered.staffing_of(event) for event in events]
    assert vars(found) == {
        "events": len(events),
        "filled": sum(figures[0] for figures in staffing),
        "places": sum(figures[-1] for figures in staffing),
        "actual_hours": sum((event.actual_hours or Decimal(0) for event in events), Decimal(0)),
        "treated": sum(event.post_event_count or 0 for event in events if event.kind == "medical"),
        "trained": sum(event.post_event_count or 0 for event in events if event.kind == "training"),
    }
    counts = {status: len(rows) for status, rows in grouped(events, lambda event: event.status).items()}
    assert {status: count for status, _label, count in covered.by_status(selection.events(period))} == counts


def compare_work_summary(period):
    expected = []
    for duty in worlds.duties(period):
        unfinished = duty.event.status != Status.COMPLETED and duty.event.start <= NOW
        length = worlds.tenths(duty.event.end - duty.event.start) if unfinished else duty.served
        paid, free = (length, 0) if duty.event.is_paid else (0, length)
        key = (duty.person.name_sort, duty.person_id, duty.event.start, duty.pk)
        expected.append((key, duty.person.name, (length, duty.planned, length + duty.planned, paid, free), unfinished))
    expected.sort()
    rows = work_summary.rows(work_summary.duties(period, NOW), NOW)
    assert [(row.hours.columns, row.is_unfinished) for row in rows] == [(row[2], row[3]) for row in expected]
    people = [(rows[0][1], _added(rows)) for rows in grouped(expected, lambda row: row[0][:2]).values()]
    assert [(name, found.columns) for name, found in work_summary.by_person(period, NOW)] == people
    assert [row.person_total.columns for row in rows if row.person_total] == [found for _name, found in people]
    assert [row.duty.person.name for row in rows if row.shows_name] == [name for name, _found in people]
    assert work_summary.total(period, NOW).columns == _added(expected)


def _added(rows):
    return tuple(sum((row[2][column] for row in rows), Decimal(0)) for column in range(5))


def compare_years():
    """What was done counts in the statistics, also when it was put away since."""
    sums = year_events.by_month_and_kind(year_of(YEAR))
    done = worlds.completed(year_of(YEAR))
    served_then = worlds.served_duties(year_of(YEAR))
    by_key = grouped(done, lambda event: (event.start.astimezone(worlds.PRAGUE).month, event.kind))
    assert sums.keys() == by_key.keys()
    for key, events in by_key.items():
        row, keys = sums[key], {event.pk for event in events}
        there = [duty.served for duty in served_then if duty.event_id in keys]
        assert (row.events, row.hours) == (len(events), sum(there, Decimal(0)))
        assert (row.filled, row.places) == (_sum(events, 0), _sum(events, -1))
        assert row.short == sum(_is_short(event) for event in events)
    compare_filling([event for event in done if event.created < event.start])
    compare_people(served_then)
    called_off = [event for event in Event.objects.filter(status=Status.CANCELLED) if within(event, year_of(YEAR))]
    counted = year_events.cancelled_by_month(year_of(YEAR))
    assert counted == {month.month: len(rows) for month, rows in grouped(called_off, _month).items()}


def _sum(events, column):
    return sum(covered.staffing_of(event)[column] for event in events)


def _is_short(event):
    people = event.assignments.count()
    if event.by_conditions:
        return people < event.min_participants
    return Position.objects.filter(event=event, is_optional=False, assignment__isnull=True).exists()


def compare_filling(events):
    took = []
    for event in events:
        duties = [
            d for d in event.assignments.select_related("position") if not (d.position and d.position.is_optional)
        ]
        needed = event.min_participants or event.mandatory_total
        opened = max(event.created, event.signups_open_at or event.created)
        if 0 < needed <= len(duties):
            took.append(max(sorted(duty.assigned_at for duty in duties)[needed - 1] - opened, timedelta(0)))
    found = year_events.filling(year_of(YEAR))
    assert found.full == len(took)
    assert found.median == (median(took) if took else None)


def compare_people(served_then):
    people = grouped(served_then, lambda duty: duty.person_id)
    found, retention = year_people.served_in(YEAR)
    assert {row["person"]: (row["shifts"], row["hours"], row["free"]) for row in found} == {
        person: (len(rows), figures(rows)[2], figures(rows)[4]) for person, rows in people.items()
    }
    assert [row["hours"] for row in found] == sorted((row["hours"] for row in found), reverse=True)
    now, before = set(people), {duty.person_id for duty in worlds.served_duties(year_of(YEAR - 1))}
    assert (retention.kept, retention.new, retention.left) == (len(now & before), len(now - before), len(before - now))
    assert year_people.served_in(YEAR, year_people.FIRST) == (found[: year_people.PER_PAGE], retention)
    assert year_people.served_in(YEAR, slice(1, 3)) == (found[1:3], retention)
    assert year_people.served_in(YEAR, slice(50, 75)) == ([], retention)
    for person, rows in people.items():
        duties = year_people.duties_of(person, YEAR)
        assert {row.pk for row in duties} == {duty.pk for duty in rows}
    for kind, expected in zip(year_people.Standing, (now & before, now - before, before - now), strict=True):
        assert {row["person"] for row in year_people.standing_as(YEAR, kind)} == expected


def test_figures_of_the_demo_data(monkeypatch, settings):
    settings.DEVELOPMENT_LOGIN = True
    now = timezone.now()
    build_demo(at=now)
    debriefing.build(at=now)
    monkeypatch.setattr(worlds, "NOW", now)
    monkeypatch.setitem(globals(), "NOW", now)
    monkeypatch.setitem(globals(), "YEAR", timezone.localdate(now).year)
    compare_everything(EVER)
    this, last = (year_people.served_in(year)[1] for year in (YEAR, YEAR - 1))
    assert last.active >= 5
    assert this.left >= 1
    late = [drop_outs.count_by_month(year_of(year), 48) for year in (YEAR, YEAR - 1)]
    assert sum(sum(months.values()) for months in late) == 1


def test_own_hours_count_for_work_reports_and_reports_alike():
    """The work report adds lengths, reports add hours to 0.1: of one duty both say the same."""
    worlds.build(1)
    for person in User.objects.filter(email__startswith="w"):
        duties = by_person.of(person, EVER).filter(hours.IS_SERVED, event__is_paid=True)
        by_month = served.served_spans(person, date(YEAR, 3, 1))
        found = duties.filter(Period(date(YEAR, 3, 1), date(YEAR, 3, 31)).starts("event__"))
        lengths = {span.event: worlds.tenths(span.length) for span in by_month}
        shown = dict(found.annotate(served=hours.served_length()).values_list("event__name", "served"))
        assert shown.items() <= lengths.items()

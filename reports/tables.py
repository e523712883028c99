"""What the files of reports say, as rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from reports import covered, work_summary
from reports.participants import Figures, Participant
from reports.selection import Period
from reports.sheets import Row, Sheet

#: One empty line between two tables.
BLANK: Row = ()

_DUTY_COLUMNS = (
    gettext_lazy("Event"), gettext_lazy("Start"), gettext_lazy("End"), gettext_lazy("Status"),
    gettext_lazy("Plan (h)"), gettext_lazy("Actual (h)"),
)  # fmt: skip
_EVENT_COLUMNS = (
    *_DUTY_COLUMNS[:4],
    gettext_lazy("Places in total"), gettext_lazy("Filled places"), gettext_lazy("Hours worked"),
    gettext_lazy("Treated"),
)  # fmt: skip
_PARTICIPANT_COLUMNS = (
    gettext_lazy("Participant"), gettext_lazy("Shifts served"), gettext_lazy("Shifts planned"),
    gettext_lazy("Hours served"), gettext_lazy("Hours planned"), gettext_lazy("Hours in total"),
    gettext_lazy("Free hours"), gettext_lazy("Last shift"), gettext_lazy("Next shift"),
)  # fmt: skip
_SUMMARY_HOURS = (
    (gettext_lazy("Hours served"), 12), (gettext_lazy("Hours planned"), 12), (gettext_lazy("Hours in total"), 12),
    (gettext_lazy("Paid hours"), 12), (gettext_lazy("Free hours"), 12),
)  # fmt: skip
_SUMMARY_COLUMNS = (
    (gettext_lazy("Name and surname"), 26), (gettext_lazy("Name of the event"), 34), (gettext_lazy("Date"), 12),
    (gettext_lazy("Status"), 24), *_SUMMARY_HOURS,
)  # fmt: skip


def of_person(duties: Iterable[Any], figures: Figures, next_shift: Any) -> Iterator[Row]:
    """Yield the figures of a person line by line, then their duties."""
    yield (pgettext("of a report", "Statistics"),)
    yield from _figures(figures, next_shift)
    yield BLANK
    yield _DUTY_COLUMNS
    for duty in duties:
        yield *_event(duty.event), duty.planned, duty.known


def _figures(figures: Figures, next_shift: Any) -> Iterator[Row]:
    yield _("Shifts served"), figures.shifts_served
    yield _("Shifts planned"), figures.shifts_planned
    yield _("Shifts in total"), figures.shifts
    yield _("Hours served"), figures.hours_served
    yield _("Hours planned"), figures.hours_planned
    yield _("Hours in total"), figures.hours
    yield _("Free hours in total"), figures.hours_free
    yield _("Last shift"), figures.last_shift
    yield _("Next shift"), next_shift


def _event(event: Any) -> Row:
    return event.name, event.start, event.end, event.get_status_display()


def of_events(events: Iterable[Any], people: Iterable[Participant], *, with_master: bool) -> Iterator[Row]:
    """Yield events, then their participants."""
    yield (*((_("Master event"),) if with_master else ()), *_EVENT_COLUMNS)
    for event in events:
        people_there, *_minimum, places = covered.staffing_of(event)
        master = (event.master_event.name,) if with_master else ()
        yield *master, *_event(event), places, people_there, event.actual_hours, covered.count_of(event)
    yield BLANK
    yield _PARTICIPANT_COLUMNS
    for person in people:
        yield _participant(person)


def _participant(person: Participant) -> Row:
    figures = person.figures
    return (
        person.name, figures.shifts_served, figures.shifts_planned, figures.hours_served, figures.hours_planned,
        figures.hours, figures.hours_free, figures.last_shift, person.next_shift,
    )  # fmt: skip


def summary_sheets(period: Period, rows: Iterable[work_summary.Row], people: Iterable[Any], total: Any) -> list[Sheet]:
    """Return both sheets of the summary of work reports."""
    title, days = _("Summary of work reports"), in_words(period)
    listed = Sheet(_("Work reports"), title, days, _SUMMARY_COLUMNS, (_summary_row(row) for row in rows))
    columns = (_SUMMARY_COLUMNS[0], *_SUMMARY_HOURS)
    by_person = ((name, *hours.columns) for name, hours in people)
    return [
        listed,
        Sheet(pgettext("name of a sheet", "Summary"), title, days, columns, by_person, (_("Total"), *total.columns)),
    ]


def _summary_row(row: work_summary.Row) -> Row:
    event = row.duty.event
    day = timezone.localtime(event.start).date()
    return row.duty.person.name, event.name, day, status_of(row), *row.hours.columns


def status_of(row: work_summary.Row) -> str:
    """Return the status of the event in words, and whether it has begun without being completed."""
    status: str = row.duty.event.get_status_display()
    return _("%s (not completed)") % status if row.is_unfinished else status


def in_words(period: Period) -> str:
    """Return the days of a period: "01.05.2027 – 31.05.2027"."""
    return f"{period.first:%d.%m.%Y} – {period.last:%d.%m.%Y}"


def too_many(count: int) -> str:
    """Return why so many rows make no workbook."""
    words = ngettext("%d row is too much for one workbook; choose a shorter period.",
                     "%d rows are too many for one workbook; choose a shorter period.", count)  # fmt: skip
    return words % count

"""Dates and event times as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from enum import IntEnum
from functools import lru_cache

from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language

from medcover.common import czech
from medcover.common.intervals import elapsed, hours_of


class EventTimeStyle(IntEnum):
    """How a person wants to read the time of an event; the numbers are stored on the account."""

    DURATION = 1
    RANGE = 2


def date_time(moment: datetime | None, zone: tzinfo) -> str:
    """Write a moment as dd.mm.YYYY HH:MM in `zone`; "—" when there is none."""
    if moment is None:
        return czech.MISSING
    there = moment.astimezone(zone)
    return f"{date_figures(there)} {clock(there)}"


def date_figures(day: date) -> str:
    """Write a day as dd.mm.YYYY; by hand, because lists have hundreds and strftime takes three times as long."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def clock(moment: datetime) -> str:
    """Write the time of a moment as HH:MM, in the zone it stands in; by hand as `date_figures`."""
    return f"{moment.hour:02}:{moment.minute:02}"


def short_day(day: date, *, with_year: bool = False) -> str:
    """Write a day for headings: "so 28. 11.", outside Czech "Sat 28 Nov"; the year follows when asked for."""
    figures = f"{day.day}. {day.month}." if _speaks_czech() else f"{day.day} {MONTHS_3[day.month].capitalize()}"
    return f"{_weekday(day)} {figures}" + (f" {day.year}" if with_year else "")


def event_time(start: datetime, end: datetime, style: int, zone: tzinfo) -> str:
    """Write the local time of an event: "čt 20:00 (5,5 h)", or in the range style "čt 20:00–01:30".

    Outside Czech the weekday and the decimal sign follow the active language. An unknown style reads as the first.
    """
    return f"{_weekday(start.astimezone(zone).date())} {event_hours(start, end, style, zone)}"


def event_hours(start: datetime, end: datetime, style: int, zone: tzinfo) -> str:
    """Write the same without the weekday, for where the day is named already: "20:00 (5,5 h)", "20:00–01:30"."""
    opening = clock(start.astimezone(zone))
    if style == EventTimeStyle.RANGE:
        return f"{opening}–{clock(end.astimezone(zone))}"
    return f"{opening} ({duration(start, end)} h)"


def duration(start: datetime, end: datetime) -> str:
    """Write the hours that really pass from start to end: "5,5", outside Czech "5.5"."""
    figure = _figure(elapsed(start, end))
    # Most lengths are whole hours, for which no language has to be asked.
    return figure if "," not in figure or _speaks_czech() else figure.replace(",", ".")


@lru_cache(maxsize=1024)
def _figure(length: timedelta) -> str:
    """Kept, because the events of a list are of a few lengths."""
    return czech.decimal(hours_of(length))


def _weekday(day: date) -> str:
    return czech.weekday_short(day) if _speaks_czech() else str(WEEKDAYS_ABBR[day.weekday()])


def _speaks_czech() -> bool:
    """Czech is the default, also where no language is active (commands, the worker)."""
    return (get_language() or "cs").startswith("cs")

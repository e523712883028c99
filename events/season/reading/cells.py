"""Cells and columns: what one value of a spreadsheet means, which column holds what, and titles told apart.

Each reader of a cell returns the meaning or raises ValueError. A column is found by the text of its heading, otherwise
by the letter of the old layout.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import cast

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel

from events.season.reading.records import NAME_LENGTH, YEARS, DoubtKind, Place
from medcover.common.czech import fold
from medcover.common.text import tidy
from medcover.common.untrusted_workbook import BLANK, Cell

_CZECH_DATE = re.compile(r"(?P<day>\d{1,2})[. /]+(?P<month>\d{1,2})[. /]+(?P<year>\d{4})\.?", re.ASCII)
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T].*)?", re.ASCII)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?: ?[:.] ?(?P<minute>\d{2}))?(?:[:.]\d{2})?(?: ?(?:h|hod)\.?)?", re.ASCII)
_YES = frozenset({"1", "ano", "a", "yes", "y", "true", "x"})
_NO = frozenset({"0", "ne", "n", "no", "false", "-", "–"})
_MINUTES_PER_DAY = 24 * 60
_SERIAL_END = 100_000  # days since 1900; in the year 2173


def text_of(value: object) -> str:
    """Write any value as one tidy line: whole numbers without a decimal point, dates the Czech way, None as ""."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        value = value.date() if value.time() == time.min else value.replace(microsecond=0)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.day}.{value.month}.{value.year}"
    return f"{value:%H:%M}" if isinstance(value, time) else tidy(str(value))


def date_of(value: object) -> date | None:
    """Read a day: a date, the number under which spreadsheets keep it, "6. 9. 2026" or "2026-09-06". Blank is None."""
    text = text_of(value)
    if not text:
        return None
    if isinstance(value, datetime):
        return plausible(value.date())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plausible(_date_of_number(value))
    return plausible(value if isinstance(value, date) else _date_of_text(text))


def plausible(day: date) -> date:
    """Return the day, or raise ValueError when its year is a slip of the keyboard."""
    if day.year not in YEARS:
        raise ValueError(day)
    return day


def time_of(value: object) -> time | None:
    """Read a time of day in whole minutes; blank is None.

    Accepted are times, moments, spans under a day, parts of a day (0.75), whole hours (18) and the texts
    "18:00", "8.30", "18", "18:00:00", "18 h". "24:00" is midnight.
    """
    text = text_of(value)
    if not text:
        return None
    if isinstance(value, datetime | time):
        return _clock(value.hour * 60 + value.minute + (value.second >= 30))
    if isinstance(value, timedelta):
        return _clock(round(value.total_seconds() / 60))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _time_of_number(value)
    return _time_of_text(text)


def flag_of(value: object) -> bool | None:
    """Read yes or no in the ways people write it: 1, ano, yes, true, x – 0, ne, no, false. Blank is None."""
    text = fold(text_of(value))
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError(text)


def _date_of_number(value: float) -> date:
    if not math.isfinite(value) or not 1 <= value < _SERIAL_END:
        raise ValueError(value)
    return cast("datetime", from_excel(int(value))).date()


def _date_of_text(text: str) -> date:
    found = _CZECH_DATE.fullmatch(text) or _ISO_DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


def _time_of_text(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found["minute"] or 0) > 59:
        raise ValueError(text)
    return _clock(int(found["hour"]) * 60 + int(found["minute"] or 0))


def _time_of_number(value: float) -> time:
    if not math.isfinite(value) or value < 0 or (value >= 1 and value != int(value)):
        raise ValueError(value)
    return _clock(round(value * _MINUTES_PER_DAY) if value < 1 else int(value) * 60)


def _clock(minutes: int) -> time:
    """Return the time so many minutes after midnight; a full day is midnight again."""
    if not 0 <= minutes <= _MINUTES_PER_DAY:
        raise ValueError(minutes)
    return time(minutes // 60 % 24, minutes % 60)


@dataclass(frozen=True)
class Column:
    """One thing that a sheet may hold.

    `headings` are folded texts; one that ends with * is a beginning. Without a letter the column is optional.
    """

    title: str
    headings: tuple[str, ...]
    letter: str | None = None
    read: bool = True
    """False: known, not wanted, and never to be taken for another column."""

    def is_headed(self, heading: str) -> bool:
        """Say whether a folded heading names this column."""
        return any(
            heading.startswith(known[:-1]) if known.endswith("*") else heading == known for known in self.headings
        )


@dataclass(frozen=True)
class Layout:
    """Where the wanted columns of one sheet are, as positions from 0."""

    places: Mapping[str, int]
    headings: Sequence[str]
    """The heading at each position, as written."""
    claimed: frozenset[int]
    """Positions whose heading is known, wanted or not."""

    def cell(self, cells: Sequence[Cell], title: str) -> Cell:
        """Return the cell of the named column in a row, a blank one if the sheet has no such column."""
        place = self.places.get(title)
        return BLANK if place is None or place >= len(cells) else cells[place]

    def heading(self, index: int) -> str:
        """Return the heading at a position, "" behind the last one."""
        return self.headings[index] if index < len(self.headings) else ""

    def has(self, title: str) -> bool:
        """Say whether the sheet has the named column."""
        return title in self.places


def locate(columns: Sequence[Column], header: Sequence[Cell], place: Place) -> Layout:
    """Find the columns in a header row; remark what had to be taken by its letter and what is not there."""
    headings = [text_of(cell.value) for cell in header]
    folded = [fold(heading) for heading in headings]
    named = {column.title: _headed(column, folded) for column in columns}
    claimed = frozenset(index for index in named.values() if index is not None)
    places = {}
    for column in columns:
        index = named[column.title]
        if index is None and column.letter:
            index = _by_letter(column, claimed, place)
        if index is not None and column.read:
            places[column.title] = index
    return Layout(places, headings, claimed)


def letter_of(index: int) -> str:
    """Return the letter of a position counted from 0."""
    return str(get_column_letter(index + 1))


def _by_letter(column: Column, claimed: frozenset[int], place: Place) -> int | None:
    """Return the position of the column in the old layout, unless another column stands there now."""
    index = column_index_from_string(column.letter) - 1
    if index in claimed:
        place.doubt(DoubtKind.COLUMN_MISSING, column.title)
        return None
    place.doubt(DoubtKind.COLUMN_BY_LETTER, f"{column.title} ({column.letter})")
    return int(index)


def _headed(column: Column, headings: Sequence[str]) -> int | None:
    return next((index for index, heading in enumerate(headings) if heading and column.is_headed(heading)), None)


class Titles:
    """The names given out so far in one season.

    The first of a name keeps it, so rows added below change nothing above; a later one gets its day ("Pouť 28.9."),
    and if that is taken too, a counter ("Pouť 28.9. (2)").
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counters: Counter[tuple[str, str]] = Counter()

    def take(self, name: str, day: date) -> str:
        """Return the name under which the event is imported, at most 255 characters long."""
        titles = (_ended(name, ending) for ending in self._endings(name, f" {day.day}.{day.month}."))
        title = next(title for title in titles if not self._is_taken(title))
        self._taken.add(title.casefold())
        return title

    def _endings(self, name: str, dated: str) -> Iterator[str]:
        yield from ("", dated)
        # What was counted before is taken; thousands of one name and day must not each count from the beginning.
        for number in count(self._counters[name, dated] + 2):
            self._counters[name, dated] = number - 2
            yield f"{dated} ({number})"

    def _is_taken(self, title: str) -> bool:
        return title.casefold() in self._taken


def _ended(name: str, ending: str) -> str:
    return name[: NAME_LENGTH - len(ending)].rstrip() + ending

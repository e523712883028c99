"""What one value of a spreadsheet means. Each reader returns the meaning or raises ValueError."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import cast

from openpyxl.utils.datetime import from_excel

from events.importing.records import YEARS
from medcover.common.czech import fold
from medcover.common.text import tidy

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

"""Records: what an import reads, with its doubts, before anything is matched with the database.

Texts are tidied (one line, no invisible characters) but spelled as their author spelled them. A season survives as
plain data between two requests, with nothing lost.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, time
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import UnreadableSource


class DoubtKind(TextChoices):
    """Every reason that an import can give; the label is the sentence for people, with the text in question."""

    # Rows that are left out.
    BLANK_ROW = "blank_row", _("The row is empty.")
    BLANK_ROWS = "blank_rows", _("The rows %(value)s are empty.")
    NAME_MISSING = "name_missing", _("The name of the event is missing.")
    DATE_MISSING = "date_missing", _("The date of the event is missing.")
    DATE_UNREADABLE = "date_unreadable", _("The date “%(value)s” cannot be read.")
    BEFORE_CUT_OFF = "before_cut_off", _("The event is earlier than the chosen day: %(value)s.")
    PERSON_NAMELESS = "person_nameless", _("The name of the person is missing.")
    PERSON_UNINVOLVED = "person_uninvolved", _("%(value)s takes part in no imported event.")
    DESELECTED = "deselected", _("Not selected for the import.")

    # Cells that were read with a doubt; their row stays.
    START_MISSING = "start_missing", _("The start time is missing, so the event will have no positions.")
    END_MISSING = "end_missing", _("The end time is missing or 0:00, which counts as not given.")
    TIME_UNREADABLE = "time_unreadable", _("The time “%(value)s” cannot be read.")
    FLAG_UNREADABLE = "flag_unreadable", _("“%(value)s” is neither yes nor no and was read as no.")
    CELL_BROKEN = "cell_broken", _("A cell holds an error or a formula without a result: %(value)s.")
    TEXT_SHORTENED = "text_shortened", _("The text is too long and was shortened: %(value)s")
    NAME_LIKE_FORMULA = "name_like_formula", _("The name starts like a formula and was kept as written: %(value)s")
    PERSON_DROPPED = "person_dropped", _("“%(value)s” is not the name of a person and was left out.")
    PERSON_REPEATED = "person_repeated", _("%(value)s is listed more than once and was counted once.")
    PERSON_STRUCK = "person_struck", _("%(value)s is struck through, yet was read as taking part.")
    PERSON_AMBIGUOUS = "person_ambiguous", _("More than one person is called %(value)s, so none of them was chosen.")
    PERSON_UNLISTED = "person_unlisted", _("%(value)s is not in the list of people, so contact details are unknown.")
    EMAIL_UNREADABLE = "email_unreadable", _("“%(value)s” is not an e-mail address and was left out.")
    EMAIL_REPEATED = "email_repeated", _("The e-mail address %(value)s belongs to more than one person.")
    PHONE_UNREADABLE = "phone_unreadable", _("“%(value)s” is not a phone number and was left out.")

    # The frame of the sheet.
    COLUMN_BY_LETTER = (
        "column_by_letter",
        _("No heading was found for a column, so it was taken by its letter: %(value)s."),
    )
    COLUMN_MISSING = "column_missing", _("The column “%(value)s” was not found.")
    COLUMN_IGNORED = "column_ignored", _("The column “%(value)s” is unknown and was not read.")
    SHEET_MISSING = "sheet_missing", _("The sheet “%(value)s” is missing.")

    # Reasons that only the JSON form can give.
    NOT_AN_OBJECT = "not_an_object", _("The entry is not an object.")
    TEXT_EXPECTED = "text_expected", _("“%(value)s” must be text.")
    FLAG_EXPECTED = "flag_expected", _("“%(value)s” must be true or false.")
    LIST_EXPECTED = "list_expected", _("“%(value)s” must be a list.")


@dataclass(frozen=True)
class Doubt:
    """One remark about one row. `row` counts from 1 as the sheet does; in JSON it is the place in the list.

    A person whom only events name has no row.
    """

    sheet: str
    row: int | None
    kind: DoubtKind
    value: str = ""
    """The text that is in doubt, as it was written."""

    @property
    def message(self) -> str:
        """The remark as a sentence in the active language."""
        return str(self.kind.label) % {"value": self.value}


@dataclass
class Findings:
    """The remarks gathered while one source is read."""

    skipped: list[Doubt] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def at(self, sheet: str, row: int) -> Place:
        """Return the place at which the next remarks are made."""
        return Place(self, sheet, row)


@dataclass(frozen=True)
class Place:
    """One row of one sheet, about which something may be remarked."""

    findings: Findings
    sheet: str
    row: int

    @property
    def left_out(self) -> bool:
        """The row was remarked as left out. Rows are read one after another, so the last remark tells."""
        last = self.findings.skipped[-1:]
        return any((remark.sheet, remark.row) == (self.sheet, self.row) for remark in last)

    def skip(self, kind: DoubtKind, value: str = "") -> None:
        """Remark that the row is left out, and why."""
        self.findings.skipped.append(Doubt(self.sheet, self.row, kind, value))

    def doubt(self, kind: DoubtKind, value: str = "") -> None:
        """Remark that something in the row was read with a doubt."""
        self.findings.doubts.append(Doubt(self.sheet, self.row, kind, value))

    def fit(self, text: str, limit: int) -> str:
        """Return the text cut to `limit` characters, with a remark if anything was lost."""
        if len(text) > limit:
            self.doubt(DoubtKind.TEXT_SHORTENED, f"{text[:40]}…")
        return text[:limit].rstrip()


class InvalidRows(UnreadableSource):
    """The JSON form holds events that are not valid; `rows` names each of them with its reasons."""

    def __init__(self, message: str | Promise, rows: tuple[Doubt, ...]) -> None:
        super().__init__(message)
        self.rows = rows


# As long as the fields that will hold them.
NAME_LENGTH = 255
CONTACT_LENGTH = 255
ADDRESS_LENGTH = 500
EMAIL_LENGTH = 255

# A year outside is a slip of the keyboard, and near the ends of the calendar no zone can be reckoned.
YEARS = range(2000, 2101)


@dataclass(frozen=True, kw_only=True)
class SheetEvent:
    """One event. Times are local; an end that is not after the start belongs to the next day."""

    row: int
    name: str
    """Unique within the season, at most 255 characters."""
    day: date
    start_time: time | None
    end_time: time | None
    location: str
    contact_person: str
    responsible_person: str
    """A name as written, or empty."""
    description: str
    paid: bool
    time_missing: bool
    """The start is unknown: such an event gets no positions."""
    cancelled: bool
    signups: tuple[str, ...]
    """Names as written, each person once, without the responsible person."""
    leader: UUID | None = None
    """The account chosen by hand as the responsible person; then the name is only what it is called."""
    master: int | None = None
    """The master event chosen by hand for this event alone."""

    @property
    def crew(self) -> tuple[str, ...]:
        """Everybody named on the event, the responsible person first."""
        return (self.responsible_person, *self.signups) if self.responsible_person else self.signups


@dataclass(frozen=True, kw_only=True)
class SheetPerson:
    """One person who takes part in the season. Without a row in the list of people only the name is known."""

    row: int | None
    gs_name: str
    """The name as events write it."""
    name: str
    email: str
    """Lower case, or empty."""
    phone: str
    is_medic: bool | None
    """None: the source does not say, so nothing may be taken from a person who is already known."""
    is_driver: bool | None
    is_archived: bool = False
    """Chosen by hand: the person has left, and a new account is put away at once."""


@dataclass(frozen=True, kw_only=True)
class Season:
    """Everything that one source holds."""

    events: tuple[SheetEvent, ...]
    people: tuple[SheetPerson, ...]
    skipped: tuple[Doubt, ...]
    """Rows left out, in the order of the source."""
    doubts: tuple[Doubt, ...]
    """Rows read with a doubt, in the order of the source."""


def data_of(season: Season) -> dict[str, Any]:
    """Return the season as lists, dictionaries and texts."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(season), cls=DjangoJSONEncoder))
    return data


def season_of(data: dict[str, Any]) -> Season:
    """Return the season that `data_of` was given."""
    return Season(
        events=tuple(_event(entry) for entry in data["events"]),
        people=tuple(SheetPerson(**entry) for entry in data["people"]),
        skipped=tuple(_doubt(entry) for entry in data["skipped"]),
        doubts=tuple(_doubt(entry) for entry in data["doubts"]),
    )


def _event(entry: dict[str, Any]) -> SheetEvent:
    read = {
        "day": date.fromisoformat(entry["day"]),
        "start_time": _time(entry["start_time"]),
        "end_time": _time(entry["end_time"]),
        "signups": tuple(entry["signups"]),
        "leader": UUID(entry["leader"]) if entry["leader"] else None,
    }
    return SheetEvent(**{**entry, **read})


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _doubt(entry: dict[str, Any]) -> Doubt:
    return Doubt(**{**entry, "kind": DoubtKind(entry["kind"])})

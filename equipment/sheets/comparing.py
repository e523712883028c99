"""Comparing a file with the register: what each row would change, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from equipment.services.items import EDITABLE
from equipment.sheets.columns import COLUMNS
from equipment.sheets.reading import Row, Table
from medcover.common.czech import fold
from roster.privacy.export import in_words

NEW, CHANGED, SAME, FAULTY = "new", "changed", "same", "faulty"
_HEADINGS = {column.key: column.heading for column in COLUMNS}
_RELATED = {"type", "location"}


@dataclass(frozen=True)
class Change:
    """One value that would change, in words."""

    heading: str
    before: str
    after: str


@dataclass
class Outcome:
    """What would become of one row; `item` is as it would be stored, without relations that do not exist yet."""

    row: Row
    kind: str
    item: EquipmentItem | None = None
    changes: list[Change] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the row calls its item."""
        return str(self.row.values.get("name") or "?")

    @property
    def writes(self) -> bool:
        """The row would be written."""
        return self.kind in {NEW, CHANGED}


@dataclass
class Comparison:
    """What would become of a file."""

    outcomes: list[Outcome]
    new_types: list[str]
    new_locations: list[str]
    ignored: list[str]

    def count(self, kind: str) -> int:
        """How many rows are of a kind."""
        return sum(outcome.kind == kind for outcome in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by kind, for templates."""
        return {kind: self.count(kind) for kind in (NEW, CHANGED, SAME, FAULTY)}

    @property
    def writes(self) -> bool:
        """Something would be written."""
        return any(outcome.writes for outcome in self.outcomes)

    def as_plain(self) -> list[Any]:
        """Return it as JSON knows it, to be compared with another comparison of the same file."""
        return [[one.kind, one.item.pk if one.item else None, [vars(change) for change in one.changes], one.faults]
                for one in self.outcomes]  # fmt: skip


class _Register:
    """What is there, read by a fixed number of queries."""

    def __init__(self, table: Table) -> None:
        codes = {row.values.get("code", "").upper() for row in table.rows}
        serials = {row.values.get("serial_number", "") for row in table.rows} - {""}
        related = EquipmentItem.objects.select_related("type", "location")
        self.items = {item.code: item for item in related.filter(code__in=codes)}
        self.types = {fold(row.name): row for row in EquipmentType.objects.all()}
        self.locations = {fold(row.name): row for row in StorageLocation.objects.all()}
        found = EquipmentItem.objects.filter(serial_number__in=serials).values_list("type", "serial_number", "name")
        self.serials = {(type_id, serial): name for type_id, serial, name in found}
        self.codes = Counter(row.values.get("code", "").upper() for row in table.rows)


def compare(table: Table) -> Comparison:
    """Say what importing the table would do."""
    register = _Register(table)
    outcomes = [_outcome(row, register) for row in table.rows]
    written = [one for one in outcomes if one.writes]
    return Comparison(
        outcomes,
        _missing(written, "type", register.types),
        _missing(written, "location", register.locations),
        table.ignored,
    )


def _missing(outcomes: list[Outcome], key: str, known: dict[str, Any]) -> list[str]:
    """Return names that are in the file and not in the register, each once, as first written."""
    named = [one.row.values.get(key, "") for one in outcomes]
    fresh: dict[str, str] = {}
    for name in named:
        if name and fold(name) not in known:
            fresh.setdefault(fold(name), name)
    return list(fresh.values())


def _outcome(row: Row, register: _Register) -> Outcome:
    code = row.values.get("code", "").upper()
    item = register.items.get(code)
    changes = [] if item is None else list(_changes(item, row))
    faults = [*row.faults, *_faults(row, code, item, register)]
    if not faults:
        item = _filled(item, row, register)
        faults = list(_objections(item))
    if faults:
        return Outcome(row, FAULTY, faults=faults)
    kind = NEW if not item.pk else CHANGED if changes else SAME  # type: ignore[union-attr]
    return Outcome(row, kind, item, changes)


def _faults(row: Row, code: str, item: EquipmentItem | None, register: _Register) -> Iterator[str]:
    if code and item is None:
        yield _("No item has the code %s. Leave it empty for a new item.") % code
    if code and register.codes[code] > 1:
        yield _("The code %s stands in several rows.") % code
    if item and item.is_archived:
        yield _("The item is archived.")
    if not row.values.get("type"):
        yield _("The type is missing.")
    location = register.locations.get(fold(row.values.get("location") or ""))
    if location and location.is_archived and (item is None or item.location_id != location.pk):
        yield _("The storage location “%s” is archived.") % location.name
    kind, serial = register.types.get(fold(row.values.get("type") or "")), row.values.get("serial_number")
    if item is None and kind and serial and (other := register.serials.get((kind.pk, serial))):
        yield _("There is an item of this type and serial number already: %s.") % other


def _changes(item: EquipmentItem, row: Row) -> Iterator[Change]:
    for key in EDITABLE:
        if key not in row.values:
            continue
        before, after = getattr(item, key), row.values[key]
        if key in _RELATED:
            before = before.name if before else ""
            same = fold(before) == fold(after)
        else:
            same = before == after
        if not same:
            yield Change(str(_HEADINGS[key]), in_words(before), in_words(after))


def _filled(item: EquipmentItem | None, row: Row, register: _Register) -> EquipmentItem:
    """Return the item with the values of the row; a type that is to be made is left out for now."""
    filled = item or EquipmentItem()
    for key in EDITABLE:
        if key in row.values and key not in _RELATED:
            setattr(filled, key, row.values[key])
    filled.type = register.types.get(fold(row.values["type"]))  # type: ignore[assignment]
    if "location" in row.values:
        filled.location = register.locations.get(fold(row.values["location"]))
    return filled


def _objections(item: EquipmentItem) -> Iterator[str]:
    try:
        item.full_clean(exclude=["type", "location", "code"], validate_unique=False)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield f"{_HEADINGS.get(name, name)}: {' '.join(messages)}"

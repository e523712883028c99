"""The stock of consumables as a file: a row for each lot of which something is left, and for each kind without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from equipment.consumables.states import ConsumableState, states_of
from equipment.models import Lot
from equipment.sheets import writing

TITLE = pgettext_lazy("sheet", "Consumables")

_COLUMNS: tuple[tuple[Promise, int], ...] = (
    (gettext_lazy("Consumable"), 32),
    (gettext_lazy("Unit"), 10),
    (gettext_lazy("Usable in stock"), 14),
    (gettext_lazy("Minimum stock"), 14),
    (gettext_lazy("State"), 18),
    (gettext_lazy("Lot number"), 20),
    (gettext_lazy("Storage location"), 22),
    (gettext_lazy("Expires on"), 13),
    (gettext_lazy("Received on"), 13),
    (gettext_lazy("Pieces in the lot"), 14),
)


def headings() -> list[str]:
    """Return the headings in the active language."""
    return [str(heading) for heading, _width in _COLUMNS]


def rows_of(kinds: Any, today: date) -> Iterator[list[Any]]:
    """Yield the cells of each lot; two queries however many there are."""
    for state in states_of(kinds.with_stock(today).with_lots_in_stock(), today):
        for lot in state.consumable.lots_in_stock or [None]:  # type: ignore[attr-defined]
            yield [*_of_kind(state), *_of_lot(lot)]


def _of_kind(state: ConsumableState) -> list[Any]:
    kind = state.consumable
    return [kind.name, kind.unit, state.stock, kind.minimum, in_words(state)]


def in_words(state: ConsumableState) -> str:
    """Say how much there is, as the page says it."""
    words = {"none": _("none left"), "low": _("below the minimum"), "enough": _("enough")}
    return words[state.level]


def _of_lot(lot: Lot | None) -> list[Any]:
    if lot is None:
        return [None, None, None, None, 0]
    where = lot.location.name if lot.location else None
    return [lot.number or None, where, lot.expires_on, lot.received_on, lot.quantity]


def to_xlsx(rows: Iterable[list[Any]]) -> bytes:
    """Return the workbook with one sheet."""
    return writing.workbook(TITLE, headings(), [width for _heading, width in _COLUMNS], rows, frozen="B2")


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """Return the table as CSV."""
    return writing.csv_file(headings(), rows)


def file_name(at: datetime, ending: str) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-material-{at:%Y-%m-%d}.{ending}"

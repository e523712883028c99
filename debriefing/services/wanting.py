"""What somebody says would help next time, as it comes in with a debriefing: checked, and made into needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from debriefing import policies
from debriefing.models import Debriefing, Need
from debriefing.models.need import SUBJECTS
from debriefing.need_rules import MOST_NEEDED, NEED_ROWS, WORDS_LIMIT, Kind
from debriefing.rules import Fault
from equipment.models import Consumable, EquipmentType
from medcover.common.text import tidy


class Wanted(NamedTuple):
    """So many more of a qualification or of a type of equipment, and perhaps what for."""

    kind: str
    key: int
    quantity: int
    words: str = ""


def faults(rows: Sequence[Wanted], *, by: Any) -> Iterator[Fault]:
    """Yield what is wrong with what somebody wants."""
    if len(rows) > 2 * NEED_ROWS or not all(_is_in_range(row) for row in rows):
        yield "wanted", _("Write of everything that would help how many, from 1 to 99, and what for only in short.")
    elif not all(_exist(kind, {row.key for row in rows if row.kind == kind}, by) for kind in _OFFERED):
        yield "wanted", _("Something that you have chosen does not exist any more. Choose once more.")


def _is_in_range(row: Wanted) -> bool:
    return row.kind in _OFFERED and 1 <= row.quantity <= MOST_NEEDED and len(tidy(row.words)) <= WORDS_LIMIT


def _exist(kind: str, keys: set[int], by: Any) -> bool:
    return not keys or offered(kind, by).filter(pk__in=keys).count() == len(keys)


def offered(kind: str, reader: Any) -> Any:
    """Return what the reader may ask for more of: living qualifications, or types, as far as they may see them."""
    rows = Qualification.objects.living() if kind == Kind.PEOPLE else EquipmentType.objects.all()
    return rows if policies.may_want(reader, kind) else rows.none()


_OFFERED = (Kind.PEOPLE, Kind.EQUIPMENT)


def needs(made: Debriefing, rows: Iterable[Wanted]) -> list[Need]:
    """Make the needs of a debriefing, unsaved."""
    return [
        Need(
            debriefing=made, kind=row.kind, quantity=row.quantity, words=tidy(row.words),
            **{f"{SUBJECTS[Kind(row.kind)]}_id": row.key},
        )
        for row in rows
    ]  # fmt: skip


def kinds_called(names: Iterable[str]) -> dict[str, int]:
    """Return the keys of consumables in use by these names, by the name in small letters."""
    wanted = {name.lower() for name in names}
    if not wanted:
        return {}
    found = Consumable.objects.in_use().annotate(small=Lower("name")).filter(small__in=wanted)
    return dict(found.values_list("small", "pk").order_by())


def names_of_stock() -> Any:
    """Return the names of consumables in use, to choose from."""
    return Consumable.objects.in_use().order_by("name_sort", "pk").values_list("name", flat=True)

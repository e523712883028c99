"""Filter form of the list of items. Whatever it does not know it ignores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext_lazy as _

from equipment import page_querysets
from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from medcover.common.forms import KnownChoice

DEFAULT_SORT = "name"

#: What the list can be sorted by; a leading "-" turns the order round.
_ORDERS = {"name": "name_sort", "type": "type__name_sort", "holder": "holder_sort"}

#: What is asked of an item's state → the method of the queryset; those with a moment get it.
STATES = (
    ("", _("All")),
    ("issued", _("Issued")),
    ("stock", _("In stock")),
    ("packed", _("At an event")),
    ("unavailable", _("Out of service")),
    ("inspection", _("Inspection overdue")),
    ("mine", _("Mine")),
)


class _Offered(BaseChoiceIterator):
    """The choices of an `OptionalRow`, asked for when they are drawn."""

    def __init__(self, field: OptionalRow) -> None:
        self._field = field

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        yield "", str(self._field.empty_label)
        for row in self._field.rows():
            yield row.pk, self._field.label_from_instance(row)


class OptionalRow(forms.ModelChoiceField):
    """A row to filter by; one that does not exist is none.

    `rows` is a prepared query of what is offered, where that is the same for everybody; it asks for no more than the
    label needs.
    """

    iterator = _Offered  # type: ignore[assignment]

    def __init__(self, *, queryset: Any, rows: Callable[[], Iterable[Any]] | None = None, **options: Any) -> None:
        super().__init__(queryset, **options)
        self._rows = rows

    def rows(self) -> Iterable[Any]:
        """Return what is offered; one query."""
        offered: Any = self.queryset
        return self._rows() if self._rows else offered.all()

    def clean(self, value: Any) -> Any:
        """Return the row or None."""
        try:
            return super().clean(value)
        except forms.ValidationError:
            return None


class ItemFilter(forms.Form):
    """What the reader wants to see of the items."""

    q = forms.CharField(label=_("Name, type, serial number or code"), required=False, max_length=255)
    type = OptionalRow(
        label=_("Type"),
        required=False,
        queryset=EquipmentType.objects.all(),
        rows=page_querysets.types_offered,
        empty_label=_("All types"),
    )
    location = OptionalRow(
        label=_("Storage location"),
        required=False,
        queryset=StorageLocation.objects.in_use(),
        rows=page_querysets.locations_offered,
        empty_label=_("All locations"),
    )
    state = KnownChoice(label=_("State"), required=False, initial="", choices=STATES)
    sort = KnownChoice(
        required=False,
        initial=DEFAULT_SORT,
        choices=[(f"{sign}{key}", f"{sign}{key}") for key in _ORDERS for sign in ("", "-")],
    )

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.is_valid()

    @property
    def order(self) -> str:
        """The key of the order in force, with its sign."""
        return str(self.cleaned_data["sort"])

    @property
    def is_narrowing(self) -> bool:
        """Something but the order was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "type", "location", "state"))

    def found(self, reader: Any, at: datetime) -> Any:
        """Return the items that match, without those in the archive."""
        asked = self.cleaned_data
        items = EquipmentItem.objects.in_use().matching(asked.get("q", ""))
        if asked["type"]:
            items = items.filter(type=asked["type"])
        if asked["location"]:
            items = items.filter(location=asked["location"])
        return _in_state(items, asked["state"], reader, at)

    def ordered(self, items: Any) -> Any:
        """Put them in the order asked for; what nobody has comes last in the order of holders."""
        column = F(_ORDERS[self.order.removeprefix("-")])
        order = column.desc(nulls_last=True) if self.order.startswith("-") else column.asc(nulls_last=True)
        if self.order.endswith("holder"):
            items = items.with_holder_name()
        return items.order_by(order, "name_sort", "pk")


def _in_state(items: Any, state: str, reader: Any, at: datetime) -> Any:
    narrowed = {
        "issued": items.issued,
        "stock": items.in_stock,
        "packed": lambda: items.packed_as_seen_by(reader),
        "unavailable": lambda: items.unavailable_at(at),
        "inspection": lambda: items.inspection_overdue_on(timezone.localdate(at)),
        "mine": lambda: items.held_by(reader),
    }
    return narrowed[state]() if state in narrowed else items

"""Query parameters of change lists: a list reads what its own controls send, and nothing else.

Django's admin takes every field of a model, and of rows it points at, as a look-up in the address. Whoever may open a
list could then ask yes-or-no questions about columns that no page shows, such as secrets of accounts. Here the
vocabulary is closed: filters, search, date hierarchy, order and paging name their parameters; any other is answered as
if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import IGNORED_PARAMS, ORDER_VAR, PAGE_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse

from medcover.backoffice.history import RecordedHistory
from medcover.backoffice.typed_filters import TypedFilter

#: What every list understands: order, search, page, pop-up.
COMMON = frozenset({*IGNORED_PARAMS, PAGE_VAR})


class ClosedChangeList(ChangeList):
    """A change list that finds nothing where a filter asks for what cannot exist."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Return the rows that match."""
        found = super().get_queryset(request, exclude_parameters)
        return found.none() if getattr(request, "asks_the_impossible", False) else found


class ClosedLookups(RecordedHistory):
    """A page whose list takes only the parameters that it offers; every class of the backoffice is one."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use a list of ours."""
        return ClosedChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, read from the parameters that it offers."""
        self._close(request)
        return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; where a filter was given a value that it cannot have, an empty one."""
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            request.asks_the_impossible = True  # type: ignore[attr-defined]
            _drop(request, self.offered_parameters(request) - COMMON)
            return super().get_changelist_instance(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take from the address what the fields of a new row may begin with, and nothing else."""
        given = super().get_changeform_initial_data(request)
        return {name: value for name, value in given.items() if self._could_begin_with(name, value)}

    def _could_begin_with(self, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
            target = field.target_field if field.is_relation and not field.many_to_many else field
            if not target.is_relation:
                target.to_python(value)
        except (FieldDoesNotExist, ValidationError, ValueError, TypeError):
            return False
        return True

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow what the list offers; nothing else arrives here."""
        return request is not None and lookup in self.offered_parameters(request)

    def offered_parameters(self, request: HttpRequest) -> set[str]:
        """Return the names of the parameters that the list reads."""
        filters = self.get_list_filter(request)
        return {*COMMON, *self._days(), *(name for entry in filters for name in self._names_of(entry, request))}

    def _names_of(self, entry: Any, request: HttpRequest) -> Iterable[str]:
        if isinstance(entry, type) and issubclass(entry, TypedFilter):
            return [box.name for box in entry.boxes]
        if isinstance(entry, type) and issubclass(entry, SimpleListFilter):
            return [str(entry.parameter_name)]
        path, make = entry if isinstance(entry, (list, tuple)) else (entry, FieldListFilter.create)
        field = get_fields_from_path(self.model, path)[-1]
        made: Any = make(field, request, {}, self.model, self, field_path=path)
        return [name for name in made.expected_parameters() if name]

    def _days(self) -> Iterator[str]:
        if self.date_hierarchy:
            for unit in ("year", "month", "day"):
                yield f"{self.date_hierarchy}__{unit}"

    def _close(self, request: HttpRequest) -> None:
        """Leave in the request what the list offers, and mark it when it asks for a day that does not exist."""
        offered = self.offered_parameters(request)
        _drop(request, [name for name in request.GET if name not in offered])
        if not self._is_order(request, request.GET.get(ORDER_VAR, "")):
            _drop(request, [ORDER_VAR])
        days = [request.GET.get(name) for name in self._days()]
        if any(days) and not _exists(days):
            request.asks_the_impossible = True  # type: ignore[attr-defined]
            _drop(request, self._days())

    def _is_order(self, request: HttpRequest, text: str) -> bool:
        columns = len(self.get_list_display(request))
        return all(_ORDER.fullmatch(part) and abs(int(part)) <= columns for part in text.split("."))


#: A column by its number, "-" turning the order round.
_ORDER = re.compile(r"-?[0-9]{1,3}", re.ASCII)


def _drop(request: HttpRequest, names: Iterable[str]) -> None:
    left = request.GET.copy()
    for name in names:
        left.pop(name, None)
    request.GET = left  # type: ignore[assignment]


def _exists(day: list[str | None]) -> bool:
    """Say whether year, month and day, as far as they are given, name a time that a calendar has."""
    try:
        year, month, number = (int(part or 1) for part in day)
        # The list asks for times before the end of the period, too.
        return date(year, month, number).year < date.max.year
    except (ValueError, OverflowError):
        return False

"""Parameters of change lists: a list reads what its own controls send, and nothing else.

Django's admin takes every field of a model, and of rows it points at, as a look-up in the address. Whoever may open a
list could then ask yes-or-no questions about columns that no page shows, such as secrets of accounts. Here the
vocabulary is closed: filters, search, date hierarchy, order and paging name their parameters; any other is answered as
if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ERROR_FLAG, IGNORED_PARAMS, PAGE_VAR, ChangeList
from django.http import HttpRequest, HttpResponse

from medcover.backoffice.typed_filters import TypedFilter

#: What every list understands: order, search, page, pop-up.
COMMON = frozenset({*IGNORED_PARAMS, PAGE_VAR, ERROR_FLAG})


class ClosedChangeList(ChangeList):
    """A change list that finds nothing on a day that does not exist."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Return the rows that match."""
        found = super().get_queryset(request, exclude_parameters)
        return found.none() if getattr(request, "asks_impossible_day", False) else found


class ClosedLookups(admin.ModelAdmin):
    """A page whose list takes only the parameters that it offers; every class of the backoffice is one."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use a list of ours."""
        return ClosedChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, read from the parameters that it offers."""
        self._close(request)
        return super().changelist_view(request, extra_context)

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
        """Leave in the request what the list offers; mark it when it asks for a day that does not exist."""
        offered, left = self.offered_parameters(request), request.GET.copy()
        for name in [name for name in left if name not in offered]:
            del left[name]
        days = [left.get(name) for name in self._days()]
        if any(days) and not _exists(days):
            request.asks_impossible_day = True  # type: ignore[attr-defined]
            for name in self._days():
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

"""Base classes of list filters that start from a sensible choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList


class DefaultFilter(SimpleListFilter):
    """Filter of which one choice always holds: the first of `lookups`, unless another known one is asked for."""

    def value(self) -> str:
        """Return the choice in force."""
        known = [key for key, _label in self.lookup_choices]
        asked = super().value()
        return str(asked if asked in known else known[0])

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the choices as the template wants them; there is no "All" besides them."""
        chosen = self.value()
        for number, (key, label) in enumerate(self.lookup_choices):
            change = {"remove": [self.parameter_name]} if number == 0 else {"new_params": {self.parameter_name: key}}
            yield {
                "selected": key == chosen,
                "query_string": changelist.get_query_string(**change),
                "display": label,
            }


class SwitchFilter(SimpleListFilter):
    """Filter that is off or on; a subclass says in `narrowed` what "on" leaves."""

    label: Any

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the one choice besides "All"."""
        return [("yes", self.label)]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Narrow the list when switched on."""
        return self.narrowed(queryset) if self.value() == "yes" else queryset

    def narrowed(self, queryset: Any) -> Any:
        """Return the rows to keep."""
        raise NotImplementedError

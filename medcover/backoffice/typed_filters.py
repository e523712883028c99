"""List filters into which one types: words, days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Box:
    """One box to type into: parameter of the address, label, type of the control ("search", "date")."""

    name: str
    label: Promise | str
    kind: str = "search"


class TypedFilter(ListFilter):
    """A small form beside the list that keeps the other filters."""

    template = "admin/typed_filter.html"
    boxes: Sequence[Box] = ()

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.typed = {box.name: str(params.pop(box.name, [""])[-1]).strip() for box in self.boxes}
        own = {*self.typed, PAGE_VAR}
        #: The other parameters of the address, as hidden fields.
        self.kept = [(key, str(value)) for key, value in request.GET.items() if key not in own]

    def has_output(self) -> bool:
        """The boxes are always there."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name the parameters that are ours."""
        return list(self.typed)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the boxes with what was typed, and whether the address without them is another one."""
        for box in self.boxes:
            yield {"box": box, "value": self.typed[box.name]}

    @property
    def is_used(self) -> bool:
        """Something was typed."""
        return any(self.typed.values())

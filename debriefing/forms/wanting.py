"""The part of the form that asks what would help next time: some rows of people, some of equipment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from debriefing import policies
from debriefing.need_rules import MOST_NEEDED, NEED_ROWS, WORDS_LIMIT, Kind
from debriefing.services.wanting import Wanted, offered

_LABELS = {Kind.PEOPLE: _("Who was missing"), Kind.EQUIPMENT: _("Equipment that was missing")}


class Row(NamedTuple):
    """The fields of one row, as the page shows them."""

    what: forms.BoundField
    quantity: forms.BoundField
    words: forms.BoundField


class WantedRows:
    """Adds its fields to a form, checks them, and gives out what was chosen.

    What the reader may not see they are not asked about; each sort of rows reads its choices once.
    """

    def __init__(self, form: forms.Form, reader: Any) -> None:
        self.form = form
        self.kinds = [kind for kind in _LABELS if policies.may_want(reader, kind)]
        for kind in self.kinds:
            choices = [("", "—"), *((str(row.pk), row.name) for row in offered(kind, reader))]
            for number in range(NEED_ROWS):
                self._add(kind, number, choices)

    def _add(self, kind: Kind, number: int, choices: list[Any]) -> None:
        what, count, words = _names(kind, number)
        self.form.fields[what] = forms.TypedChoiceField(
            label=_LABELS[kind], required=False, choices=choices, coerce=int, empty_value=None
        )
        refusal = _("Write a whole number from 1 to %d.") % MOST_NEEDED
        codes = ("invalid", "min_value", "max_value")
        self.form.fields[count] = forms.IntegerField(
            label=_("How many more"), required=False, min_value=1, max_value=MOST_NEEDED,
            error_messages=dict.fromkeys(codes, refusal), widget=forms.NumberInput({"inputmode": "numeric"}),
        )  # fmt: skip
        self.form.fields[words] = forms.CharField(label=_("What for"), required=False, max_length=WORDS_LIMIT)

    def clean(self, typed: dict[str, Any]) -> None:
        """Let every row say both what and how many; words alone say nothing."""
        for kind in self.kinds:
            for number in range(NEED_ROWS):
                self._clean_row(typed, *_names(kind, number))

    def _clean_row(self, typed: dict[str, Any], what: str, count: str, words: str) -> None:
        if typed.get(what) is not None and typed.get(count) is None and count not in self.form.errors:
            self.form.add_error(count, _("How many?"))
        said = typed.get(count) is not None or typed.get(words)
        if said and typed.get(what) is None and what not in self.form.errors:
            self.form.add_error(what, _("Choose what was missing."))

    def chosen(self, typed: dict[str, Any]) -> Iterator[Wanted]:
        """Yield what was chosen, from the values of a form that is right."""
        for kind in self.kinds:
            for what, count, words in (_names(kind, number) for number in range(NEED_ROWS)):
                if typed[what] is not None:
                    yield Wanted(kind, typed[what], typed[count], typed[words])

    @property
    def first(self) -> list[Row]:
        """One row of each sort, shown at once."""
        return [self._row(kind, 0) for kind in self.kinds]

    @property
    def more(self) -> list[Row]:
        """The others, shown on demand."""
        return [self._row(kind, number) for kind in self.kinds for number in range(1, NEED_ROWS)]

    @property
    def has_more(self) -> bool:
        """Something was typed into the rows that are shown on demand."""
        return any(field.value() for row in self.more for field in row)

    def _row(self, kind: Kind, number: int) -> Row:
        return Row(*(self.form[name] for name in _names(kind, number)))


def _names(kind: Kind, number: int) -> tuple[str, str, str]:
    return f"{kind.value}_{number}", f"{kind.value}_count_{number}", f"{kind.value}_words_{number}"

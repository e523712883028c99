"""Options of blocks, declared as Django forms that never refuse anything.

What was stored or typed is read as well as it can be: a number out of its range becomes the nearest one, what cannot
be read becomes the default, an unknown choice is left out. So a block works whatever its row holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medcover.common.text import tidy

#: Longer HTML nobody writes for a mail.
MOST_HTML = 50_000
TITLE_LENGTH = 120
#: A year, for windows of time: further back nobody looks in a digest.
MOST_HOURS = 24 * 365

Options = dict[str, Any]


class NumberField(forms.IntegerField):
    """A whole number from `least` to `most`."""

    def __init__(self, *, label: Any, default: int, least: int = 1, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(label=label, initial=default, required=False, **kwargs)
        self.widget.attrs |= {"min": least, "max": most, "inputmode": "numeric"}

    def clean(self, value: Any) -> int:
        """Return the number, or the nearest one in range, or the default."""
        try:
            number = super().clean(value)
        except (ValidationError, ValueError, OverflowError):
            number = None
        return int(self.initial) if number is None else max(self.least, min(self.most, number))


class SwitchField(forms.BooleanField):
    """Yes or no."""

    def __init__(self, *, label: Any, default: bool, **kwargs: Any) -> None:
        super().__init__(label=label, initial=default, required=False, **kwargs)

    def clean(self, value: Any) -> bool:
        """Return what was chosen; what is neither yes nor no in JSON is the default."""
        if value is None or isinstance(value, (bool, str)):
            return bool(super().clean(value))
        return bool(self.initial)


class ChoicesField(forms.MultipleChoiceField):
    """Any number of choices; none chosen stands for all of them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, label: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(label=label, choices=choices, initial=list, required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:
        """Return the known choices among those given, in their own order."""
        given = {str(one) for one in value} if isinstance(value, (list, tuple)) else set()
        return [str(code) for code, _label in self.choices if str(code) in given]  # type: ignore[misc, union-attr]


class HtmlField(forms.CharField):
    """HTML of an administrator, kept as it is."""

    widget = forms.Textarea

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, initial="", required=False, strip=False, **kwargs)
        self.widget.attrs |= {"rows": 8, "spellcheck": "false", "maxlength": MOST_HTML}

    def clean(self, value: Any) -> str:
        """Return the text, shortened to what a mail may hold, without what the database does not."""
        return value.replace("\x00", "")[:MOST_HTML] if isinstance(value, str) else ""


class TitleField(forms.CharField):
    """The heading of a block; an empty one becomes the default of its kind."""

    def __init__(self) -> None:
        super().__init__(label=_("Title"), initial="", required=False)
        self.widget.attrs |= {"maxlength": TITLE_LENGTH}

    def clean(self, value: Any) -> str:
        """Return one line."""
        return tidy(value)[:TITLE_LENGTH] if isinstance(value, str) else ""


class BlockOptions(forms.Form):
    """The options of every kind of block; those of one kind add fields of the classes above."""

    title = TitleField()

    @classmethod
    def read(cls, stored: Any) -> Options:
        """Return all options as they stand in a row; of what is missing there the default."""
        given = stored if isinstance(stored, Mapping) else {}
        fields = cls.base_fields.items()
        return {name: field.clean(given.get(name, _default_of(field))) for name, field in fields}

    @classmethod
    def typed(cls, data: Any, *, prefix: str) -> Options:
        """Return all options as they were typed into the form of this prefix."""
        form = cls(data, prefix=prefix)
        form.is_valid()
        return form.cleaned_data


def _default_of(field: forms.Field) -> Any:
    return field.initial() if callable(field.initial) else field.initial


def hours_field(default: int = 24) -> NumberField:
    """Return the field of a window of time that ends now."""
    return NumberField(label=_("Window (hours)"), default=default, most=MOST_HOURS)


def rows_field(default: int, most: int = 100) -> NumberField:
    """Return the field of how many rows are shown at most."""
    return NumberField(label=_("Rows at most"), default=default, most=most)

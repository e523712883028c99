"""Filter of event lists: its toggles and selects, drawn once for what they say and then kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString

from events.forms import EventFilter
from medcover.common.components import panel_drawn

register = template.Library()


class Choice(NamedTuple):
    """A choice of the filter as it stands."""

    value: str
    label: str
    is_chosen: bool


@register.simple_tag
def filter_groups(form: EventFilter, reset_url: str, *, with_sort: bool = False) -> SafeString:
    """Draw what a phone hides behind "Filtr"; `reset_url` is the address without a filter."""
    return panel_drawn(
        "events/_filter_groups.html",
        statuses=_choices(form, "status"),
        kinds=_choices(form, "kind"),
        masters=_choices(form, "master"),
        sorts=_choices(form, "sort", chosen=form.order) if with_sort else (),
        shows_archived=bool(form["archived"].value()),
        reset_url=reset_url,
    )


def _choices(form: EventFilter, name: str, *, chosen: Any = None) -> tuple[Choice, ...]:
    """The choices of a field; of one that does not say what is chosen, `chosen` does."""
    field: Any = form.fields[name]
    values = _chosen(form.cleaned_data[name] if chosen is None else chosen)
    return tuple(Choice(str(value), str(label), str(value) in values) for value, label in field.choices)


def _chosen(value: str | Iterable[str]) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else map(str, value))

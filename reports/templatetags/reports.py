"""Figures of events as reports write them."""

from __future__ import annotations

from django import template

from events.models import Event
from medcover.common.czech import MISSING
from reports import covered

register = template.Library()


@register.filter
def staffing_numbers(event: Event) -> str:
    """Write people and places of an event: "3/4", with a minimum "3/2/6" (people, minimum, maximum)."""
    return "/".join(str(number) for number in covered.staffing_of(event))


@register.filter
def people_counted(event: Event) -> str:
    """Write how many people were treated or trained, "—" where nobody knows."""
    count = covered.count_of(event)
    return MISSING if count is None else str(count)

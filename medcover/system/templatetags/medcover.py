"""Template tags for every page: icons, moments and numbers in the site's own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from medcover.common import czech, formats, site_navigation
from medcover.common.icons import icon

register = template.Library()
register.simple_tag(icon)


@register.simple_tag(takes_context=True)
def navigation(context: Context, part: str) -> SafeString:
    """Draw a part of the navigation, see `site_navigation.draw`."""
    return site_navigation.draw(part, context["request"])


@register.filter
def local_datetime(moment: datetime | None) -> str:
    """Write a moment as dd.mm.YYYY HH:MM in the site's zone; "—" when there is none."""
    return formats.date_time(moment, timezone.get_current_timezone())


@register.simple_tag(takes_context=True)
def event_time(context: Context, start: datetime, end: datetime) -> str:
    """Write the time of an event in the site's zone, in the style that the reader has chosen in the profile."""
    return formats.event_time(start, end, _time_style(context), timezone.get_current_timezone())


@register.filter
def decimal(number: Decimal | float | None, places: int = 1) -> str:
    """Write a number with at most `places` decimals in the reader's language; "—" when there is none."""
    figure = czech.decimal(number, places)
    return figure if (get_language() or "cs").startswith("cs") else figure.replace(",", ".")


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """The page numbers that a pager shows: the first, the last and those around the page, with gaps between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


def _time_style(context: Context) -> Any:
    """The reader's own style; the first one for pages without a reader."""
    user = getattr(context.get("request"), "user", None)
    return getattr(user, "event_time_format", formats.EventTimeStyle.DURATION)

"""Template tags for every page: icons, moments and numbers in the site's own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from medcover.common import czech, formats

register = template.Library()

#: The sprite that the front-end build writes; `frontend/icons.json` lists its icons.
ICON_SPRITE = "build/icons.svg"

_DECORATION = SafeString('aria-hidden="true"')


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw one icon of the sprite: decoration without `label`, a picture of that name with it."""
    return _drawn(static(ICON_SPRITE), name, str(label))


@lru_cache(maxsize=1024, typed=True)
def _drawn(sprite: str, name: str, label: str) -> SafeString:
    """Draw it; kept, because a page has dozens of the same few.

    Found by type as well: a text that is safe already must not stand for the same one that is to be escaped.
    """
    return format_html(
        '<svg class="icon" width="16" height="16" focusable="false" {}><use href="{}#{}"></use></svg>',
        format_html('role="img" aria-label="{}"', label) if label else _DECORATION,
        sprite,
        name,
    )


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

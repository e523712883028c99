"""Rows of event lists, drawn by Jinja: see `templates/jinja2/events`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.templatetags import badges
from events.views.rows import Cells, Group, Opening, line_of, opening_line
from medcover.common.by_jinja import draw, token_field

register = template.Library()


@register.simple_tag(takes_context=True)
def event_groups(context: Context, groups: Iterable[Group], next_url: str) -> SafeString:
    """Draw the rows of a list; `next_url` is where signing up without scripts returns to."""
    return _drawn("groups", context, next_url, groups=groups)


@register.simple_tag(takes_context=True)
def event_row(context: Context, row: Cells, next_url: str) -> SafeString:
    """Draw one row of a list."""
    return _drawn("row_alone", context, next_url, row=row)


@register.simple_tag(takes_context=True)
def event_openings(context: Context, openings: Iterable[Opening], next_url: str) -> SafeString:
    """Draw events that look for people, with the way onto each."""
    reader = context["request"].user
    lines = [opening_line(opening.row, opening.wanted, reader) for opening in openings]
    return _drawn("openings", context, next_url, lines=lines)


@register.simple_tag(takes_context=True)
def event_lines(context: Context, events: Iterable[Any]) -> SafeString:
    """Draw the events of a panel, which carry staffing, readiness, master event and responsible person."""
    reader = context["request"].user
    return draw("events/lines.html", lines=[line_of(event, reader) for event in events], words=_words())


def _drawn(name: str, context: Context, next_url: str, **shown: Any) -> SafeString:
    token = token_field(context["request"])
    return draw(f"events/{name}.html", **shown, words=_words(), next_url=next_url, token=token)


def _words() -> dict[str, Any]:
    """Words and badges that are the same in all rows."""
    return {
        "leader": _("RP:"),
        "sign_up": _("Sign up"),
        "missing": badges.leader_missing_badge(),
        "leading": badges.leading_badge(),
        "signed_up": badges.mine_badge(),
    }

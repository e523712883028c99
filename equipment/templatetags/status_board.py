"""Cards of the status board, drawn by Jinja: see `templates/jinja2/public`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from equipment.repairs.rules import Condition
from equipment.status_board import CARD_TEXT, Line
from medcover.common.by_jinja import draw
from medcover.common.components import drawn
from medcover.common.icons import icon

register = template.Library()


class Card(NamedTuple):
    """What `jinja2/public/cards.html` shows of an item, as plain values."""

    name: str
    condition: str
    is_risk: bool
    held_back: str
    words: str
    eta: str
    #: Empty where nothing is to be pressed.
    url: str


@register.simple_tag
def status_cards(lines: Iterable[Line], *, are_links: bool = True) -> SafeString:
    """Draw a list of items with their status; on a screen that nobody touches without links."""
    cards = [_card(line, are_links=are_links) for line in lines]
    badges = {condition.value: item_condition(condition) for condition in Condition}
    return draw("public/cards.html", cards=cards, badges=badges, words=_words())


@register.simple_tag
def item_condition(condition: Condition) -> SafeString:
    """Draw the status of an item as its open repairs make it."""
    shown = {"value": condition.value, "icon_name": condition.icon, "label": str(condition.label)}
    return drawn("equipment/repairs/_condition.html", **shown)


def _card(line: Line, *, are_links: bool) -> Card:
    repair = line.repair
    return Card(
        name=line.item.name,
        condition=line.condition.value,
        is_risk=line.is_risk,
        held_back=str(line.held_back_words),
        words=_cut(repair.words) if repair else "",
        eta=f"{repair.eta:%d.%m.%Y}" if repair and repair.eta else "",
        url=_url(line.item.code) if are_links else "",
    )


def _cut(text: str) -> str:
    return text if len(text) <= CARD_TEXT else Truncator(text).chars(CARD_TEXT)


@lru_cache(maxsize=16_384)
def _url(code: str) -> str:
    """Return the address of an item; kept, because the board needs the same ones over and over."""
    return reverse("public:item", args=[code])


def _words() -> dict[str, Any]:
    """Words that are the same on all cards."""
    return {
        "risk": _("Safety risk, must not be used"),
        "risk_icon": icon("exclamation-triangle"),
        "held_back_icon": icon("lock"),
        "eta": _("Expected to be done:"),
        "eta_icon": icon("clock"),
    }

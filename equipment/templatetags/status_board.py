"""Cards of the status board, drawn by Jinja: see `templates/jinja2/public`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.template import engines
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from equipment.repairs.rules import Condition
from equipment.status_board import CARD_TEXT, Line
from medcover.common.icons import icon

register = template.Library()

#: Colours of badges, the same as in `equipment/repairs/_condition.html`.
_BADGES = {
    Condition.OPERATIONAL: "badge-open",
    Condition.DEGRADED: "badge-closed",
    Condition.DOWN: "badge-short",
}


@dataclass(frozen=True)
class Card:
    """What `jinja2/public/cards.html` shows of an item, as plain values."""

    name: str
    condition: str
    is_risk: bool
    words: str
    eta: str
    #: Empty where nothing is to be pressed.
    url: str


@register.simple_tag
def status_cards(lines: Iterable[Line], *, are_links: bool = True) -> SafeString:
    """Draw a list of items with their status; on a screen that nobody touches without links."""
    drawing: Any = engines["jinja2"].get_template("public/cards.html")
    cards = [_card(line, are_links=are_links) for line in lines]
    conditions = {
        condition.value: {"badge": badge, "icon": icon(condition.icon), "label": condition.label}
        for condition, badge in _BADGES.items()
    }
    drawn: str = drawing.render({"cards": cards, "conditions": conditions, "words": _words()})
    return mark_safe(drawn)  # noqa: S308 - the engine has escaped it


def _card(line: Line, *, are_links: bool) -> Card:
    repair = line.repair
    return Card(
        name=line.item.name,
        condition=line.condition.value,
        is_risk=line.is_risk,
        words=Truncator(repair.words).chars(CARD_TEXT) if repair else "",
        eta=f"{repair.eta:%d.%m.%Y}" if repair and repair.eta else "",
        url=reverse("public:item", args=[line.item.code]) if are_links else "",
    )


def _words() -> dict[str, Any]:
    """Words that are the same on all cards."""
    return {
        "risk": _("Safety risk, must not be used"),
        "risk_icon": icon("exclamation-triangle"),
        "eta": _("Expected to be done:"),
        "eta_icon": icon("clock"),
    }

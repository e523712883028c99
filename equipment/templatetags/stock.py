"""Rows of the stock of consumables, drawn by Jinja."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medcover.common.by_jinja import draw
from medcover.common.icons import icon

register = template.Library()


class LotCells(NamedTuple):
    """What `jinja2/equipment/lots.html` shows of a lot, as plain values."""

    number: str
    label: str
    quantity: str
    is_expired: bool
    is_left: bool
    expires_on: str
    location: str
    received_on: str
    move_url: str
    dispose_url: str
    edit_url: str


@register.simple_tag
def lot_rows(lots: Iterable[Any], unit: str, *, may_manage: bool) -> SafeString:
    """Draw rows of lots, which carry `is_expired`; `unit` is that of their kind."""
    expired = pgettext("lot", "Expired")
    words = {
        "expired": format_html('<span class="badge badge-short">{} {}</span>', icon("x-circle"), expired),
        "quantity": pgettext("quantity", "In stock"),
        "expiry": _("Expires on"),
        "location": _("Location"),
        "received": _("Received on"),
        "move_icon": icon("arrow-left-right"),
        "move": pgettext("verb", "Move"),
        "dispose_icon": icon("trash"),
        "dispose": _("Dispose of"),
        "edit_icon": icon("pencil"),
        "edit": _("Edit"),
    }
    return draw("equipment/lots.html", rows=[_cells(lot, unit) for lot in lots], may_manage=may_manage, words=words)


def _cells(lot: Any, unit: str) -> LotCells:
    return LotCells(
        number=lot.number or "—",
        label=lot.label,
        quantity=f"{lot.quantity} {unit}",
        is_expired=bool(lot.is_expired and lot.quantity),
        is_left=bool(lot.quantity),
        expires_on=f"{lot.expires_on:%d.%m.%Y}" if lot.expires_on else "—",
        location=str(lot.location or "—"),
        received_on=f"{lot.received_on:%d.%m.%Y}",
        **_steps(lot.pk),
    )


@lru_cache(maxsize=4096)
def _steps(key: int) -> dict[str, str]:
    """Return the addresses of the steps on a lot; kept, because pages need the same ones over and over."""
    names = {"move_url": "equipment:move", "dispose_url": "equipment:dispose", "edit_url": "equipment:edit_lot"}
    return {cell: reverse(name, args=[key]) for cell, name in names.items()}

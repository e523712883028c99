"""Pieces of the pages of repairs: badges that are kept, and cards, rows and steps drawn by Jinja."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from equipment.models import Repair
from equipment.repairs.rules import OPEN, Severity, Status
from equipment.views.repairs.board import Card
from equipment.views.repairs.queue import ROW_TEXT, Row
from medcover.common.by_jinja import draw, token_field
from medcover.common.components import drawn
from medcover.common.icons import icon

register = template.Library()


@register.simple_tag
def repair_severity(repair: Any) -> SafeString:
    """Draw how bad a repair is, and whether it could hurt somebody or something has run out."""
    return drawn(
        "equipment/repairs/_severity.html",
        severity=str(repair.severity),
        label=str(Severity(repair.severity).label) if repair.severity else "",
        is_safety_risk=repair.is_safety_risk,
        is_consumable=repair.is_consumable,
    )


@register.simple_tag
def repair_status(repair: Any) -> SafeString:
    """Draw where the work on a repair stands."""
    status = Status(repair.status)
    return drawn("equipment/repairs/_status.html", status=status.value, label=str(status.label), is_open=status in OPEN)


class Age(NamedTuple):
    """How long ago something was, in whole days, and the moment itself as a machine and as people read it."""

    words: str
    iso: str
    moment: str


def _age(days: int, at: Any) -> Age:
    local = timezone.localtime(at)
    words = ngettext("%(counter)s day", "%(counter)s days", days) % {"counter": days} if days else ""
    return Age(words or _("less than a day"), local.isoformat(), f"{local:%d.%m.%Y %H:%M}")


@register.simple_tag
def repair_age(days: int, at: Any) -> SafeString:
    """Draw how long ago something was."""
    return draw("repairs/age_alone.html", shown=_age(days, at))


# --- the board ----------------------------------------------------------------------------------------------


class CardCells(NamedTuple):
    """What `jinja2/repairs/cards.html` shows of a repair, as plain values."""

    pk: int
    version: int
    url: str
    name: str
    is_archived: bool
    ageing: str
    is_old: bool
    badges: SafeString
    location: str
    age: Age
    eta: str
    assignee: str


@register.simple_tag
def repair_cards(cards: Iterable[Card]) -> SafeString:
    """Draw the cards of a column."""
    words = {
        "grip": icon("grip-vertical"),
        "move": _("Move"),
        "move_what": _("Move %(name)s"),
        "archived": _archived(),
        "old": _("Has not moved for long:"),
        "eta": _("Expected to be done: %(day)s"),
    }
    return draw("repairs/cards.html", cards=[_card(card) for card in cards], words=words)


def _card(card: Card) -> CardCells:
    repair = card.repair
    return CardCells(
        pk=repair.pk,
        version=repair.version,
        url=_url(repair.pk),
        name=repair.name,
        is_archived=repair.is_archived,
        ageing=card.ageing,
        is_old=card.is_old,
        badges=repair_severity(repair),
        location=repair.location or "",
        age=_age(card.days, card.since),
        eta=_day(repair.eta),
        assignee=repair.assigned_to or "",
    )


# --- the queue ----------------------------------------------------------------------------------------------


class RowCells(NamedTuple):
    """What `jinja2/repairs/rows.html` shows of a repair, as plain values."""

    pk: int
    version: int
    url: str
    name: str
    is_archived: bool
    text: str
    severity: SafeString
    location: str
    age: Age
    status: SafeString
    eta: str
    assignee: str
    may_claim: bool
    may_resolve: bool
    claim_url: str
    resolve_url: str


@register.simple_tag(takes_context=True)
def repair_rows(context: Context, rows: Iterable[Row]) -> SafeString:
    """Draw rows of the queue."""
    request = context["request"]
    words = {
        "archived": _archived(),
        "location": _("Location"),
        "age": _("Age"),
        "eta": _("Expected"),
        "assignee": _("Assignee"),
    }
    cells = [_row(row, request.user) for row in rows]
    return draw("repairs/rows.html", rows=cells, words=words | _words_of_steps(), **_of_forms(request))


def _row(row: Row, reader: Any) -> RowCells:
    repair = row.repair
    return RowCells(
        name=repair.name,
        is_archived=repair.is_archived,
        text=Truncator(repair.text).chars(ROW_TEXT),
        severity=repair_severity(repair),
        location=repair.location or "—",
        age=_age(row.days, repair.created),
        status=repair_status(repair),
        eta=_day(repair.eta) or "—",
        assignee=repair.assigned_to or "—",
        may_claim=repair.status == Status.NEW and repair.assignee_id != reader.pk,
        may_resolve=repair.status != Status.NEW,
        **_step(repair),
    )


@register.simple_tag(takes_context=True)
def repair_claim(context: Context, repair: Repair) -> SafeString:
    """Draw the one touch by which the reader takes a repair upon themselves."""
    return _step_alone("claim_alone", context, repair)


@register.simple_tag(takes_context=True)
def repair_resolve(context: Context, repair: Repair) -> SafeString:
    """Draw closing a repair as done, with a note of what was done."""
    return _step_alone("resolve_alone", context, repair)


def _step_alone(name: str, context: Context, repair: Repair) -> SafeString:
    row = {"name": repair.item.name, **_step(repair)}
    return draw(f"repairs/{name}.html", row=row, words=_words_of_steps(), **_of_forms(context["request"]))


def _step(repair: Any) -> dict[str, Any]:
    """What the steps on a repair need to know of it."""
    return {
        "pk": repair.pk,
        "version": repair.version,
        "url": _url(repair.pk),
        "claim_url": _url(repair.pk, "_claim"),
        "resolve_url": _url(repair.pk, "_resolve"),
    }


def _words_of_steps() -> dict[str, Any]:
    return {
        "claim_icon": icon("person-check"),
        "claim": _("Claim"),
        "resolve_icon": icon("check-lg"),
        "resolve": _("Resolve"),
        "what": _("What has been done?"),
        "done": _("It works again"),
    }


def _of_forms(request: Any) -> dict[str, Any]:
    """What is the same in all forms: where they lead back to, and the token."""
    return {"next_url": request.get_full_path(), "token": token_field(request)}


# --- shared -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def _url(key: int, step: str = "") -> str:
    """Return the address of a repair or of a step on it; kept, because lists need the same ones over and over."""
    return reverse(f"equipment:repair{step}", args=[key])


def _day(day: Any) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _archived() -> SafeString:
    words = pgettext("equipment", "Archived")
    return format_html('<span class="badge badge-draft">{} {}</span>', icon("archive"), words)

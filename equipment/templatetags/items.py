"""Pieces of the pages of equipment: badges that are kept, and rows, choices and steps drawn by Jinja."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from equipment.models import EquipmentItem
from equipment.states import ItemState
from equipment.templatetags.status_board import item_condition
from equipment.views.inspection_list import Line
from medcover.common.by_jinja import draw, token_field
from medcover.common.components import drawn
from medcover.common.icons import icon

register = template.Library()

# --- badges -------------------------------------------------------------------------------------------------


@register.simple_tag
def item_state(state: ItemState, *, quiet: bool = False) -> SafeString:
    """Draw whether an item can be used; with `quiet` nothing is said of one that can."""
    return drawn(
        "equipment/_item_state.html",
        code=state.code,
        condition=state.condition.value,
        badge=item_condition(state.condition),
        quiet=quiet,
        expired_on=_day(state.item.expires_on) if state.code == "expired" else "",
        out_until=_moment(state.active.until) if state.active else "",
        out_from=_day(state.coming.since) if state.coming and not state.code else "",
        inspection_is_overdue=state.inspection_is_overdue,
        service_due=_day(state.item.service_due) if state.service_is_due else "",
        says_both=state.is_held_back and state.repair is not None and state.code != "archived",
    )


@register.simple_tag
def inspection_state(line: Line) -> SafeString:
    """Draw how an inspection of an item stands."""
    row = line.row
    return drawn(
        "equipment/_inspection_state.html",
        code=line.code,
        failed_on=_day(row.last_result.done_on) if row.last_result and line.code == "failed" else "",
        due_on=_day(row.due_on),
        is_safety=row.plan.is_safety,
        uses=row.uses,
        most=row.plan.uses,
    )


# --- choices ------------------------------------------------------------------------------------------------


@register.simple_tag
def filter_select(field: Any, id: str) -> SafeString:  # noqa: A002
    """Draw the select of a filter, named for screen readers only."""
    chosen = str(field.value() or "")
    return draw("equipment/select.html", id=id, name=field.name, label=field.label, chosen=chosen,
                choices=[(str(value), label) for value, label in field.field.choices])  # fmt: skip


# --- the list of items --------------------------------------------------------------------------------------


class ItemCells(NamedTuple):
    """What `jinja2/equipment/items.html` shows of an item, as plain values."""

    pk: int
    version: int
    url: str
    name: str
    type: str
    serial: str
    place: str
    holder: str
    badges: SafeString
    event: str
    #: Which step is one touch away: "take", "return" or none.
    step: str
    step_url: str


@register.simple_tag(takes_context=True)
def item_rows(context: Context, rows: Iterable[ItemState], *, may_issue: bool) -> SafeString:
    """Draw rows of the list of items."""
    request = context["request"]
    words = {
        "serial": _("Serial number"),
        "location": _("Location"),
        "holder": _("Issued to"),
        "person": icon("person"),
        "box": icon("box-seam"),
    }
    cells = [_cells(state, request.user, may_issue=may_issue) for state in rows]
    steps = _of_steps(request, request.get_full_path())
    return draw("equipment/items.html", rows=cells, may_issue=may_issue, words=words | _words_of_steps(), **steps)


def _cells(state: ItemState, reader: Any, *, may_issue: bool) -> ItemCells:
    item, packed_for = state.item, getattr(state.item, "packed_for", None)
    return ItemCells(
        url=address_of(item.pk),
        type=str(item.type),
        serial=item.serial_number or "—",
        place=place_of(item),
        holder=state.issue.person.name if state.issue else "",
        badges=item_state(state),
        event=_("At the event %(name)s") % {"name": packed_for} if packed_for else "",
        **_step(state, _which(state, reader) if may_issue else ""),
    )


def place_of(item: EquipmentItem) -> str:
    """Say where an item belongs."""
    location = str(item.location) if item.location else "—"
    return f"{location}, {item.place}" if item.place else location


def _which(state: ItemState, reader: Any) -> str:
    if state.can_be_issued:
        return "take"
    return "return" if state.issue is not None and state.issue.person_id == reader.pk else ""


@lru_cache(maxsize=16_384)
def address_of(key: int) -> str:
    """Return the address of an item; kept, because lists need the same ones over and over."""
    return reverse("equipment:item", args=[key])


# --- steps --------------------------------------------------------------------------------------------------

_STEPS = {"take": "equipment:take", "return": "equipment:take_back"}


@register.simple_tag(takes_context=True)
def item_step(context: Context, state: ItemState, step: str, *, next: str, small: bool = False) -> SafeString:  # noqa: A002
    """Draw one touch by which the reader takes an item along ("take") or notes its return ("return")."""
    shown = _of_steps(context["request"], next)
    return draw("equipment/step.html", row=_step(state, step), small=small, words=_words_of_steps(), **shown)


def _step(state: ItemState, step: str) -> dict[str, Any]:
    item = state.item
    url = reverse(_STEPS[step], args=[item.pk]) if step else ""
    return {"pk": item.pk, "version": item.version, "name": item.name, "step": step, "step_url": url}


def _words_of_steps() -> dict[str, Any]:
    return {
        "take_icon": icon("box-arrow-right"),
        "take": _("Take along"),
        "return_icon": icon("box-arrow-in-left"),
        "return": pgettext("equipment", "Return"),
    }


def _of_steps(request: Any, next_url: str) -> dict[str, Any]:
    return {"next_url": next_url, "token": token_field(request)}


# --- inspections --------------------------------------------------------------------------------------------


class InspectionCells(NamedTuple):
    """What `jinja2/equipment/inspections.html` shows of an inspection, as plain values."""

    url: str
    name: str
    type: str
    plan: str
    badges: SafeString
    place: str
    last: str
    record_url: str


@register.simple_tag
def inspection_rows(lines: Iterable[Line]) -> SafeString:
    """Draw rows of the list of inspections."""
    words = {
        "plan": _("Inspection"),
        "location": _("Location"),
        "last": _("Last inspection"),
        "record_icon": icon("clipboard-check"),
        "record": pgettext("inspection", "Record"),
    }
    return draw("equipment/inspections.html", rows=[_inspection(line) for line in lines], words=words)


def _inspection(line: Line) -> InspectionCells:
    row = line.row
    return InspectionCells(
        url=address_of(row.item_id),
        name=row.item.name,
        type=str(row.item.type),
        plan=row.plan.name,
        badges=inspection_state(line),
        place=place_of(row.item),
        last=_day(row.last_result.done_on) if row.last_result else "—",
        record_url=reverse("equipment:inspect", args=[row.item_id, row.plan_id]),
    )


# --- packing ------------------------------------------------------------------------------------------------


class OfferedCells(NamedTuple):
    """What `jinja2/equipment/offered.html` shows of an item, as plain values."""

    pk: int
    name: str
    holder: str
    details: str


@register.simple_tag
def packing_offered(items: Iterable[Any]) -> SafeString:
    """Draw items that can be packed, with `open_issues`."""
    return draw("equipment/offered.html", rows=[_offered(item) for item in items], person=icon("person"))


def _offered(item: Any) -> OfferedCells:
    holder = ", ".join(issue.person.name for issue in item.open_issues)
    return OfferedCells(item.pk, item.name, holder, " · ".join(filter(None, [item.serial_number, item.place])))


# --- shared -------------------------------------------------------------------------------------------------


def _day(day: date | None) -> str:
    """Write a day, or the local day of a moment."""
    local = timezone.localtime(day) if isinstance(day, datetime) else day
    return f"{local:%d.%m.%Y}" if local else ""


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}" if at else ""

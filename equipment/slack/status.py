"""`/esb-status`: how the equipment is, for everybody of the workspace; nothing of people but for those who repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from equipment.models import EquipmentItem, StorageLocation
from equipment.repairs.rules import Condition, condition_of
from equipment.services.repairs.record import MANAGE
from equipment.slack.posts import day_word
from notifications.slack.registry import Call, Command, Say, add_commands
from notifications.slack.text import NOT_FOUND, SUMMARY, cut, line, message

_DOTS = {Condition.OPERATIONAL: "✅", Condition.DEGRADED: "⚠️", Condition.DOWN: "❌"}
#: Characters of what is wrong in the summary, and items that are listed when several fit.
_SHORT, _MOST = 80, 50


def register() -> None:
    """Add the command."""
    description = gettext_lazy("How the equipment is: all of it, one storage location, or one item")
    usage = gettext_lazy("[storage location or item]")
    add_commands(Command("status", description, answer, usage=usage, by_worker=True))


def answer(call: Call) -> Say:
    """Answer for everything, for a storage location, or for an item; a location wins over an item."""
    if not call.text:
        return Say(message(_summary()))
    with_people = call.caller.may(MANAGE)
    location = StorageLocation.objects.in_use().filter(name__iexact=call.text).first()
    if location is not None:
        return Say(message(_of_location(location, with_people=with_people)))
    found = _shown().filter(name__icontains=call.text)
    return Say(message(_found(list(found[: _MOST + 1]), call.text, with_people=with_people)))


def _shown() -> Any:
    """Items of the board, by location and name, with the repair that decides about each; two queries."""
    items = EquipmentItem.objects.in_use().filter(Q(location__isnull=True) | Q(location__is_archived=False))
    ordered = items.order_by("location__sort_order", "location__name_sort", "name_sort", "pk")
    return ordered.select_related("location").with_status()


def _summary() -> list[str]:
    areas: dict[str, list[Any]] = {}
    for item in _shown():
        areas.setdefault(_area(item), []).append(item)
    if not areas:
        return [_("There are no items yet.")]
    lines = [f"{SUMMARY} *" + _("How the equipment is") + "*"]
    for area, items in areas.items():
        lines += ["", f"*{line(area)}*  {_counts(items)}"]
        lines += [_bullet(item) for item in items if _condition(item) is not Condition.OPERATIONAL]
    return [*lines, "", _("For more, write the name of a storage location or of an item behind the command.")]


def _counts(items: Iterable[Any]) -> str:
    counted = Counter(_condition(item) for item in items)
    return "  ".join(f"{dot} {counted[condition]}" for condition, dot in _DOTS.items())


def _bullet(item: Any) -> str:
    repair = item.determining_repairs[0]
    eta = f" ({_eta(repair)})" if repair.eta else ""
    return f"• {_dot(item)} {line(item.name)} – {line(cut(repair.description, _SHORT))}{eta}"


def _of_location(location: StorageLocation, *, with_people: bool) -> list[str]:
    items = list(_shown().filter(location=location))
    head = f"{SUMMARY} *{line(location.name)}*"
    if not items:
        return [head, _("There are no items here.")]
    lines = [head]
    for item in items:
        lines.append(f"{_dot(item)} *{line(item.name)}* – {_condition(item).label}")
        lines += [f"    {text}" for text in _details(item, with_people=with_people)]
    return lines


def _found(items: Sequence[Any], text: str, *, with_people: bool) -> list[str]:
    if not items:
        asked = line(cut(text, _SHORT))
        return [
            f"{NOT_FOUND} " + _("Nothing is called “%s”. Try a part of the name, or nothing for everything.") % asked
        ]
    if len(items) > 1:
        return _several(items)
    item = items[0]
    head = f"{_dot(item)} *{line(item.name)}* ({line(_area(item))}) – {_condition(item).label}"
    return [head, *_details(item, with_people=with_people)]


def _several(items: Sequence[Any]) -> list[str]:
    count = min(len(items), _MOST)
    head = ngettext("%d item fits. Write more of its name:", "%d items fit. Write more of the name:", count) % count
    more = ["…"] if len(items) > _MOST else []
    return [
        f"{NOT_FOUND} {head}",
        *(f"{_dot(item)} {line(item.name)} ({line(_area(item))})" for item in items[:_MOST]),
        *more,
    ]


def _details(item: Any, *, with_people: bool) -> list[str]:
    """What is wrong with an item; who works on it is for those who work on repairs, as on the pages."""
    if not item.determining_repairs:
        return []
    repair = item.determining_repairs[0]
    told = [line(repair.description), _eta(repair)]
    if with_people and repair.assignee:
        told.append(_("Assignee: %s") % line(repair.assignee.name))
    return [text for text in told if text]


def _eta(repair: Any) -> str:
    return _("expected to be done %s") % day_word(repair.eta.isoformat()) if repair.eta else ""


def _area(item: Any) -> str:
    return item.location.name if item.location else _("without a storage location")


def _condition(item: Any) -> Condition:
    repair = item.determining_repairs[0] if item.determining_repairs else None
    return condition_of(repair.severity if repair else None)


def _dot(item: Any) -> str:
    return _DOTS[_condition(item)]

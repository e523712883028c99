"""`/esb-repair` alone: all open repairs, and what is done with one of them in two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import Repair
from equipment.repairs.rules import Status
from equipment.services.repairs import work
from equipment.services.repairs.record import MANAGE
from equipment.slack import creating, fields
from equipment.slack.fields import text_in
from equipment.slack.posts import day_word, severity_word, status_word
from medcover.common.errors import DomainError
from medcover.common.text import key_in
from notifications.slack import blocks
from notifications.slack.blocks import MOST_OPTIONS, Option
from notifications.slack.registry import (
    Call,
    Command,
    Done,
    Faults,
    Open,
    Say,
    Window,
    add_commands,
    add_source,
    add_windows,
)
from notifications.slack.text import DAY, DONE, MOVED, REPAIR, line

REPAIRS, TARGETS = "esb_open_repairs", "esb_targets"
_NEW = "new"


def register() -> None:
    """Add the command, both windows and their lists."""
    add_commands(
        Command(
            "repair",
            gettext_lazy("Work on repairs, or open a new one"),
            answer,
            usage=gettext_lazy("[item]"),
        )
    )
    add_windows(Window("esb_dispatch", choose, main="repair"), Window("esb_action", act, main="action"))
    add_source(REPAIRS, lambda call: _repairs(call.text) if call.caller.may(MANAGE) else [])
    add_source(TARGETS, _search_targets)


def answer(call: Call) -> Say | Open:
    """Open the list of repairs, or with the name of an item the window of a new one."""
    refused = fields.refusal(call.caller)
    if refused is not None:
        return refused
    if not fields.item_options():
        return fields.no_items()
    return creating.window(call.text) if call.text else _dispatcher()


# --- which repair --------------------------------------------------------------------------------------


def _dispatcher() -> Open:
    repairs = _repairs()
    shown = [blocks.field("repair", _("Repair"), blocks.choice(REPAIRS, repairs))]
    if len(repairs) == 1:
        shown.insert(0, blocks.context(f"{REPAIR} " + _("No repair is open.")))
    return Open(blocks.window("esb_dispatch", _("Repairs"), shown, submit=_("Continue"), cancel=_("Cancel")))


def _repairs(text: str = "") -> list[Option]:
    """Return the entry for a new repair, and open ones by location, the worst first, of equally bad ones the oldest."""
    found = Repair.objects.open().filter(item__is_archived=False).matching(text).with_names().with_rank()
    ordered = found.order_by(
        "item__location__sort_order", "item__location__name_sort", "item__location_id", "rank", "created", "pk"
    )
    new = Option(_NEW, "➕ " + _("Open a new repair"), group=_("New"))
    return [new, *(_option(repair) for repair in ordered[:MOST_OPTIONS])]


def _option(repair: Repair) -> Option:
    location = repair.item.location
    assignee = repair.assignee.name if repair.assignee else _("nobody")
    return Option(
        str(repair.pk),
        f"#{repair.pk} {repair.item.name} — {status_word(repair.status)}",
        hint=f"{severity_word(repair.severity)} · {assignee}",
        group=location.name if location else _("without a storage location"),
    )


def choose(call: Call) -> Faults | Open:
    """Go on to what is to be done."""
    fields.require_worker(call.caller)
    chosen = text_in(call, "repair")
    return creating.window() if chosen == _NEW else _action_window(_open_repair(chosen))


def _open_repair(text: str) -> Repair:
    """Return an open repair. Raises DomainError when there is none such, or none any more."""
    if not text:
        raise DomainError(_("Choose a repair."))
    repair = fields.repair_of(text)
    if repair is None:
        raise DomainError(_("This repair does not exist."))
    if not repair.is_open:
        raise DomainError(_("The repair has been closed meanwhile."))
    return repair


# --- what is to be done --------------------------------------------------------------------------------


def _action_window(repair: Repair) -> Open:
    others = targets(repair)
    actions = [Option(code, str(label)) for code, (label, _act) in _ACTIONS.items()]
    shown = [
        blocks.context(_about(repair)),
        blocks.field("action", _("What to do"), blocks.select(actions)),
        blocks.field("eta", _("Expected to be done"), blocks.day(), optional=True),
        fields.status_field(_statuses(has_targets=bool(others)), optional=True),
        blocks.field("note", _("Note"), blocks.text_input(multiline=True), optional=True),
    ]
    if others:
        shown.append(target_field(others))
    title = _("Repair #%d") % repair.pk
    return Open(blocks.window("esb_action", title, shown, submit=_("Do it"), cancel=_("Back"), hidden=str(repair.pk)))


def _about(repair: Repair) -> str:
    place = f" ({line(repair.item.location.name)})" if repair.item.location else ""
    return f"*{line(repair.item.name)}*{place} · {status_word(repair.status)} · {severity_word(repair.severity)}"


def _statuses(*, has_targets: bool) -> list[Status]:
    offered = [Status.IN_PROGRESS, Status.DUPLICATE, Status.NO_ISSUE]
    return offered if has_targets else [status for status in offered if status is not Status.DUPLICATE]


def targets(repair: Repair, text: str = "") -> list[Option]:
    """Return other repairs of the item, the newest first."""
    others = Repair.objects.of_item(repair.item_id).exclude(pk=repair.pk).matching(text)
    return [
        Option(str(other.pk), f"#{other.pk} {other.description}", hint=status_word(other.status))
        for other in others[: MOST_OPTIONS + 1]
    ]


def target_field(options: list[Option], chosen: str = "") -> blocks.Block:
    """Return the list of repairs that this one may duplicate."""
    element = blocks.choice(TARGETS, options, chosen=chosen)
    return blocks.field("target", _("Duplicate of"), element, optional=True)


def _search_targets(call: Call) -> list[Option]:
    repair = fields.repair_of(call.hidden.partition(":")[0]) if call.caller.may(MANAGE) else None
    return targets(repair, call.text) if repair else []


def act(call: Call) -> Done | Faults:
    """Do what was chosen; what was filled in for other actions does not matter."""
    by = fields.require_worker(call.caller)
    repair = _open_repair(call.hidden)
    chosen = _ACTIONS.get(text_in(call, "action"))
    if chosen is None:
        return Faults({"action": _("Choose what to do.")})
    return chosen[1](call, repair, by)


def _claim(call: Call, repair: Repair, by: Any) -> Done:
    if repair.assignee_id != by.pk:
        repair = work.claim(repair.pk, by=by, at=call.at, version=repair.version)
    return _done(MOVED, repair, _("the repair is yours"))


def _set_eta(call: Call, repair: Repair, by: Any) -> Done | Faults:
    eta = fields.day_in(call, "eta")
    if eta is None:
        return Faults({"eta": _("Choose a day.")})
    work.save(repair.pk, by=by, at=call.at, version=repair.version, eta=eta)
    return _done(DAY, repair, _("expected to be done %s") % day_word(eta.isoformat()))


def _set_status(call: Call, repair: Repair, by: Any) -> Done | Faults:
    status, target = text_in(call, "status"), key_in(text_in(call, "target"))
    if status not in _statuses(has_targets=True):
        return Faults({"status": _("Choose a status.")})
    wanted: dict[str, Any] = {"status": status}
    if status == Status.DUPLICATE:
        if not target:
            return Faults({"target": _("Choose the repair that this one duplicates.")})
        wanted["duplicate_of_id"] = target
    saved = work.save(repair.pk, by=by, at=call.at, version=repair.version, **wanted)
    return _done(MOVED, saved, status_word(saved.status))


def _resolve(call: Call, repair: Repair, by: Any) -> Done | Faults:
    note = text_in(call, "note")
    if not note.strip():
        return Faults({"note": _("Write what has been done.")})
    saved = work.resolve(repair.pk, note=note, by=by, at=call.at, version=repair.version)
    return _done(DONE, saved, status_word(saved.status))


def _done(sign: str, repair: Repair, what: str) -> Done:
    return Done(f"{sign} #{repair.pk} *{line(repair.item.name)}*: {what}")


_ACTIONS: dict[str, tuple[Promise, Callable[[Call, Repair, Any], Done | Faults]]] = {
    "claim": (gettext_lazy("Take it over"), _claim),
    "eta": (gettext_lazy("Say when it is to be done"), _set_eta),
    "status": (gettext_lazy("Change the status"), _set_status),
    "resolve": (gettext_lazy("Close as done, with a note"), _resolve),
}

"""`/esb-update` with a number: everything about a repair in one window, closed ones too."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import Repair
from equipment.repairs.rules import Status, as_told
from equipment.services.repairs import work
from equipment.slack import fields
from equipment.slack.actions import target_field, targets
from equipment.slack.fields import day_in, text_in
from equipment.slack.posts import status_word
from medcover.common.text import key_in
from notifications.slack import blocks, config
from notifications.slack.blocks import LONGEST_INPUT
from notifications.slack.registry import Call, Command, Done, Open, Say, Window, add_commands, add_windows
from notifications.slack.text import DONE, NOT_FOUND, REFUSED, line


def register() -> None:
    """Add the command and its window."""
    description = gettext_lazy("Change everything about a repair")
    add_commands(Command("update", description, answer, usage=gettext_lazy("[number of the repair]")))
    add_windows(Window("esb_update", take, main="status"))


def answer(call: Call) -> Say | Open:
    """Open the window of the repair of this number."""
    refused = fields.refusal(call.caller)
    if refused is not None:
        return refused
    if not call.text:
        return Say(
            _("Write the number of the repair behind the command, for example %s 12.") % config.command_name("update")
        )
    if not key_in(call.text.lstrip("#")):
        return Say(f"{REFUSED} " + _("This is not the number of a repair."))
    repair = fields.repair_of(call.text)
    return _window(repair) if repair else Say(f"{NOT_FOUND} " + _("This repair does not exist."))


def _window(repair: Repair) -> Open:
    others = targets(repair)
    shown: list[Any] = [
        blocks.context(f"*{line(repair.item.name)}*"),
        fields.status_field(Status, repair.status),
        fields.severity_field(repair.severity),
        *fields.assignee_field(repair.assignee),
        blocks.field("eta", _("Expected to be done"), blocks.day(as_told(repair.eta)), optional=True),
        *_specialist_field(repair),
        blocks.field("note", _("Note"), blocks.text_input(multiline=True), optional=True),
    ]
    if others:
        shown.append(target_field(others, str(repair.duplicate_of_id or "")))
    hidden = f"{repair.pk}:{repair.version}"
    title = _("Repair #%d") % repair.pk
    return Open(blocks.window("esb_update", title, shown, submit=_("Save"), cancel=_("Cancel"), hidden=hidden))


def _specialist_field(repair: Repair) -> list[Any]:
    """Return the field; a text that Slack could not show whole stays as it is, and is changed on the pages."""
    if len(repair.specialist_text) > LONGEST_INPUT:
        return []
    element = blocks.text_input(multiline=True, initial=repair.specialist_text)
    return [blocks.field("specialist", _("For the specialist"), element, optional=True)]


def take(call: Call) -> Done:
    """Write what the window says; what was emptied is empty, and a field that was not shown stays as it is."""
    by = fields.require_worker(call.caller)
    number, _colon, version = call.hidden.partition(":")
    saved = work.save(
        key_in(number), by=by, at=call.at, version=key_in(version), note=text_in(call, "note"), **_wanted(call)
    )
    words = {"number": saved.pk, "item": line(saved.item.name), "status": status_word(saved.status)}
    return Done(f"{DONE} " + _("Repair #%(number)d of *%(item)s* was saved: %(status)s.") % words)


def _wanted(call: Call) -> dict[str, Any]:
    wanted: dict[str, Any] = {"status": text_in(call, "status"), "severity": text_in(call, "severity")}
    wanted["eta"] = day_in(call, "eta")
    if "assignee" in call.values:
        wanted["assignee_id"] = text_in(call, "assignee") or None
    if "specialist" in call.values:
        wanted["specialist_text"] = text_in(call, "specialist")
    if "target" in call.values:
        wanted["duplicate_of_id"] = key_in(text_in(call, "target")) or None
    return wanted

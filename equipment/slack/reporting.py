"""`/esb-report`: everybody of the workspace says what is wrong with an item."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.repairs.rules import Severity
from equipment.services.repairs import opening
from equipment.services.repairs.opening import Problem, Stranger
from equipment.services.repairs.record import REPORT
from equipment.slack import fields
from equipment.slack.fields import text_in, ticked
from medcover.common.text import key_in
from notifications.slack import blocks
from notifications.slack.registry import (
    Call,
    Caller,
    Command,
    Done,
    Faults,
    Open,
    Say,
    Window,
    add_commands,
    add_windows,
)
from notifications.slack.text import DONE, line

_LONGEST_NAME = 200


def register() -> None:
    """Add the command and its window."""
    fields.register()
    add_commands(Command("report", gettext_lazy("Report that something is wrong with an item"), ask))
    add_windows(Window("esb_report", take, main="description"))


def ask(call: Call) -> Say | Open:
    """Open the window; what stands behind the command does not matter."""
    if not fields.item_options():
        return fields.no_items()
    shown = [
        fields.item_field(),
        *_name_field(call.caller),
        fields.description_field(),
        fields.severity_field(Severity.UNSURE),
        fields.risk_field(),
        blocks.field(
            "consumable", _("Consumable"), blocks.tick("consumable", _("Something has run out")), optional=True
        ),
    ]
    return Open(blocks.window("esb_report", _("Report a problem"), shown, submit=_("Report"), cancel=_("Cancel")))


def _name_field(caller: Caller) -> list[blocks.Block]:
    """Ask for the name of whoever has no account that could report."""
    if caller.may(REPORT):
        return []
    element = blocks.text_input(initial=caller.name[:_LONGEST_NAME], longest=_LONGEST_NAME)
    return [blocks.field("name", _("Your name"), element)]


def take(call: Call) -> Done | Faults:
    """Keep the report."""
    name = text_in(call, "name").strip() or call.caller.name or _("somebody in Slack")
    known = call.caller.may(REPORT)
    reported = opening.report(
        key_in(text_in(call, "item")),
        Problem(
            text_in(call, "description"),
            text_in(call, "severity"),
            is_safety_risk=ticked(call, "risk"),
            is_consumable=ticked(call, "consumable"),
        ),
        by=call.caller.account if known else None,
        at=call.at,
        stranger=None if known else Stranger(name[:_LONGEST_NAME]),
    )
    words = {"number": reported.repair.pk, "item": line(reported.repair.item.name)}
    return Done(f"{DONE} " + _("Thank you, the problem of *%(item)s* was reported as #%(number)d.") % words)

"""`/medcover-duties`: what somebody has promised to do next."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.dashboard import read_dashboard
from events.slack.words import linked, no_account, style_of, when
from notifications.slack.registry import Call, Command, Say, add_commands
from notifications.slack.text import DAY, line, message


def register() -> None:
    """Add the command."""
    add_commands(Command("duties", gettext_lazy("Your next duties"), answer, by_worker=True))


def answer(call: Call) -> Say:
    """List what the overview of the asker lists as theirs, within the days that it looks ahead."""
    if call.caller.account is None:
        return no_account()
    panel = read_dashboard(call.caller.account, call.at, unfolded="mine").mine
    if not panel.events:
        return Say(f"{DAY} " + _("You have no duty in the next %d days.") % call.caller.account.dashboard_horizon)
    style = style_of(call.caller)
    heading = f"{DAY} *" + _("Your next duties") + "*"
    return Say(message([heading, *(_line(event, style) for event in panel.events)]))


def _line(event: Any, style: int) -> str:
    place = f" – {line(event.my_position)}" if event.my_position else ""
    where = f", {line(event.address)}" if event.address else ""
    return f"• {when(event.start, event.end, style)}: {linked(event.pk, event.name)}{place}{where}"

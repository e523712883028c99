"""`/esb-repair` with the name of an item, and the first entry of the list without one: a technician opens a repair."""

from __future__ import annotations

from django.utils.translation import gettext as _

from equipment.models import EquipmentItem
from equipment.repairs.rules import Status
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem
from equipment.slack import fields
from equipment.slack.fields import text_in, ticked
from equipment.slack.posts import status_word
from medcover.common.errors import DomainError
from medcover.common.text import key_in
from notifications.slack import blocks
from notifications.slack.registry import Call, Done, Open, Window, add_windows
from notifications.slack.text import DONE, line

#: A duplicate needs another repair to point at; that is said when there is a repair.
STATUSES = [status for status in Status if status is not Status.DUPLICATE]


def register() -> None:
    """Add the window; the command is that of `actions`."""
    add_windows(Window("esb_create", take, main="description"))


def window(name: str = "") -> Open:
    """Return the window; an item is chosen in it when exactly one has this name, whatever the case of its letters."""
    shown = [
        fields.item_field(_only_one_called(name) if name else None),
        fields.description_field(),
        fields.severity_field(),
        fields.risk_field(),
        *fields.assignee_field(),
        fields.status_field(STATUSES, Status.NEW),
    ]
    return Open(blocks.window("esb_create", _("New repair"), shown, submit=_("Create"), cancel=_("Cancel")))


def _only_one_called(name: str) -> EquipmentItem | None:
    found = list(EquipmentItem.objects.in_use().select_related("location").filter(name__iexact=name)[:2])
    return found[0] if len(found) == 1 else None


def take(call: Call) -> Done:
    """Open the repair; with another status it is opened as new and then moved, all of it or nothing."""
    by = fields.require_worker(call.caller)
    status = text_in(call, "status") or Status.NEW.value
    if status not in STATUSES:
        raise DomainError(_("A new repair cannot have this status."))
    problem = Problem(text_in(call, "description"), text_in(call, "severity"), is_safety_risk=ticked(call, "risk"))
    repair = opening.create(
        key_in(text_in(call, "item")), problem, by=by, at=call.at, assignee_id=text_in(call, "assignee") or None
    )
    if status != repair.status:
        repair = work.save(repair.pk, by=by, at=call.at, status=status)
    words = {"number": repair.pk, "item": line(repair.item.name), "status": status_word(repair.status)}
    return Done(f"{DONE} " + _("Repair #%(number)d of *%(item)s* was opened: %(status)s.") % words)

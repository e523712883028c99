"""Fields of the windows about repairs, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from equipment.models import EquipmentItem, Repair
from equipment.repairs.rules import Severity, Status
from equipment.services.repairs.record import MANAGE
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in
from notifications.slack import blocks
from notifications.slack.blocks import MOST_OPTIONS, Block, Option
from notifications.slack.registry import Call, Caller, Say, add_source
from notifications.slack.text import LOCKED, REFUSED
from roster.models import User

#: Lists that are searched while people type.
ITEMS, WORKERS = "esb_items", "esb_workers"

NO_ACCOUNT: Promise = gettext_lazy(
    "This is for those who work on repairs. There is no active account with the e-mail that you have in Slack, or it "
    "lacks the right."
)


def register() -> None:
    """Add the lists."""
    add_source(ITEMS, lambda call: item_options(call.text))
    add_source(WORKERS, lambda call: worker_options(call.text) if call.caller.may(MANAGE) else [])


def refusal(caller: Caller) -> Say | None:
    """Return what is said to somebody who may not work on repairs."""
    return None if caller.may(MANAGE) else Say(f"{LOCKED} {NO_ACCOUNT}")


def require_worker(caller: Caller) -> Any:
    """Return the account of somebody who works on repairs. Raises NotAllowed."""
    if not caller.may(MANAGE):
        raise NotAllowed(NO_ACCOUNT)
    return caller.account


def no_items() -> Say:
    """Say that nothing is registered."""
    return Say(f"{REFUSED} " + _("There are no items yet."))


# --- lists ---------------------------------------------------------------------------------------------


def item_options(text: str = "") -> list[Option]:
    """Return items in use, by name, each with where it belongs; one more than Slack takes, if there are so many."""
    found = EquipmentItem.objects.in_use().matching(text).select_related("location").order_by("name_sort", "pk")
    return [Option(str(item.pk), named(item)) for item in found[: MOST_OPTIONS + 1]]


def named(item: EquipmentItem) -> str:
    """Return the name of an item with where it belongs."""
    return f"{item.name} ({item.location.name})" if item.location else item.name


def worker_options(text: str = "") -> list[Option]:
    """Return those who work on repairs, by name."""
    found = User.objects.holding_permission(MANAGE).matching(text).by_name()
    return [Option(str(key), name) for key, name in found.values_list("pk", "name")[: MOST_OPTIONS + 1]]


def status_options(statuses: Iterable[Status]) -> list[Option]:
    """Return statuses in their order."""
    return [Option(status.value, str(status.label)) for status in statuses]


# --- fields --------------------------------------------------------------------------------------------


def item_field(chosen: EquipmentItem | None = None) -> Block:
    """Return the list of items."""
    options = item_options()
    if chosen is not None and all(one.value != str(chosen.pk) for one in options):
        options.append(Option(str(chosen.pk), named(chosen)))
    return blocks.field("item", _("Item"), blocks.choice(ITEMS, options, chosen=str(chosen.pk) if chosen else ""))


def description_field() -> Block:
    """Return the field for what is wrong."""
    return blocks.field("description", _("What is wrong"), blocks.text_input(multiline=True))


def severity_field(chosen: str = "") -> Block:
    """Return the list of severities."""
    options = [Option(severity.value, str(severity.label)) for severity in Severity]
    return blocks.field("severity", _("Severity"), blocks.select(options, chosen=chosen), optional=True)


def status_field(statuses: Iterable[Status], chosen: str = "", *, optional: bool = False) -> Block:
    """Return the list of statuses."""
    element = blocks.select(status_options(statuses), chosen=chosen)
    return blocks.field("status", pgettext("repair", "Status"), element, optional=optional)


def assignee_field(present: Any = None) -> list[Block]:
    """Return the list of those who work on repairs, and of whoever has this one; none where there is nobody."""
    options: Sequence[Option] = worker_options()
    if present is not None and all(one.value != str(present.pk) for one in options):
        options = [Option(str(present.pk), present.name), *options]
    if not options:
        return []
    element = blocks.choice(WORKERS, options, chosen=str(present.pk) if present else "")
    return [blocks.field("assignee", _("Assignee"), element, optional=True)]


def risk_field() -> Block:
    """Return the box for a risk."""
    element = blocks.tick("risk", _("Safety risk"), _("Using the item could hurt somebody."))
    return blocks.field("risk", _("Safety"), element, optional=True)


# --- what was sent -------------------------------------------------------------------------------------


def text_in(call: Call, name: str) -> str:
    """Return the text of a field; empty where there is none."""
    value = call.values.get(name, "")
    return value if isinstance(value, str) else ""


def ticked(call: Call, name: str) -> bool:
    """Say whether the box of a field is ticked."""
    return name in (call.values.get(name) or ())


def day_in(call: Call, name: str) -> date | None:
    """Return the day of a field. Raises DomainError for what is none."""
    text = text_in(call, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError(_("This is not a day.")) from None


def repair_of(text: str) -> Repair | None:
    """Return the repair of a number as people write it, with its item and people; None when there is none."""
    found: Repair | None = Repair.objects.with_names().filter(pk=key_in(text.strip().lstrip("#"))).first()
    return found

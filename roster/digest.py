"""What the register of people gives to the admin digest: its readers, figures, and the block of new accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications import registry as notices
from notifications.digest import registry, rendering, sources
from notifications.digest.moments import window, with_moments
from notifications.digest.options import BlockOptions, Options, SwitchField, hours_field, rows_field
from notifications.digest.registry import BlockKind, Facts
from notifications.digest.sources import Figure
from roster.models import User
from roster.rights import Role

READERS = Role.ADMIN


def register() -> None:
    """Say who gets the digest, and add what is known of people."""
    notices.register(rendering.notice_type([READERS.value]))
    registry.register_audience(readers)
    registry.register(NEW_USERS)
    sources.register_figures(
        "users",
        Figure("active", _("Active users"), lambda _at: User.objects.active().count()),
        Figure("waiting", _("Users waiting for activation"), lambda _at: User.objects.waiting().count()),
        Figure("archived", _("Archived users"), lambda _at: User.objects.archived().count()),
    )


def readers() -> Iterable[Any]:
    """Return the keys of the administrators whose account is active."""
    admins: Any = User.objects.active().not_archived().with_role(READERS).order_by("pk")
    return list(admins.values_list("pk", flat=True))


class NewUsersOptions(BlockOptions):
    """How long back, how many, and which."""

    hours = hours_field()
    rows = rows_field(20)
    only_inactive = SwitchField(label=_("Only accounts that wait for activation"), default=False)


def collect(options: Options, at: datetime) -> Facts:
    """Read the newest accounts of the window."""
    made = User.objects.not_erased().filter(created__gt=window(options, at), created__lte=at)
    if options["only_inactive"]:
        made = made.waiting()
    rows = [_row(person) for person in made.order_by("-created", "pk")[: options["rows"]]]
    return {"rows": rows, "total": made.count(), "hours": options["hours"]}


def _row(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "state": person.state.value,
        "created": person.created,
        "path": reverse("admin:roster_user_change", args=[person.pk]),
    }


def present(facts: Facts) -> dict[str, Any]:
    """Put the states into words."""
    rows = [with_moments(row, "created") | {"state": User.State(row["state"]).label} for row in facts["rows"]]
    return {**facts, "rows": rows}


NEW_USERS = BlockKind(
    code="new_users",
    label=_("New users"),
    place=40,
    template="roster/mail/digest/new_users",
    options=NewUsersOptions,
    collect=collect,
    present=present,
    description=_("Accounts made in the window, and whether they wait for activation."),
)

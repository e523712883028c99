"""Steps and bulk actions of the person admin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from medcover.backoffice.bulk import BulkAction, Run
from medcover.backoffice.steps import Step
from medcover.common.bulk import BulkResult
from roster import lockout, services
from roster.models import User
from roster.rights import Role
from roster.services import second_factor

STEPS = (
    Step(
        "activate",
        _("Activate"),
        "person-check",
        "roster.activate_user",
        lambda person: person.state == User.State.WAITING,
        services.activate,
        _("The person will be able to log in."),
        _("The account is active."),
        tone="main",
    ),
    Step(
        "deactivate",
        _("Deactivate"),
        "person-dash",
        "roster.deactivate_user",
        lambda person: person.state == User.State.ACTIVE,
        services.deactivate,
        _(
            "The person is logged out and cannot log in. Messages waiting for them are dropped and they stop being "
            "responsible for events. What they are signed up for stays."
        ),
        _("The account has been deactivated."),
        tone="danger",
    ),
    Step(
        "archive",
        _("Archive"),
        "archive",
        "roster.archive_user",
        lambda person: not person.is_archived,
        services.archive,
        _(
            "The person disappears from lists and pickers, cannot log in and receives no messages; calendar links "
            "stop working. What they did stays in events, reports and the audit record."
        ),
        _("The person has been archived."),
        tone="danger",
    ),
    Step(
        "unarchive",
        _("Restore from the archive"),
        "arrow-counterclockwise",
        "roster.archive_user",
        lambda person: person.state == User.State.ARCHIVED,
        services.unarchive,
        _("The person returns to the lists. The account stays inactive until you activate it."),
        _("The person is back from the archive. The account stays inactive until you activate it."),
    ),
    Step(
        "unlock",
        _("Unlock the login"),
        "key",
        "roster.change_user",
        lockout.is_locked,
        lockout.unlock,
        _("The failed logins are forgotten and the person may try again at once."),
        _("The login has been unlocked."),
    ),
    Step(
        "reset_second_factor",
        _("Reset two-step verification"),
        "shield-lock",
        "roster.change_user",
        second_factor.is_on,
        second_factor.reset,
        _(
            "For somebody who has lost both the phone and the recovery codes. Make sure that it is really them: from "
            "now on the password alone is enough. The person is logged out and gets a mail."
        ),
        _("Two-step verification has been reset. The person logs in with the password alone."),
        tone="danger",
    ),
)

#: Steps that nobody may take with their own account.
NOT_ON_ONESELF = {"deactivate", "archive", "reset_second_factor"}


def _about(pattern: Any, role: Role) -> Any:
    """Return `pattern` with the role's name on screen, in the language of whoever reads it."""
    return lazy(lambda: str(pattern) % {"role": role.label}, str)()


def _with_role(service: Callable[..., BulkResult], role: Role) -> Run:
    def run(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:  # noqa: ARG001
        return service(ids, role, by=by, at=at)

    return run


def _adding(role: Role) -> BulkAction:
    return BulkAction(
        f"add_role_{role.name.lower()}",
        _about(_("+ Add the role %(role)s"), role),
        "roster.assign_role",
        _about(_("The selected people will also have the role %(role)s. Who has it already is left alone."), role),
        _with_role(services.add_role_to_all, role),
        may_notify=False,
    )


def _removing(role: Role) -> BulkAction:
    return BulkAction(
        f"remove_role_{role.name.lower()}",
        _about(_("− Remove the role %(role)s"), role),
        "roster.assign_role",
        _about(_("The selected people will lose the role %(role)s; their other roles stay."), role),
        _with_role(services.remove_role_from_all, role),
        may_notify=False,
    )


ROLE_ACTIONS: Sequence[BulkAction] = (*map(_adding, Role), *map(_removing, Role))

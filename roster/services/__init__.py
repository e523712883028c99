"""Services of accounts, invitations and passwords: every change of them.

Those of accounts and `set_password` are named here; the others are asked for by their module:
`invitations.invite(…)`, `passwords.request_reset(…)`.
"""

from roster.services.accounts import (
    EDITABLE,
    ErasedPerson,
    activate,
    add_role,
    add_role_to_all,
    archive,
    choose_notices,
    choose_theme,
    create_person,
    deactivate,
    lock_person,
    remove_role,
    remove_role_from_all,
    renew_calendar_link,
    set_roles,
    unarchive,
    update_person,
)
from roster.services.passwords import set_password

__all__ = [
    "EDITABLE",
    "ErasedPerson",
    "activate",
    "add_role",
    "add_role_to_all",
    "archive",
    "choose_notices",
    "choose_theme",
    "create_person",
    "deactivate",
    "lock_person",
    "remove_role",
    "remove_role_from_all",
    "renew_calendar_link",
    "set_password",
    "set_roles",
    "unarchive",
    "update_person",
]

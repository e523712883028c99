"""The last administrator: there is always one who can log in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from roster.models import User
from roster.rights import Role


class LastAdministrator(DomainError):
    """Refusal: nobody could administer the installation any more."""

    def __init__(self, person: User) -> None:
        words = _("%s is the last administrator who can log in. Give the role to somebody else first.")
        super().__init__(words % person.name)


def refuse_to_lose_last(person: User) -> None:
    """Refuse when a locked person, who is to stop being an administrator, is the last one who can log in.

    Whoever takes an administrator away does so one after the other until the end of the transaction; otherwise two
    of them who remove each other would both find the other one still there. Raises LastAdministrator.
    """
    if not (person.is_active and person.has_role(Role.ADMIN)):
        return
    one_at_a_time("roster.administrators")
    if not User.objects.active().with_role(Role.ADMIN).exclude(pk=person.pk).exists():
        raise LastAdministrator(person)

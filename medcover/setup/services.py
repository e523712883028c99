"""Services of the set-up, for the wizard and for operators who do without it.

Everything locks the settings row first and then looks whether set-up is over: of two people who finish at once,
the second is refused, and nobody can write to an installation through a page that was opened too early.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.services.masters import ensure_general
from medcover.common.errors import DomainError
from medcover.setup import state
from medcover.system.services import complete_setup, lock_settings, save_settings
from roster import services as people
from roster.models import User
from roster.rights import Role, fill_roles


class SetupOver(DomainError):
    """Refusal: the installation has been set up already."""

    def __init__(self) -> None:
        super().__init__(_("MedCover has been set up already. Log in."))


@transaction.atomic
def save_step(**fields: Any) -> None:
    """Write what one step of the wizard asks for.

    Raises SetupOver, or ValidationError for bad values.
    """
    _refuse_if_over()
    save_settings(by=None, **fields)


@transaction.atomic
def finish(*, name: str, email: str, password: str) -> User:
    """Make the first administrator and everything an installation begins with, and close the wizard.

    Raises SetupOver, or ValidationError for a taken address, an empty name or a weak password.
    """
    _refuse_if_over()
    administrator = _new_administrator(name=name, email=email, password=password)
    complete_setup(by=administrator)
    return administrator


def _refuse_if_over() -> None:
    """Look under the lock: whoever was quicker has written all there is to see."""
    if state.is_complete(lock_settings()):
        raise SetupOver


def _new_administrator(*, name: str, email: str, password: str | None) -> User:
    _prepare()
    if password is not None:
        validate_password(password, User(email=email, name=name))
    return people.create_person(email=email, name=name, password=password, roles=[Role.ADMIN], by=None)


def _prepare() -> None:
    """Make what every installation begins with, as far as it is missing."""
    fill_roles()
    ensure_general()


@dataclass(frozen=True)
class Repair:
    """The administrator that an operator asked for, and what had to be done about the account."""

    person: User
    deeds: list[Promise] = field(default_factory=list)


@transaction.atomic
def ensure_administrator(*, email: str, name: str, password: str | None, at: datetime) -> Repair:
    """Make or repair an administrator and close the wizard; for whoever has the server in hand.

    An account of this address is taken out of the archive, activated and given the role, as far as need be; its
    name stays. `password` None leaves the password as it is, or a new account without one. Doing it again changes
    nothing. Raises ValidationError for a malformed address, an empty name of a new account or a weak password.
    """
    lock_settings()
    known: User | None = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if known is None:
        created = _new_administrator(name=name, email=email, password=password)
        repair = Repair(created, [_("The account has been created.")])
    else:
        repair = _repaired(known, password, at)
    complete_setup(by=None)
    repair.person.refresh_from_db()
    return repair


def _repaired(person: User, password: str | None, at: datetime) -> Repair:
    _prepare()
    repair = Repair(person)
    if person.is_archived:
        people.unarchive(person.pk, by=None, at=at)
        repair.deeds.append(_("The account has been taken out of the archive."))
    if not person.is_active:
        people.activate(person.pk, by=None, at=at)
        repair.deeds.append(_("The account has been activated."))
    if not person.has_role(Role.ADMIN):
        people.add_role(person.pk, Role.ADMIN, by=None, at=at)
        repair.deeds.append(_("The account has been given the role Admin."))
    if password is not None:
        people.set_password(person.pk, password, by=None)
        repair.deeds.append(_("The password has been changed."))
    return repair

"""Who the people of a season are here, why some can have no account, and what they are to be qualified for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.importing.records import SheetPerson
from events.services.season.directory import Directory
from events.services.season.qualifications import Managed
from roster.models import User

Change = tuple[Qualification, bool]


@dataclass(frozen=True)
class Recognised:
    """An account that a person of the season is taken for."""

    account: User
    by_name: bool
    """By the name; otherwise by the address."""


def recognised(people: Sequence[SheetPerson], directory: Directory) -> dict[int, Recognised]:
    """Match by name, then the rest by address; one account is never two people of the season."""
    found: dict[int, Recognised] = {}
    claimed: set[Any] = set()
    for by_name in (True, False):
        for place, row in enumerate(people):
            account = None if place in found else _look(row, directory, by_name=by_name)
            if account is not None and account.pk not in claimed:
                found[place] = Recognised(account, by_name)
                claimed.add(account.pk)
    return found


def _look(row: SheetPerson, directory: Directory, *, by_name: bool) -> User | None:
    if by_name:
        return directory.find(row.name).person or directory.find(row.gs_name).person
    return directory.at_address(row.email)


def differences(row: SheetPerson, account: User) -> Iterator[str | Promise]:
    """Yield what the account says otherwise than the season."""
    if account.name not in (row.name, row.gs_name):
        yield _("The person is taken for %s, who is known already.") % account.name
    if row.email and row.email != account.email:
        yield _("The account has another e-mail address, which is kept.")


def obstacle(row: SheetPerson, directory: Directory) -> str | Promise | None:
    """Return why somebody unknown can have no account."""
    if directory.find(row.name).ambiguous or directory.find(row.gs_name).ambiguous:
        return _("More than one person has this name; none is chosen.")
    if directory.was_erased(row):
        return _(
            "The personal data of somebody of this name or address have been erased; an import makes no new account "
            "for them. If this is somebody else, create the account by hand first."
        )
    if not row.email:
        return _("The person has no account and cannot get one without an e-mail address.")
    owner = directory.at_address(row.email)
    return _("The e-mail address belongs to %s; there is no second account.") % owner.name if owner else None


def wanted(row: SheetPerson, managed: Managed) -> list[Change]:
    """Return the managed qualifications of which the source speaks, each with whether it is held.

    Where it says nothing, nothing is taken or given.
    """
    rank = [] if row.is_medic is None else [(managed.medic, row.is_medic), (managed.novice, not row.is_medic)]
    return rank if row.is_driver is None else [*rank, (managed.driver, row.is_driver)]


def wanted_at_first(row: SheetPerson, managed: Managed) -> list[Qualification]:
    """Return what a new person holds; who is not said to be a medic begins as a novice."""
    rank = managed.medic if row.is_medic else managed.novice
    return [rank, managed.driver] if row.is_driver else [rank]


def changes(row: SheetPerson, managed: Managed, held: Collection[int]) -> list[Change]:
    """Return what must be given and taken so that the person holds what the source says; `held` are keys."""
    return [(found, holds) for found, holds in wanted(row, managed) if holds != (found.pk in held)]


def words_of(found: Sequence[Change]) -> str:
    """Write changes as "+Zdravotník, −Zelenáč"."""
    return ", ".join(f"{'+' if holds else '−'}{qualification.name}" for qualification, holds in found)

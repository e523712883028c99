"""Erasure of the personal data of somebody who has left; what they did stays, under a pseudonym."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import audit
from medcover.system.models import AuditEntry
from medcover.system.services import lock_settings
from roster.models import User
from roster.privacy import traces
from roster.privacy.account import address_of
from roster.privacy.identity import Identity, identity_of
from roster.privacy.registry import Contributor, Erasure, Finding, contributors
from roster.services.accounts import ErasedPerson, lock_person

#: Who archives people erases them as well; it is the last step of the same way.
RIGHT = "roster.archive_user"

#: Digits of a pseudonym; more of them only when those of one length begin to run out.
_DIGITS = (4,) * 8 + (6,) * 8 + (12,)


class NotConfirmed(DomainError):
    """Refusal: what was typed is not the address of the person."""

    def __init__(self) -> None:
        super().__init__(_("This is not the e-mail of the person. Nothing has been erased."))


class CannotBeErased(DomainError):
    """Refusal: there are reasons why the person cannot be erased yet."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__(" ".join(reasons))


@dataclass(frozen=True)
class Forecast:
    """What erasing a person would do: reasons why it cannot be done yet, what goes, what stays."""

    objections: list[str]
    goes: list[Finding]
    stays: list[Finding]
    #: Names and numbers that stay where it is not sure who is meant.
    ambiguous: list[str]


def forecast(person: User, *, by: Any, at: datetime) -> Forecast:
    """Say what `erase` would do. Raises NotAllowed without the right, ErasedPerson when it has been done."""
    _require(by)
    if person.erased_at:
        raise ErasedPerson
    identity = identity_of(person)
    return Forecast(
        objections=list(_objections(person, identity, by=by, at=at)),
        goes=_found(lambda one: one.goes(identity)),
        stays=_found(lambda one: one.stays(identity)),
        ambiguous=sorted(identity.ambiguous),
    )


@transaction.atomic
def erase(person_id: Any, *, typed: str, by: Any, at: datetime, version: int | None = None) -> User:
    """Erase everything by which an archived person can be recognised; return the row under its pseudonym.

    `typed` has to be the person's e-mail. Order of locks: the settings row, which also lets only one erasure run at a
    time, what contributors lock before people, the person, what contributors lock after. Raises NotAllowed,
    ErasedPerson when it has been done, StaleRecord when the person is not as they were shown, NotConfirmed,
    CannotBeErased with all reasons, and whatever refusal a contributor answers with.
    """
    _require(by)
    lock_settings()
    identity = identity_of(User.objects.get(pk=person_id))
    for one in contributors():
        one.lock_before_person(identity)
    person = _locked_as_seen(person_id, identity, version)
    if User.objects.normalize_email(typed) != person.email:
        raise NotConfirmed
    if reasons := list(_objections(person, identity, by=by, at=at)):
        raise CannotBeErased(reasons)
    return _erase(Erasure(identity, _new_pseudonym(), at), by=by)


def _require(by: Any) -> None:
    if by is not None and not by.has_perm(RIGHT):
        raise NotAllowed


def _locked_as_seen(person_id: Any, identity: Identity, version: int | None) -> User:
    """Lock the person; what was locked before them was chosen by what they were called, so that must still be true."""
    person = lock_person(person_id)
    person.expect_version(version)
    if identity_of(person) != identity:
        raise StaleRecord
    return person


def _objections(person: User, identity: Identity, *, by: Any, at: datetime) -> Iterator[str]:
    if by is not None and person.pk == by.pk:
        yield gettext("You cannot do this to your own account.")
    if not person.is_archived:
        yield gettext("Only an archived person can be erased. Archive the person first.")
    for one in contributors():
        yield from one.objections(identity, at=at)


def _found(ask: Callable[[Contributor], Iterable[Finding]]) -> list[Finding]:
    """Ask everybody, and leave out what there is none of."""
    return [finding for one in contributors() for finding in ask(one) if finding.count != 0]


def _new_pseudonym() -> str:
    """Return a name that nobody has, in the language of the site, as it is to stay."""
    with translation.override(settings.LANGUAGE_CODE):
        found = (gettext("Erased person %s") % _code(digits) for digits in _DIGITS)
        return next(name for name in found if not User.objects.filter(email=address_of(name)).exists())


def _code(digits: int) -> str:
    return secrets.token_hex(digits).upper()[:digits]


def _erase(erasure: Erasure, *, by: Any) -> User:
    with audit.unrecorded():
        traces.leave(erasure.identity)
        for one in contributors():
            one.erase(erasure)
    person: User = User.objects.get(pk=erasure.person_id)
    summary = audit.sentence(_("Personal data erased: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.ERASE, by=by, summary=summary)
    return person

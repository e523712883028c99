"""Services of the second factor: its changes, and checks of codes. No code and no secret is recorded anywhere."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto
from math import ceil
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications.services import enqueue
from roster.models import Authenticator, RecoveryCode, User
from roster.services.accounts import lock_person
from roster.services.sessions import end_sessions

#: How many recovery codes a person gets at once.
CODE_COUNT = 10

#: No letter or digit that is taken for another; ten of these are about 49 bits, far beyond guessing.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUP = 5


class Verdict(Enum):
    """What became of a code; only WRONG counts as a failed login."""

    RIGHT = auto()
    WRONG = auto()
    TOO_SOON = auto()


def is_on(person: Any) -> bool:
    """Say whether the person's login asks for a code."""
    return Authenticator.objects.devices_for_user(person, confirmed=True).exists()


def authenticator_of(person: Any) -> Authenticator | None:
    """Return the person's app, confirmed or not."""
    return Authenticator.objects.devices_for_user(person).first()


def codes_left(person: Any) -> int:
    """Return how many recovery codes have not been used."""
    return RecoveryCode.objects.filter(person=person).count()


def pause_of(person: Any) -> int:
    """Return for how many seconds no code is looked at, because wrong ones came before; 0 mostly."""
    device = authenticator_of(person)
    _allowed, details = device.verify_is_allowed() if device else (True, None)
    return ceil((details["locked_until"] - timezone.now()).total_seconds()) if details else 0


@transaction.atomic
def begin(person_id: Any) -> Authenticator:
    """Make a secret for an app that is yet to be confirmed. Refused when the factor is on."""
    person = lock_person(person_id)
    device = authenticator_of(person) or Authenticator(user=person, name="authenticator")
    if device.pk and device.confirmed:
        raise DomainError(_("Two-step verification is already on."))
    device.renew_secret()
    device.save()
    return device


@transaction.atomic
def confirm(person_id: Any, code: str, *, by: Any) -> list[str] | None:
    """Switch the factor on with the first code of the app; return recovery codes, which nobody can read again.

    None when the code is wrong. All sessions of the person end, since none of them has proven the factor.
    """
    person = lock_person(person_id)
    device = _locked_device(person, confirmed=False)
    if not device.verify_token(_bare(code)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    end_sessions(person)
    _record(person, _("Two-step verification switched on: %s"), by=by)
    return _new_codes(person)


@transaction.atomic
def check_code(person_id: Any, code: str) -> Verdict:
    """Judge a code of the app; a right one is used up, wrong ones make pauses that double."""
    device = Authenticator.objects.select_for_update().filter(user=person_id, confirmed=True).first()
    if device is None:
        return Verdict.WRONG
    allowed, _details = device.verify_is_allowed()
    if not allowed:
        return Verdict.TOO_SOON
    return Verdict.RIGHT if device.verify_token(_bare(code)) else Verdict.WRONG


@transaction.atomic
def check_recovery_code(person_id: Any, code: str) -> Verdict:
    """Judge a recovery code; a right one is used up, also when two send it at once."""
    person = lock_person(person_id)
    used, _rows = RecoveryCode.objects.filter(person=person, digest=RecoveryCode.digest_of(code)).delete()
    if not used:
        return Verdict.WRONG
    _record(person, _("Recovery code used: %s"), by=person)
    return Verdict.RIGHT


@transaction.atomic
def renew_codes(person_id: Any, *, by: Any) -> list[str]:
    """Replace all recovery codes by new ones. Refused when the factor is off."""
    person = lock_person(person_id)
    _locked_device(person, confirmed=True)
    _record(person, _("Recovery codes renewed: %s"), by=by)
    return _new_codes(person)


@transaction.atomic
def switch_off(person_id: Any, *, by: Any) -> None:
    """Delete the app and the recovery codes. Refused when the factor is off."""
    person = lock_person(person_id)
    _forget(person)
    _record(person, _("Two-step verification switched off: %s"), by=by)


@transaction.atomic
def reset(person_id: Any, *, by: Any, at: datetime) -> None:  # noqa: ARG001 - a step of the backoffice
    """Free a person who has lost phone and codes from the factor, tell them, and end their sessions. Not on oneself."""
    person = lock_person(person_id)
    if by is not None and by.pk == person.pk:
        raise DomainError(_("Switch your own two-step verification off in your profile."))
    _forget(person)
    end_sessions(person)
    _record(person, _("Two-step verification reset: %s"), by=by)
    enqueue("second_factor_reset", recipients=[person.pk], topic="second-factor")


def refuse_without_factor(by: Any) -> None:
    """Refuse to whoever would lock themself out by asking everybody for a second factor."""
    if by is not None and settings.AUTH_MODE == "local" and not is_on(by):
        raise DomainError(_("Switch on two-step verification in your own profile first; you would lock yourself out."))


def _locked_device(person: User, *, confirmed: bool) -> Authenticator:
    device = Authenticator.objects.select_for_update().filter(user=person, confirmed=confirmed).first()
    if device is None:
        raise DomainError(_("Two-step verification is off.") if confirmed else _("Start the set-up again, please."))
    return device


def _forget(person: User) -> None:
    _locked_device(person, confirmed=True).delete()
    RecoveryCode.objects.filter(person=person).delete()


def _new_codes(person: User) -> list[str]:
    codes = [_new_code() for _number in range(CODE_COUNT)]
    RecoveryCode.objects.filter(person=person).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=RecoveryCode.digest_of(code)) for code in codes)
    return codes


def _new_code() -> str:
    return "-".join(get_random_string(_GROUP, _LETTERS) for _half in range(2))


def _bare(code: str) -> str:
    """The digits as the app shows them: mostly in two groups."""
    return "".join(code.split())


def _record(person: User, words: Promise, *, by: Any) -> None:
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=audit.sentence(words, person.name))

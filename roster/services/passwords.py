"""Every change of a password, and the links with which one is set anew.

A link is a signed token bound to the person and to a nonce on their account. Each request sets a new nonce,
using the link clears it: so only the newest link works, and only once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import services as outbox
from roster.models import User, new_token
from roster.services.accounts import lock_person

Kind = AuditEntry.Kind

#: How long a link to a new password works, from the moment its mail is written.
LINK_LASTS = timedelta(minutes=10)

_SALT = "roster.password-reset"


class LinkDead(DomainError):
    """The link to a new password does not work, or no longer."""

    def __init__(self) -> None:
        super().__init__(_("The link to a new password does not work any more."))


@transaction.atomic
def set_password(person_id: Any, password: str, *, by: Any) -> User:
    """Give the account a new password, which ends its other sessions; the value is recorded nowhere.

    Raises ValidationError for a password that is too weak.
    """
    person = lock_person(person_id)
    _write(person, password)
    summary = audit.sentence(_("Password changed: %s"), person.name)
    audit.record(person, kind=Kind.EDIT, by=by, summary=summary)
    return person


def have_reset_requested(email: str) -> None:
    """Let the worker do what `request_reset` does.

    The page does the same for every address, so that not even its pace tells whether there is an account.
    """
    from django_q.tasks import async_task

    # Not saved: the queue would keep a list of who asked.
    async_task("roster.jobs.request_reset", email, save=False)


@transaction.atomic
def request_reset(email: str) -> None:
    """Send a link to a new password to whoever has an account that is not archived; earlier links are dead.

    Nobody is told whether there is one. The lock after failed logins stays.
    """
    known = User.objects.not_archived().select_for_update(no_key=True)
    person = known.filter(email=User.objects.normalize_email(email)).first()
    if person is None:
        return
    person.password_reset_nonce = new_token()
    person.save(update_fields=["password_reset_nonce"])
    outbox.enqueue("password_reset", recipients=[person.pk], topic="password-reset")
    summary = audit.sentence(_("New password requested: %s"), person.name)
    audit.record(person, kind=Kind.RESET_REQUESTED, summary=summary)


def reset_token(person: User) -> str:
    """Return the secret part of a link to a new password, for ten minutes from now."""
    return signing.dumps([str(person.pk), person.password_reset_nonce], salt=_SALT)


def person_of(token: str) -> User:
    """Return whose link it is. Raises LinkDead when it is damaged, too old, used or superseded."""
    person_id, nonce = _opened(token)
    person = User.objects.not_archived().filter(pk=person_id).first()
    return _still_his(person, nonce)


@transaction.atomic
def reset_password(token: str, password: str) -> User:
    """Set the password of whom the link belongs to, and let the link die; all sessions of the person end.

    Of two at once the second finds the link used. Raises LinkDead, or ValidationError for a password that is
    too short: then the link still works.
    """
    person_id, nonce = _opened(token)
    known = User.objects.not_archived().select_for_update(no_key=True)
    person = _still_his(known.filter(pk=person_id).first(), nonce)
    _write(person, password)
    summary = audit.sentence(_("New password set by the link from a mail: %s"), person.name)
    audit.record(person, kind=Kind.RESET_COMPLETED, by=person, summary=summary)
    return person


def _opened(token: str) -> tuple[str, str]:
    try:
        person_id, nonce = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
    except signing.BadSignature as error:
        raise LinkDead from error
    return person_id, nonce


def _still_his(person: User | None, nonce: str) -> User:
    current = person.password_reset_nonce if person else ""
    if person is None or not current or not constant_time_compare(current, nonce):
        raise LinkDead
    return person


def _write(person: User, password: str) -> None:
    """Save a new password; a link that was on its way to another one is dead with it."""
    validate_password(password, person)
    person.password_reset_nonce = ""
    person.set_password(password)
    person.raise_version()
    person.save(update_fields=["password", "password_reset_nonce", "version", "updated"])

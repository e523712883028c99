"""Services of passwords: every change of one, and the links with which one is set anew.

A link is a signed token bound to the person and to a nonce on their account, which is cleared when a link is used: so
the links of one nonce work once, all together. Whoever asks again while a link is young gets the same one once more, so
that nobody's asking makes worthless what somebody else has just received.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit, rate_limits
from medcover.system.models import AuditEntry
from notifications import services as outbox
from notifications.models import OutboxMessage
from notifications.slack import posting
from roster.models import User, new_token
from roster.services.accounts import lock_person

Kind = AuditEntry.Kind

#: How long a link to a new password works, from the moment its mail is written.
LINK_LASTS = timedelta(minutes=10)

#: So many links are sent to one account within the time, whoever asks; but a link that is about to die may always be
#: followed by another, so that its owner gets in at any moment.
LINKS, LINKS_WITHIN = 3, timedelta(hours=1)
FOLLOWED_AFTER = timedelta(minutes=8)
#: So many requests of one sender are looked at; a whole station may share one address.
REQUESTS, REQUESTS_WITHIN = 20, timedelta(hours=1)

_SALT = "roster.password-reset"


class LinkDead(DomainError):
    """Refusal: the link to a new password does not work, or no longer."""

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


def have_reset_requested(email: str, *, sender: str) -> None:
    """Let the worker do what `request_reset` does, unless the sender (a network address) asks too often.

    The page does the same for every address, so that not even its pace tells whether there is an account.
    """
    from django_q.tasks import async_task

    if rate_limits.allows("password reset", sender, most=REQUESTS, within=REQUESTS_WITHIN):
        # Not saved: the queue would keep a list of who asked.
        async_task("roster.jobs.request_reset", email, save=False)


@transaction.atomic
def request_reset(email: str, *, at: datetime | None = None) -> None:
    """Send a link to a new password to whoever has an account that is not archived, at a pace that floods nobody.

    Links that are dead by now stay dead; one that still works is sent again. Nobody is told whether there is an
    account. The lock after failed logins stays.
    """
    moment = at or timezone.now()
    known = User.objects.not_archived().select_for_update(no_key=True)
    person = known.filter(email=User.objects.normalize_email(email)).first()
    if person is None:
        return
    sent = _links_sent(person, since=moment - LINKS_WITHIN)
    if len(sent) >= LINKS and sent[-1] > moment - FOLLOWED_AFTER:
        return
    if not (person.password_reset_nonce and sent and sent[-1] > moment - LINK_LASTS):
        person.password_reset_nonce = new_token()
        person.save(update_fields=["password_reset_nonce"])
    outbox.enqueue("password_reset", recipients=[person.pk], topic="password-reset")
    posting.tell_person("password_reset_in_slack", {"person": str(person.pk)}, person=person)
    summary = audit.sentence(_("New password requested: %s"), person.name)
    audit.record(person, kind=Kind.RESET_REQUESTED, summary=summary)


def _links_sent(person: User, *, since: datetime) -> list[datetime]:
    """When mails with links were sent to the person, or written down where they still wait; the last one at the end."""
    mails = OutboxMessage.objects.filter(code="password_reset", recipient=person.pk)
    moments = mails.annotate(moment=Coalesce("sent_at", "created_at")).filter(moment__gt=since)
    return list(moments.order_by("moment").values_list("moment", flat=True))


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

"""Services of invitations: inviting people, and what becomes of an invitation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from medcover.common.text import tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import services as outbox
from notifications.rules import subject_line
from roster import rules
from roster.models import Invitation, User
from roster.models.invitation import VALIDITY
from roster.rights import Role
from roster.services.accounts import create_person
from roster.signals import person_registered

Kind = AuditEntry.Kind


class MalformedAddresses(DomainError):
    """Refusal: at least one address of a batch is none; nobody was invited."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(audit.sentence(_("Nobody was invited. Not an e-mail address: %s"), ", ".join(addresses)))
        self.addresses = addresses


class InvitationDead(DomainError):
    """Refusal: the link of an invitation does not work, or no longer."""

    def __init__(self) -> None:
        super().__init__(
            _("This invitation does not work: it has been used, cancelled, or is too old. Ask for a new one.")
        )


class AddressTaken(DomainError):
    """Refusal: the invited person has an account by now."""

    def __init__(self) -> None:
        super().__init__(_("There is an account with this e-mail already. Please log in."))


@dataclass(frozen=True)
class Invited:
    """What became of each address of a batch."""

    sent: list[Invitation]
    has_account: list[str]
    already_invited: list[str]


@transaction.atomic
def invite(addresses: str | Iterable[str], *, by: Any, at: datetime, subject: str = "", text: str = "") -> Invited:
    """Invite everybody who has neither an account nor a valid invitation; say what became of each address.

    `text` replaces the standard words of the mail. Raises DomainError when there is no address, and
    MalformedAddresses when one of them is none: then nobody is invited.
    """
    wanted = rules.addresses_in(addresses)
    if not wanted:
        raise DomainError(_("Write at least one e-mail address."))
    if wrong := rules.malformed(wanted):
        raise MalformedAddresses(wrong)
    _queue_up()
    has_account = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    invited = set(Invitation.objects.valid_at(at).filter(email__in=wanted).values_list("email", flat=True))
    fresh = [address for address in wanted if address not in has_account | invited]
    return Invited(
        sent=[_invite_one(address, subject_line(subject), tidy_lines(text), by=by, at=at) for address in fresh],
        has_account=[address for address in wanted if address in has_account],
        already_invited=[address for address in wanted if address in invited - has_account],
    )


def _queue_up() -> None:
    """Wait until nobody else invites.

    The constraint knows of two invitations to one address as well, but two inserts at once would each wait for the
    other to give way.
    """
    one_at_a_time("roster.invitations")


def _invite_one(address: str, subject: str, text: str, *, by: Any, at: datetime) -> Invitation:
    invitation = Invitation(
        email=address, subject=subject, text=text, created_by=by, created_at=at, expires_at=at + VALIDITY
    )
    summary = audit.sentence(_("Invited: %s"), address)
    with audit.trail(by=by, kind=Kind.CREATE, summary=summary):
        invitation.save()
    _post(invitation)
    return invitation


def _post(invitation: Invitation) -> None:
    """Put the mail into the outbox. The secret stays here; it is read when the mail is written."""
    payload = {"invitation": invitation.pk, "subject": invitation.subject}
    invitation.mail = outbox.enqueue_to(
        invitation.email, "invitation", topic=f"invitation:{invitation.pk}", payload=payload
    )
    invitation.save(update_fields=["mail"])


@transaction.atomic
def resend(invitation_id: Any, *, by: Any, at: datetime) -> Invitation:
    """Queue the mail of a valid invitation again: the same link, valid no longer than before.

    Refused when the invitation does not work any more, or when its mail still waits or has been sent.
    """
    invitation = _locked(invitation_id)
    if not invitation.is_valid_at(at):
        raise DomainError(_("Only an invitation that still works can be sent again."))
    if invitation.delivery not in RESENDABLE:
        raise DomainError(_("The mail is on its way or has been sent."))
    if invitation.mail is None:
        _post(invitation)
    else:
        outbox.resend(invitation.mail.pk, by=by, at=at)
    summary = audit.sentence(_("Invitation sent again: %s"), invitation.email)
    audit.record(invitation, kind=Kind.RESEND, by=by, summary=summary)
    return invitation


#: The mail is nowhere, or was given up.
RESENDABLE = frozenset({Invitation.Delivery.UNQUEUED, Invitation.Delivery.FAILED})


@transaction.atomic
def cancel(invitation_id: Any, *, by: Any, at: datetime) -> Invitation:
    """Take an invitation back; its address can be invited again. Refused when it is used or cancelled."""
    invitation = _locked(invitation_id)
    if invitation.used_at:
        raise DomainError(_("The invited person has registered already."))
    if invitation.cancelled_at:
        raise DomainError(_("This invitation has already been cancelled."))
    invitation.cancelled_at = at
    summary = audit.sentence(_("Invitation cancelled: %s"), invitation.email)
    with audit.trail(by=by, kind=Kind.CANCEL, summary=summary):
        invitation.save(update_fields=["cancelled_at"])
    return invitation


def find_valid(token: str, *, at: datetime) -> Invitation:
    """Return the invitation of a link. Raises InvitationDead when it does not work."""
    invitation: Invitation | None = Invitation.objects.with_token(token).valid_at(at).first()
    if invitation is None:
        raise InvitationDead
    return invitation


@transaction.atomic
def first_opened(token: str, *, at: datetime) -> Invitation:
    """Return the invitation of a link that somebody follows, and remember the first time that happens.

    Raises InvitationDead when it does not work.
    """
    invitation = _locked_valid(token, at=at)
    if invitation.opened_at is None:
        invitation.opened_at = at
        summary = audit.sentence(_("Link of an invitation opened: %s"), invitation.email)
        with audit.trail(kind=Kind.LINK_CLICKED, summary=summary):
            invitation.save(update_fields=["opened_at"])
    return invitation


@transaction.atomic
def register(token: str, *, name: str, password: str, at: datetime) -> User:
    """Turn an invitation into an account: active at once, a member, with what the invitation grants.

    Of two at once the second finds the invitation used. Raises InvitationDead, AddressTaken, or ValidationError
    for an empty name or a password that is too short.
    """
    invitation = _locked_valid(token, at=at)
    person = _create_member(invitation.email, name, password)
    invitation.used_at = at
    summary = audit.sentence(_("Registered by invitation: %s"), invitation.email)
    with audit.trail(by=person, kind=Kind.COMPLETE, summary=summary):
        invitation.save(update_fields=["used_at"])
    person_registered.send(sender=Invitation, person_id=person.pk, invitation_id=invitation.pk, by=person, at=at)
    outbox.enqueue("account_activated", recipients=[person.pk], topic="account")
    return person


def _create_member(email: str, name: str, password: str) -> User:
    _refuse_taken(email)
    validate_password(password, User(email=email, name=name))
    try:
        return create_person(email=email, name=name, password=password, roles=[Role.MEMBER], by=None)
    except ValidationError as error:
        if "email" in error.message_dict:  # taken since we looked
            raise AddressTaken from error
        raise


def _refuse_taken(email: str) -> None:
    if User.objects.filter(email=email).exists():
        raise AddressTaken


def _locked(invitation_id: Any) -> Invitation:
    """Lock the invitation, not its mail: the worker writes that one."""
    found: Invitation | None = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if found is None:
        raise DomainError(_("This invitation does not exist."))
    return found


def _locked_valid(token: str, *, at: datetime) -> Invitation:
    invitation: Invitation | None = Invitation.objects.with_token(token).select_for_update().first()
    if invitation is None or not invitation.is_valid_at(at):
        raise InvitationDead
    return invitation

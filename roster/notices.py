"""Notification types about accounts: their mails go before others and cannot be switched off.

No secret stands in a payload: links are put together from the rows at the moment the mail is written, so a
message in the outbox betrays nothing, and one whose link would be dead is not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import NoticeType, Payload
from notifications.rules import Priority
from roster.models import Invitation
from roster.models.invitation import VALIDITY
from roster.services.passwords import LINK_LASTS, reset_token

#: Subject of an invitation whose sender wrote none.
INVITATION_SUBJECT = _("MedCover — invitation to register")

_OWNER = _("The owner of the account")


def register() -> None:
    """Add this app's types to the catalogue."""
    registry.register(
        _account_mail(
            "invitation",
            _("Invitation to register"),
            _("Somebody who is to have an account gets the link with which they make it."),
            _invitation_subject,
            invitation,
            when=_("An administrator invites somebody"),
            whom=_("The person invited"),
        ),
        _account_mail(
            "account_activated",
            _("Account activated"),
            _("Somebody's account has become active and they may log in."),
            _fixed(_("MedCover — your account is active")),
            activation,
            when=_("An account is activated, or a registration finished"),
            whom=_OWNER,
        ),
        _account_mail(
            "password_reset",
            _("Link to a new password"),
            _("Somebody has asked for a new password."),
            _fixed(_("MedCover — a new password")),
            password_reset,
            when=_("Somebody asks for a new password"),
            whom=_OWNER,
            to_inactive=True,
        ),
        _account_mail(
            "second_factor_reset",
            _("Two-step verification reset"),
            _("An administrator has reset somebody's second factor."),
            _fixed(_("MedCover — two-step verification has been reset")),
            second_factor_reset,
            when=_("An administrator resets somebody's second factor"),
            whom=_OWNER,
        ),
    )


def _account_mail(
    code: str,
    name: Promise,
    description: Promise,
    subject: Any,
    context: Any,
    *,
    when: Promise,
    whom: Promise,
    to_inactive: bool = False,
) -> NoticeType:
    return NoticeType(
        code=code,
        name=name,
        description=description,
        trigger=when,
        recipients=whom,
        template=f"roster/mail/{code}",
        subject=subject,
        context=context,
        priority=Priority.AUTH,
        always_on=True,
        to_inactive=to_inactive,
    )


def _fixed(words: Promise) -> Callable[[Payload], str]:
    return lambda _payload: str(words)


def _invitation_subject(payload: Payload) -> str:
    return payload.get("subject") or str(INVITATION_SUBJECT)


def invitation(message: OutboxMessage) -> dict[str, Any] | None:
    """Give the words and the link of an invitation that still works."""
    found = Invitation.objects.valid_at(timezone.now()).filter(pk=message.payload["invitation"]).first()
    if found is None:
        return None
    hours = int(VALIDITY.total_seconds() // 3600)
    return {"text": found.text, "path": reverse("register", args=[found.token]), "hours": hours}


def activation(message: OutboxMessage) -> dict[str, Any] | None:
    """Give the way to the login, unless the account has been closed in the meantime."""
    if message.recipient is None or not message.recipient.is_active:
        return None
    return {"path": reverse("login")}


def second_factor_reset(_message: OutboxMessage) -> dict[str, Any]:
    """Give the way to the page on which it is switched on again."""
    return {"path": reverse("roster:second_factor")}


def password_reset(message: OutboxMessage) -> dict[str, Any] | None:
    """Give a link to a new password; its time runs from now. None once a link has been used."""
    person = message.recipient
    if person is None or person.is_archived or not person.password_reset_nonce:
        return None
    path = reverse("reset_link", args=[reset_token(person)])
    return {"path": path, "minutes": int(LINK_LASTS.total_seconds() // 60)}

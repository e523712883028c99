"""Making a mail of an outbox row, at the moment it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from medcover.system.models import SiteSettings
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import NoticeType

PRODUCT = "MedCover"

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def compose(message: OutboxMessage, site: SiteSettings) -> EmailMultiAlternatives | None:
    """Render the message for its recipient; None when it has lost its point or its recipient the account."""
    notice = registry.get(message.code)
    if _has_left(notice, message):
        return None
    language = language_of(message)
    with _as_read_by(language, site):
        content = notice.context(message)
        if content is None:
            return None
        message.subject = notice.subject_in(language, message.payload)
        return _mail(message, notice, site, _frame(message, notice, language, site) | content)


def language_of(message: OutboxMessage) -> str:
    """Return the language the recipient reads; the site's for an address without an account."""
    return getattr(message.recipient, "language", "") or settings.LANGUAGE_CODE


def _has_left(notice: NoticeType, message: OutboxMessage) -> bool:
    """Whoever was deactivated in the meantime is told no more than whoever was so from the start."""
    return message.recipient is not None and not message.recipient.is_active and not notice.to_inactive


@contextmanager
def _as_read_by(language: str, site: SiteSettings) -> Iterator[None]:
    """The worker knows neither the site's zone nor a reader's language until told."""
    with translation.override(language), timezone.override(ZoneInfo(site.time_zone)):
        yield


def _frame(message: OutboxMessage, notice: NoticeType, language: str, site: SiteSettings) -> dict[str, Any]:
    """What the frame of every mail shows."""
    return {
        "organisation": site.organisation_name or PRODUCT,
        "base_url": (site.base_url or settings.BASE_URL).rstrip("/"),
        "language": language,
        "recipient": message.recipient,
        "optional": not notice.always_on,
        "subject": message.subject,
    }


def _mail(
    message: OutboxMessage, notice: NoticeType, site: SiteSettings, context: dict[str, Any]
) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=_plain(render_to_string(f"{notice.template}.txt", context)),
        from_email=sender(site),
        to=[message.to_email],
        headers=_headers(message),
    )
    mail.attach_alternative(render_to_string(f"{notice.template}.html", context), "text/html")
    return mail


def _plain(text: str) -> str:
    """Template tags leave empty lines behind; more than one in a row is never meant."""
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def sender(site: SiteSettings) -> str:
    """Return who mails come from. A login name may be anything; it is a sender only when it is an address."""
    login = site.smtp_user if "@" in site.smtp_user else ""
    return site.smtp_sender or login or settings.DEFAULT_FROM_EMAIL


def _headers(message: OutboxMessage) -> dict[str, str]:
    """The Message-ID is the same at every attempt, so that a mail that came twice can be recognised."""
    return {
        "Message-ID": f"<{message.pk}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>",
        "X-MedCover-Instance": message.instance_name or PRODUCT.lower(),
        "Auto-Submitted": "auto-generated",
    }

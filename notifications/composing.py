"""Making a mail of an outbox row, at the moment it is sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import MailContent, NoticeType
from notifications.rules import subject_line

PRODUCT = "MedCover"

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


@dataclass(frozen=True)
class Mail:
    """A mail ready to be sent, and the keys of the messages that it tells."""

    message: EmailMultiAlternatives
    told: Collection[Any]


def compose(messages: Sequence[OutboxMessage], site: SiteSettings) -> Mail | None:
    """Render what leaves together, for its recipient; None when it has lost its point or its recipient the account.

    Each message gets its subject in the language that the recipient reads now.
    """
    messages = [message for message in messages if not has_left(registry.get(message.code), message)]
    if not messages:
        return None
    language = language_of(messages[0])
    with as_read_by(language, site):
        for message in messages:
            message.subject = registry.get(message.code).subject_in(language, message.payload)
        content = content_of(messages)
        return _mail(messages, content, language, site) if content else None


def content_of(messages: Sequence[OutboxMessage]) -> MailContent | None:
    """Return what messages that leave together say, for their reader; None when nothing remains to be told."""
    first = messages[0]
    notice = registry.get(first.code)
    if notice.batch:
        return registry.batch(notice.batch).content(messages)
    context = notice.context(first) if notice.context else None
    return None if context is None else MailContent(first.subject, context, {first.pk})


def language_of(message: OutboxMessage) -> str:
    """Return the language the recipient reads; the site's for an address without an account."""
    return getattr(message.recipient, "language", "") or settings.LANGUAGE_CODE


def has_left(notice: NoticeType, message: OutboxMessage) -> bool:
    """Say whether the recipient may be told no more: deactivated since counts as having been so from the start."""
    return message.recipient is not None and not message.recipient.is_active and not notice.to_inactive


@contextmanager
def as_read_by(language: str, site: SiteSettings) -> Iterator[None]:
    """Speak a reader's language and be in the site's zone; the worker knows neither until told."""
    with translation.override(language), timezone.override(ZoneInfo(site.time_zone)):
        yield


def _mail(messages: Sequence[OutboxMessage], content: MailContent, language: str, site: SiteSettings) -> Mail:
    first = messages[0]
    subject = subject_line(content.subject)
    optional = not all(registry.is_always_sent(message.code) for message in messages)
    context = {
        "organisation": site.organisation_name or PRODUCT,
        "base_url": site_address(site),
        "language": language,
        "recipient": first.recipient,
        "optional": optional,
        "subject": subject,
    } | content.context
    template = registry.template_of(registry.get(first.code))
    mail = EmailMultiAlternatives(
        subject=subject,
        body=_plain(render_to_string(f"{template}.txt", context)),
        from_email=sender(site),
        to=[first.to_email],
        headers=_headers(first) | (_choices(site) if optional else {}),
    )
    mail.attach_alternative(_styled(render_to_string(f"{template}.html", context)), "text/html")
    for attachment in content.attachments:
        mail.attach(*attachment)
    return Mail(mail, content.told)


def _styled(html: str) -> str:
    """Put the styles onto the elements, because many mail programs know no style sheets.

    What only a style sheet can say, for the dark theme, stays in one.
    """
    return _INLINER.inline(html)


def _choices(site: SiteSettings) -> dict[str, str]:
    """Mail programs show this address beside the sender (RFC 2369)."""
    return {"List-Unsubscribe": f"<{site_address(site)}{reverse('roster:profile')}#notifications>"}


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
        "Message-ID": f"<{message.mail_id or message.pk}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>",
        "X-MedCover-Instance": message.instance_name or PRODUCT.lower(),
        "Auto-Submitted": "auto-generated",
    }

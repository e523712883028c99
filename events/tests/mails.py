"""Reading mails in tests."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.core.mail import EmailMultiAlternatives

from events.models import Event
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.models import User


def mail_about(event: Event, code: str, reader: User, **payload: object) -> EmailMultiAlternatives:
    """Return the mail as the worker would send it."""
    message = OutboxMessage(
        code=code, recipient=reader, payload={"event_id": event.pk, "event_name": event.name, **payload}
    )
    mail = composed(message)
    assert mail is not None
    return mail


def configure(**fields: str) -> None:
    """Write the settings row."""
    SiteSettings.objects.update_or_create(pk=1, defaults=fields)


def html_of(mail: EmailMultiAlternatives) -> str:
    """Return the HTML part."""
    return str(mail.alternatives[0].content)


def words(text: object) -> str:
    """Return what is read: without tags, spaces as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", str(text)).split())


def both_parts(mail: EmailMultiAlternatives) -> tuple[str, str]:
    """Return what is read in the plain part and in the HTML part."""
    return words(mail.body), words(html_of(mail))


class Balance(HTMLParser):
    """Finds elements that are not closed, or not in turn."""

    VOID = {"meta", "br", "hr", "img"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

"""Making what a browser shows of an outbox row, at the moment it is sent."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from medcover.system.models import SiteSettings
from notifications import registry
from notifications.composing import PRODUCT, as_read_by, content_of, has_left, language_of
from notifications.models import OutboxMessage
from notifications.push import keys
from notifications.push.models import PushChoice, PushSubscription
from notifications.registry import Brief, MailContent, NoticeType

#: Characters; phones show two lines or so, and services take four thousand bytes in all.
LONGEST_TITLE, LONGEST_LINE = 150, 200

#: The beginning of subjects of mails; in a browser it stands beside every notification anyway.
_PREFIX = f"{PRODUCT} — "

#: Characters that a service takes as the name of what replaces what.
_TOPIC_LENGTH = 32

NO_DEVICE = _("The device is not there any more.")


@dataclass(frozen=True)
class Note:
    """What a device is to show. The next one of the same kind replaces it, by its `tag`."""

    title: str
    line: str
    path: str
    tag: str
    language: str
    is_urgent: bool

    @property
    def data(self) -> bytes:
        """What the service worker of the device reads (`frontend/js/sw.js`)."""
        shown = {"title": self.title, "body": self.line, "path": self.path, "tag": self.tag}
        shown["lang"] = self.language
        return json.dumps(shown, ensure_ascii=False).encode()


def objection(message: OutboxMessage, device: PushSubscription | None, site: SiteSettings) -> str | Promise:
    """Say why a message must not leave although it waits; empty when nothing is in its way.

    What may have changed since it was queued is asked now, as it is for mails.
    """
    if not keys.is_on():
        return _("Notifications in browsers are switched off.")
    if device is None:
        return NO_DEVICE
    if site.blocks_mail_to(message.to_email):
        return _("Sending is blocked and the recipient is not among the exceptions.")
    if not _is_wished(message):
        return _("The recipient does not wish to get this notification any more.")
    return ""


def _is_wished(message: OutboxMessage) -> bool:
    choice = PushChoice.objects.filter(person=message.recipient_id, code=message.code).first()
    return choice.wanted if choice else registry.get(message.code).by_push


def compose(message: OutboxMessage, site: SiteSettings) -> Note | None:
    """Return what the device is to show, in its reader's language; None when it has lost its point."""
    notice = registry.get(message.code)
    if has_left(notice, message):
        return None
    language = language_of(message)
    with as_read_by(language, site):
        message.subject = notice.subject_in(language, message.payload)
        content = content_of([message])
        if content is None or message.pk not in content.told:
            return None
        brief = _brief_of(notice, message, content)
    return Note(
        title=Truncator(capfirst(message.subject.removeprefix(_PREFIX))).chars(LONGEST_TITLE),
        line=Truncator(brief.line).chars(LONGEST_LINE),
        path=brief.path,
        tag=_tag_of(message),
        language=language,
        is_urgent=notice.by_push,
    )


def _brief_of(notice: NoticeType, message: OutboxMessage, content: MailContent) -> Brief:
    if notice.batch:
        return registry.batch(notice.batch).brief(content)
    return notice.brief(message) if notice.brief else Brief()


def _tag_of(message: OutboxMessage) -> str:
    """Return a name for the kind of news, from which nobody on the way reads what they are about."""
    about = f"{message.recipient_id}|{message.code}|{message.topic or message.pk}"
    return urlsafe_b64encode(hashlib.sha256(about.encode()).digest()).decode("ascii")[:_TOPIC_LENGTH]

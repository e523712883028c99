"""Reading what lies in the outbox as its reader would."""

from __future__ import annotations

import re
from typing import Any

from notifications.models import OutboxMessage
from notifications.tests.mails import composed


def mail_of(message: OutboxMessage) -> Any:
    """The mail as it would be sent now; None when it would not be."""
    return composed(message)


def only_mail(code: str) -> Any:
    """The mail of the only message of its type."""
    return mail_of(OutboxMessage.objects.get(code=code))


def html_of(mail: Any) -> str:
    return str(mail.alternatives[0].content)


def link_in(mail: Any, beginning: str) -> str:
    """The path of the one link in the text whose path begins so."""
    (found,) = re.findall(rf"http://testserver({re.escape(beginning)}\S*)", mail.body)
    return str(found)

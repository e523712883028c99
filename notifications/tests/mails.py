"""Reading what would be sent."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives

from medcover.system.models import SiteSettings
from notifications.composing import compose
from notifications.models import OutboxMessage


def composed(*messages: OutboxMessage) -> EmailMultiAlternatives | None:
    """Return the mail that the messages make together; None when they have lost their point."""
    mail = compose(list(messages), SiteSettings.load())
    return mail.message if mail else None

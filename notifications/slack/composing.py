"""Making the text of a post, at the moment it is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.slack_channels import as_written
from medcover.system.models import SiteSettings
from notifications.composing import as_read_by
from notifications.models import OutboxMessage
from notifications.slack import config
from notifications.slack.posting import ANSWER
from notifications.slack.registry import posts
from notifications.slack.text import LONGEST_MESSAGE, line
from notifications.slack.transport import SlackFailed, ask


def objection(message: OutboxMessage, site: SiteSettings) -> str | Promise:
    """Say why a post must not leave although it waits; empty when nothing is in its way."""
    if not config.is_on():
        return _("Slack is switched off.")
    if message.code not in posts:
        return _("The program does not know this kind of message any more.")
    if site.blocks_mail_to(message.to_email):
        return _("Sending is blocked and the recipient is not among the exceptions.")
    return ""


def compose(message: OutboxMessage, site: SiteSettings, *, mentions: bool = True) -> str:
    """Return the text, in the language of its reader; a channel reads that of the site.

    Without `mentions` nobody is looked up, for a preview.
    """
    language = getattr(message.recipient, "language", "") or settings.LANGUAGE_CODE
    with as_read_by(language, site):
        text = posts[message.code].words(message.payload, _mention if mentions else _named)
    return text[:LONGEST_MESSAGE]


def address_of(message: OutboxMessage) -> str:
    """Return where a post goes: a channel or a user; who is known by their e-mail only is looked up.

    Raises SlackFailed when Slack does not know them, or does not answer.
    """
    if "@" not in message.to_email:
        return message.to_email
    return str(ask("users.lookupByEmail", email=message.to_email)["user"]["id"])


def copy_channel(message: OutboxMessage) -> str:
    """Return where a post is copied to; empty for what is for one person, or stands in a common channel anyway."""
    common = as_written(settings.SLACK_OOPS_CHANNEL)
    if message.code == ANSWER or message.recipient_id is not None:
        return ""
    return "" if message.to_email in (common, as_written(settings.SLACK_GENERAL_CHANNEL)) else common


def _named(_person_id: Any, name: str) -> str:
    return line(name)


def _mention(person_id: Any, name: str) -> str:
    """Return a call of a person whose account says that they are in Slack, and whom Slack knows; else their name."""
    slack_id = _slack_id(person_id) if person_id else ""
    return f"<@{slack_id}>" if slack_id else line(name)


def _slack_id(person_id: Any) -> str:
    try:
        person = get_user_model().objects.filter(pk=person_id, is_active=True).first()
    except ValidationError:
        return ""
    if person is None or not getattr(person, "slack_handle", ""):
        return ""
    try:
        found = ask("users.lookupByEmail", email=person.email)
    except SlackFailed:
        return ""
    return str(found.get("user", {}).get("id", ""))

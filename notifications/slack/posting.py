"""Putting posts into the outbox, inside the transaction of the change that they tell; nothing talks to Slack here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.utils import translation

from medcover.common.slack_channels import as_written
from notifications.models import OutboxMessage
from notifications.rules import Priority, subject_line
from notifications.services import wake_after_commit
from notifications.slack import config
from notifications.slack.registry import Payload, Post, add_posts, posts

ANSWER = "slack_answer"

_is_silent: ContextVar[bool] = ContextVar("nothing is told in Slack", default=False)


@contextmanager
def silence() -> Iterator[None]:
    """Queue no posts inside the block: what demo data invent is no news."""
    token = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(token)


def post(code: str, payload: Payload, *, channel: str = "", topic: str = "") -> OutboxMessage | None:
    """Post in a channel, in the general one where none is named; nothing without Slack.

    The payload is a snapshot: what is renamed later does not alter what was queued.
    """
    return _put(code, payload, to=as_written(channel) or as_written(settings.SLACK_GENERAL_CHANNEL), topic=topic)


def answer(slack_id: str, text: str, *, to: Any = None) -> OutboxMessage | None:
    """Write to a user of the workspace alone; `to` is their account."""
    return _put(ANSWER, {"text": text}, to=slack_id, recipient=to)


def tell_person(code: str, payload: Payload, *, person: Any) -> OutboxMessage | None:
    """Write to somebody whose account says that they are in Slack; by their e-mail Slack finds them when it is sent.

    What is about accounts goes first and is shown to nobody.
    """
    if not person.slack_handle:
        return None
    return _put(code, payload, to=person.email, recipient=person, priority=Priority.AUTH)


def _put(
    code: str,
    payload: Payload,
    *,
    to: str,
    recipient: Any = None,
    topic: str = "",
    priority: Priority = Priority.NORMAL,
) -> OutboxMessage | None:
    if not config.is_on() or _is_silent.get():
        return None
    with translation.override(settings.LANGUAGE_CODE):
        subject = subject_line(str(posts[code].name))
    row: OutboxMessage = OutboxMessage.objects.create(
        channel=OutboxMessage.Channel.SLACK,
        code=code,
        recipient=recipient,
        to_email=to,
        subject=subject,
        topic=topic,
        priority=priority,
        payload=payload,
        instance_name=settings.INSTANCE_NAME,
    )
    wake_after_commit()
    return row


def register() -> None:
    """Add the kind of message that belongs to no app."""
    from django.utils.translation import gettext_lazy as _

    add_posts(Post(ANSWER, _("Slack: answer to a request"), lambda payload, _mention: str(payload["text"])))

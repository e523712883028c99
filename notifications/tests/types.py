"""Notification types that belong to no app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone, translation

from notifications.models import OutboxMessage
from notifications.registry import Batch, MailContent, NoticeType, Payload, Sample
from notifications.rules import Priority
from roster.rights import Role

FRAME = "notifications/mail/frame"


def _subject(payload: Payload) -> str:
    return f"[{translation.get_language()}] {payload.get('title', 'Zpráva')}"


def _nothing(_message: OutboxMessage) -> dict[str, Any]:
    return {}


def _surroundings(_message: OutboxMessage) -> dict[str, Any]:
    """Put what the rendering knows of its reader where the mail shows it."""
    return {"organisation": f"{translation.get_language()} {timezone.get_current_timezone()}"}


def _failing_query(_message: OutboxMessage) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    return {}


def _sum(old: Payload, new: Payload) -> Payload | None:
    """Numbers add up; zero is no news."""
    total = old.get("number", 0) + new.get("number", 0)
    return {**new, "number": total, "title": f"Součet {total}"} if total else None


def _type(code: str, **fields: Any) -> NoticeType:
    return NoticeType(
        **{"code": code, "name": code, "template": FRAME, "subject": _subject, "context": _nothing} | fields
    )


def _told(messages: Sequence[OutboxMessage]) -> MailContent | None:
    """Tell the numbers, and nothing of zero."""
    told = [message for message in messages if message.payload.get("number", 1)]
    if not told:
        return None
    numbers = ", ".join(str(message.payload.get("number", 1)) for message in told)
    if any(message.payload.get("broken") for message in told):
        raise ValueError
    return MailContent(f"Čísla: {numbers}", {"organisation": numbers}, {message.pk for message in told})


BATCH = Batch("numbers", FRAME, _told, choices=list, sample=lambda _code, _key: Sample({"number": 1}))

TYPES = [
    _type("in_batch", batch=BATCH.code, merge=_sum, can_wait=True),
    _type("in_batch_at_once", batch=BATCH.code),
    _type("plain"),
    _type("other"),
    _type("sum", merge=_sum),
    _type("members", roles=frozenset({Role.MEMBER.value})),
    _type("rested", merge=_sum, rest=timedelta(minutes=10)),
    _type("account", priority=Priority.AUTH, always_on=True),
    _type("to_inactive", always_on=True, to_inactive=True),
    _type("surroundings", context=_surroundings),
    _type("pointless", context=lambda message: None),
    _type("no_template", template="notifications/mail/nowhere"),
    _type("failing_query", context=_failing_query),
]

"""Putting messages into the outbox. Delivery is in `delivery.py`.

Everything here runs inside the transaction of the change that has something to tell; nothing talks to a
mail server.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import registry
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.registry import NoticeType, Payload

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status


@transaction.atomic
def enqueue(
    code: str,
    *,
    recipients: Iterable[Any],
    topic: str = "",
    payload: Payload | None = None,
    send_after: datetime | None = None,
) -> int:
    """Tell `recipients` (user keys) about `topic`; return how many messages are new or changed.

    People who are inactive or have none of the type's roles are left out. A message of the same type and
    topic that still waits for the same person is merged with this one instead of doubled. Switched-off
    types tell nobody.
    """
    notice = registry.get(code)
    if not is_enabled(notice):
        return 0
    people = _addressees(notice, recipients)
    waiting = _merge_waiting(notice, people, topic, payload or {}, send_after)
    fresh = [
        OutboxMessage(
            code=code,
            recipient_id=pk,
            to_email=email,
            subject=notice.subject(payload or {})[:255],
            topic=topic,
            payload=payload or {},
            send_after=send_after,
            instance_name=settings.INSTANCE_NAME,
        )
        for pk, email in people.items()
        if pk not in waiting
    ]
    OutboxMessage.objects.bulk_create(fresh, batch_size=500)
    transaction.on_commit(_wake_worker, robust=True)
    return len(fresh) + len(waiting)


def is_enabled(notice: NoticeType) -> bool:
    """Say whether the site sends this type at all."""
    return notice.always_on or not NotificationSwitch.objects.filter(code=notice.code, enabled=False).exists()


def _addressees(notice: NoticeType, recipients: Iterable[Any]) -> dict[Any, str]:
    people = get_user_model().objects.filter(pk__in=recipients, is_active=True)
    if notice.roles:
        people = people.filter(groups__name__in=notice.roles).distinct()
    return dict(people.values_list("pk", "email"))


def _merge_waiting(
    notice: NoticeType, people: dict[Any, str], topic: str, payload: Payload, send_after: datetime | None
) -> set[Any]:
    """Merge into rows that wait for the same person, type and topic; return whose rows those are."""
    if not topic:
        return set()
    rows = (
        OutboxMessage.objects.select_for_update()
        .pending()
        .filter(code=notice.code, topic=topic, recipient__in=list(people))
    )
    return {_merge(notice, row, people[row.recipient_id], payload, send_after) for row in rows.order_by("id")}


def _merge(notice: NoticeType, row: OutboxMessage, email: str, payload: Payload, send_after: datetime | None) -> Any:
    merged = notice.merge(row.payload, payload)
    if merged is None:
        row.delete()
        return row.recipient_id
    row.payload, row.to_email, row.subject = merged, email, notice.subject(merged)[:255]
    row.send_after = _earlier(row.send_after, send_after)
    row.save(update_fields=["payload", "to_email", "subject", "send_after"])
    return row.recipient_id


def _earlier(waiting: datetime | None, new: datetime | None) -> datetime | None:
    """Merging never postpones, and None means at once."""
    return None if waiting is None or new is None else min(waiting, new)


def drop_pending_of(person_id: Any) -> int:
    """Forget every message that still waits for this person; return how many there were."""
    return OutboxMessage.objects.pending().filter(recipient=person_id).delete()[0]


@transaction.atomic
def resend(message_id: Any, *, by: Any, at: datetime) -> OutboxMessage:
    """Queue a failed or skipped message again, with all its attempts.

    Raises DomainError when it is waiting already or has been sent, or when a newer one of the same kind
    waits for the same person.
    """
    message = OutboxMessage.objects.select_for_update().get(pk=message_id)
    if message.status not in (Status.FAILED, Status.SKIPPED):
        raise DomainError(_("Only a failed or skipped message can be sent again."))
    if message.topic and _same_waiting(message):
        raise DomainError(_("A newer message of the same kind is already waiting for this person."))
    message.status, message.attempts, message.last_error, message.send_after = Status.PENDING, 0, "", at
    message.save(update_fields=["status", "attempts", "last_error", "send_after"])
    audit.record(message, kind=AuditEntry.Kind.RESEND, by=by, summary=_("Message queued again: %s") % message.subject)
    transaction.on_commit(_wake_worker, robust=True)
    return message


def _same_waiting(message: OutboxMessage) -> bool:
    return (
        OutboxMessage.objects.pending()
        .filter(recipient=message.recipient_id, topic=message.topic, code=message.code)
        .exists()
    )


@transaction.atomic
def switch(code: str, *, enabled: bool, by: Any) -> NotificationSwitch:
    """Switch an optional notification type on or off for the whole site."""
    if registry.get(code).always_on:
        raise DomainError(_("This notification cannot be switched off."))
    with audit.trail(by=by):
        row, _created = NotificationSwitch.objects.update_or_create(code=code, defaults={"enabled": enabled})
    return row


def _wake_worker() -> None:
    """Ask the worker to deliver now; should that fail, the minute sweep still delivers."""
    from django_q.tasks import async_task

    async_task("notifications.jobs.drain")

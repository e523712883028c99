"""Delivering the outbox: at least once, and never by two workers at the same time.

A worker claims one message in a short transaction (pending → sending), then sends it inside a second
transaction that holds an advisory lock on the message. When a worker dies, its connection and so its lock
are gone: the message, still `sending`, is taken up again by the next sweep. A message marked sent is never
touched again. Only a death between the mail server's acceptance and our commit can repeat a mail; the
Message-ID stays the same so that mail systems can recognise it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import registry, rules
from notifications.models import OutboxMessage

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status

#: Seconds for each step of the conversation with the mail server.
SMTP_TIMEOUT = 15


def drain(*, limit: int = 500) -> int:
    """Deliver due messages until none is left or `limit` were attempted; return how many were attempted."""
    attempted = 0
    with mail_connection() as mailer:
        while attempted < limit and deliver_next(mailer, at=timezone.now()):
            attempted += 1
    return attempted


@contextmanager
def mail_connection() -> Iterator[BaseEmailBackend]:
    """Yield the configured way out: SMTP by the settings row, else files under `var/mail`."""
    site = SiteSettings.load()
    mailer = _smtp(site) if site.smtp_configured else _files()
    try:
        yield mailer
    finally:
        mailer.close()


def _smtp(site: SiteSettings) -> BaseEmailBackend:
    implicit_tls = site.smtp_port == 465
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=site.smtp_host,
        port=site.smtp_port,
        username=site.smtp_user,
        password=site.smtp_password or "",
        use_ssl=implicit_tls,
        use_tls=site.smtp_use_tls and not implicit_tls,
        timeout=SMTP_TIMEOUT,
    )


def _files() -> BaseEmailBackend:
    return get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=settings.MAIL_DIR)


def deliver_next(mailer: BaseEmailBackend, *, at: datetime) -> bool:
    """Claim and attempt the next due message; False when there is none."""
    message_id = _claim(at)
    if message_id is None:
        return False
    with transaction.atomic():
        if _lock(message_id):
            _attempt(mailer, message_id, at)
    return True


@transaction.atomic
def _claim(at: datetime) -> Any:
    """Mark the next due message as being sent and return its key; rows others are claiming are skipped."""
    message = OutboxMessage.objects.deliverable(at).select_for_update(skip_locked=True, of=("self",)).only("id").first()
    if message is None:
        return None
    OutboxMessage.objects.filter(pk=message.pk).update(status=Status.SENDING, claimed_at=at)
    return message.pk


def _lock(message_id: Any) -> bool:
    """Take the message's advisory lock until the transaction ends; False while another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"outbox:{message_id}"])
        return bool(cursor.fetchone()[0])


def _attempt(mailer: BaseEmailBackend, message_id: Any, at: datetime) -> None:
    message = OutboxMessage.objects.select_related("recipient").get(pk=message_id)
    if message.status != Status.SENDING:
        return None  # another worker finished it between our claim and our lock
    try:
        mail = compose(message)
        if mail is None:
            return _finish(message, Status.SKIPPED, error=str(_("The message has lost its point.")))
        mail.connection = mailer
        mail.send()
    except Exception as error:  # noqa: BLE001 - whatever went wrong with one mail must not stop the others
        mailer.close()
        return _postpone(message, error, at)
    return _finish(message, Status.SENT, at=at)


def compose(message: OutboxMessage) -> EmailMultiAlternatives | None:
    """Render the message in its recipient's language; None when it has lost its point."""
    notice = registry.get(message.code)
    language = getattr(message.recipient, "language", "") or settings.LANGUAGE_CODE
    site = SiteSettings.load()
    with translation.override(language):
        context = notice.context(message)
        if context is None:
            return None
        context = {"site": site, "base_url": site.base_url or settings.BASE_URL, "message": message} | context
        text = render_to_string(f"{notice.template}.txt", context)
        html = render_to_string(f"{notice.template}.html", context)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=text,
        from_email=site.smtp_sender or site.smtp_user or settings.DEFAULT_FROM_EMAIL,
        to=[message.to_email],
        headers={
            "Message-ID": f"<{message.pk}@medcover>",
            "X-MedCover-Instance": message.instance_name or "medcover",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _finish(message: OutboxMessage, status: str, *, at: datetime | None = None, error: str = "") -> None:
    message.status, message.sent_at, message.last_error = status, at, error
    message.save(update_fields=["status", "sent_at", "last_error"])


def _postpone(message: OutboxMessage, error: Exception, at: datetime) -> None:
    """Count the failure; try later, or give up and leave a record for the administrators."""
    logger.warning("Mail %s was not delivered (attempt %d): %s", message.pk, message.attempts + 1, type(error).__name__)
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    message.send_after = rules.next_attempt(message.attempts, at)
    message.status = Status.PENDING if message.send_after else Status.FAILED
    if message.status == Status.PENDING and _merged_into_newer(message):
        message.status = Status.SKIPPED
    message.save(update_fields=["attempts", "last_error", "send_after", "status"])
    if message.status == Status.FAILED:
        summary = _("Message could not be delivered: %s") % message.subject
        audit.record(message, kind=AuditEntry.Kind.MAIL_FAILED, summary=summary)


def _merged_into_newer(message: OutboxMessage) -> bool:
    """While this one was being sent, a newer one of its kind may have been queued: it takes over the news."""
    if not message.topic or message.recipient_id is None:
        return False
    same = {"recipient": message.recipient_id, "topic": message.topic, "code": message.code}
    newer = OutboxMessage.objects.select_for_update().pending().filter(**same).first()
    if newer is None:
        return False
    merged = registry.get(message.code).merge(message.payload, newer.payload)
    if merged is None:
        newer.delete()
    else:
        newer.payload = merged
        newer.save(update_fields=["payload"])
    return True

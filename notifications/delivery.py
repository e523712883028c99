"""Delivering the outbox: at least once, and never by two workers at the same time.

A worker claims one message in a short transaction (pending → sending), then sends it inside a second
transaction that holds an advisory lock on the message. When a worker dies, its connection and so its lock
are gone: the message, still `sending`, is taken up again by the next drain. A message marked sent is never
touched again. Only a death between the mail server's acceptance and our commit can repeat a mail; the
Message-ID stays the same so that mail systems can recognise it.

Nobody waits for the mail server but the worker: a message being sent is not pending, so news of the same
kind become a new message, and no row is locked meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import mailers, registry, rules
from notifications.composing import compose
from notifications.mailers import Mailer, Unreachable
from notifications.models import OptOut, OutboxMessage

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status

#: After this long no further message is begun. Well below the queue's own time limit for a job, which would
#: otherwise end a long drain in the middle of a conversation.
BUDGET = timedelta(seconds=45)


class Outcome(Enum):
    """How a step, and in the end the drain, went."""

    ATTEMPTED = auto()
    NOTHING_LEFT = auto()
    NO_WAY_OUT = auto()  # the mail server cannot be reached: the others would only wait for it in vain
    OUT_OF_TIME = auto()


def drain(*, clock: Callable[[], datetime] = timezone.now, budget: timedelta = BUDGET) -> Outcome:
    """Deliver due messages, account mail first, until none is left or something ends it early.

    First of all those that are marked as being sent: of whoever died over them the lock is free, and it alone says
    so. A clock that was wrong when they were claimed does not matter.
    """
    begun = clock()
    left_over = list(OutboxMessage.objects.being_sent().values_list("pk", flat=True))
    with mailers.connected() as mailer:
        while (now := clock()) < begun + budget:
            outcome = deliver(mailer, left_over.pop(0), at=now) if left_over else deliver_next(mailer, at=now)
            if outcome is not Outcome.ATTEMPTED:
                return outcome
    return Outcome.OUT_OF_TIME


def deliver_next(mailer: Mailer, *, at: datetime) -> Outcome:
    """Claim and attempt the next message that is due `at`."""
    message_id = _claim(at)
    return Outcome.NOTHING_LEFT if message_id is None else deliver(mailer, message_id, at=at)


def deliver(mailer: Mailer, message_id: Any, *, at: datetime) -> Outcome:
    """Attempt a claimed message, unless somebody else is at it."""
    try:
        with transaction.atomic():
            message = _held(message_id)
            return _attempt(mailer, message, at) if message else Outcome.ATTEMPTED
    except Exception as error:  # noqa: BLE001 - one message that we cannot write to must not stop the others
        # Still marked as being sent, it is looked at again by the next drain.
        logger.error("The fate of mail %s could not be written down: %s", message_id, type(error).__name__)
        return Outcome.ATTEMPTED


@transaction.atomic
def _claim(at: datetime) -> Any:
    """Mark the next due message as being sent and return its key; rows others are claiming are skipped."""
    due = OutboxMessage.objects.deliverable(at).select_for_update(skip_locked=True)
    message_id = due.values_list("pk", flat=True).first()
    if message_id is not None:
        OutboxMessage.objects.filter(pk=message_id).update(status=Status.SENDING, claimed_at=at)
    return message_id


def _held(message_id: Any) -> OutboxMessage | None:
    """Take the message's advisory lock until the transaction ends and return the message.

    None while another worker holds the lock, or when it has dealt with the message between our claim and our lock.
    """
    if not hold(message_id):
        return None
    mine = OutboxMessage.objects.select_related("recipient").filter(pk=message_id, status=Status.SENDING)
    return mine.annotate(is_declined=Exists(OptOut.objects.against_message())).first()


def hold(message_id: Any) -> bool:
    """Take the advisory lock of a message until the transaction ends; False while somebody is sending it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"outbox:{message_id}"])
        return bool(cursor.fetchone()[0])


def _attempt(mailer: Mailer, message: OutboxMessage, at: datetime) -> Outcome:
    """Send one message and write down how it went; whatever went wrong with it must not stop the others."""
    if objection := _objection(message):
        _finish(message, Status.SKIPPED, error=str(objection))
        return Outcome.ATTEMPTED
    try:
        with transaction.atomic():  # a failing query inside must leave us able to write the failure down
            mail = compose(message, mailer.site)
        if mail is None:
            _finish(message, Status.SKIPPED, error=str(_("The message has lost its point.")))
            return Outcome.ATTEMPTED
        mailer.send(mail)
    except Exception as error:  # noqa: BLE001 - templates, network, server: anything can fail here
        _postpone(message, error, at)
        return Outcome.NO_WAY_OUT if isinstance(error, Unreachable) else Outcome.ATTEMPTED
    _finish(message, Status.SENT, at=at)
    return Outcome.ATTEMPTED


def _objection(message: OutboxMessage) -> str | Promise:
    """Say why the message must not leave although it waits; empty when nothing is in its way.

    Both are asked now: somebody may have switched the block on since the drain began, and the recipient may have
    declined this type since the message was queued. The site's own switch is not asked again: it says what is
    queued from now on.
    """
    if SiteSettings.load().blocks_mail_to(message.to_email):
        return _("Sending of mails is blocked and this address is not allowed.")
    if message.is_declined and not registry.is_always_sent(message.code):  # type: ignore[attr-defined]
        return _("The recipient does not wish to get this notification any more.")
    return ""


def _finish(message: OutboxMessage, status: str, *, at: datetime | None = None, error: str = "") -> None:
    message.status, message.sent_at, message.last_error = status, at, error
    message.save(update_fields=["status", "sent_at", "last_error", "subject"])


def _postpone(message: OutboxMessage, error: Exception, at: datetime) -> None:
    """Count the failure; try later, or give up and leave a record for the administrators."""
    # The text of the error may name people; it is kept with the message, not in the log.
    reason = type(error.__cause__ or error).__name__
    logger.warning("Mail %s was not delivered (attempt %d): %s", message.pk, message.attempts + 1, reason)
    message.attempts += 1
    message.last_error = _words_of(error)
    message.send_after = rules.next_attempt(message.attempts, at)
    if message.send_after is None:
        _give_up(message)
    else:
        _put_back(message)


def _words_of(error: Exception) -> str:
    text = str(error) if isinstance(error, Unreachable) else f"{type(error).__name__}: {error}"
    return text.replace("\x00", "")[:2000]  # what a server says may hold what the database does not


def _give_up(message: OutboxMessage) -> None:
    message.status = Status.FAILED
    message.save(update_fields=["attempts", "last_error", "send_after", "status"])
    summary = audit.sentence(_("Message could not be delivered: %s"), message.subject)
    audit.record(message, kind=AuditEntry.Kind.MAIL_FAILED, summary=summary)


def _put_back(message: OutboxMessage) -> None:
    """Let the message wait for its next attempt, unless newer news of its kind were queued meanwhile."""
    while True:
        message.status = Status.SKIPPED if _merged_into_newer(message) else Status.PENDING
        try:
            with transaction.atomic():
                message.save(update_fields=["attempts", "last_error", "send_after", "status"])
        except IntegrityError:
            continue  # queued just now, after our look: look again
        return


def _merged_into_newer(message: OutboxMessage) -> bool:
    """Hand the news over to a newer pending message of the same kind, if there is one."""
    newer = OutboxMessage.objects.select_for_update().pending().like(message).first()
    if newer is None:
        return False
    merged = registry.merge(message.code, message.payload, newer.payload)
    if merged is None:
        newer.delete()
    else:
        newer.payload = merged
        newer.save(update_fields=["payload"])
    return True

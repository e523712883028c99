"""Delivering the outbox: at least once, and never by two workers at the same time.

A worker claims some mails in a short transaction (pending → sending), then sends each inside a transaction of its own
that holds an advisory lock on the mail. When a worker dies, its connection and so its lock are gone: its messages,
still `sending`, are taken up again by the next drain. A message marked sent is never touched again. Only a death
between the mail server's acceptance and our commit can repeat a mail; the Message-ID stays the same so that mail
systems can recognise it.

Nobody waits for the mail server but the worker: a message being sent is not pending, so news of the same
kind become a new message, and no row is locked meanwhile.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.db import update_rows
from medcover.common.prepared import UUID, prepared
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import mailers, registry, rules
from notifications.claiming import claim, left_over
from notifications.composing import Mail, compose
from notifications.mailers import Mailer, Unreachable
from notifications.models import OptOut, OutboxMessage, PushSubscription
from notifications.push import composing as push_composing
from notifications.push import keys, transport
from notifications.push import services as push_services
from notifications.push.composing import Note
from notifications.push.transport import Gone, PushFailed, PushWay, Refused
from notifications.slack import composing as slack_composing
from notifications.slack import config as slack_config
from notifications.slack import transport as slack_transport
from notifications.slack.transport import SlackFailed, SlackWay

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status

#: After this long no further message is begun. Well below the queue's own time limit for a job, which would
#: otherwise end a long drain in the middle of a conversation.
BUDGET = timedelta(seconds=45)

#: The same for the posts in Slack of one drain.
SLACK_BUDGET = timedelta(seconds=20)

#: How many mails are claimed at once, at first and at most, and how long they should take: mail about accounts that
#: is queued meanwhile waits no longer than that.
FIRST_CLAIM, LARGEST_CLAIM, CLAIM_LASTS = 4, 64, timedelta(seconds=0.5)

#: What is written of a message that goes back to wait.
_WAITS = ("attempts", "last_error", "send_after", "status", "claimed_at", "batch", "mail_id")

_POINTLESS = _("The message has lost its point.")


class Ways(NamedTuple):
    """The ways out of one drain."""

    mailer: Mailer
    push: PushWay
    slack: SlackWay


class Outcome(Enum):
    """How a step, and in the end the drain, went."""

    ATTEMPTED = auto()
    NOTHING_LEFT = auto()
    NO_WAY_OUT = auto()  # the server, or Slack, cannot be reached: the others would only wait for it in vain
    OUT_OF_TIME = auto()


def drain(*, clock: Callable[[], datetime] = timezone.now, budget: timedelta = BUDGET) -> Outcome:
    """Deliver due messages, account mail first, until none is left or something ends it early.

    First of all those that are marked as being sent: of whoever died over them the lock is free, and it alone says
    so. A clock that was wrong when they were claimed does not matter. What goes to browsers waits neither for a mail
    server that cannot be reached nor for the next minute of its limit.
    """
    end = clock() + budget
    with mailers.connected() as mailer, transport.connected() as push, slack_transport.connected() as slack:
        ways = Ways(mailer, push, slack)
        outcome = _deliver_all(_Claims(left_over()), ways, clock, end)
        if keys.is_on() and outcome is not Outcome.OUT_OF_TIME:
            _deliver_all(_Claims(channel=OutboxMessage.Channel.PUSH), ways, clock, end)
        if slack_config.is_on():
            # A time of its own: a Slack that does not answer takes none away from mails.
            posts = _Claims(left_over(channel=OutboxMessage.Channel.SLACK), channel=OutboxMessage.Channel.SLACK)
            _deliver_all(posts, ways, clock, clock() + SLACK_BUDGET)
    return outcome


def _deliver_all(claims: _Claims, ways: Ways, clock: Callable[[], datetime], end: datetime) -> Outcome:
    try:
        while (now := clock()) < end:
            mail_id = claims.next(now)
            if mail_id is None:
                return Outcome.NOTHING_LEFT
            if deliver(ways, mail_id, at=now) is Outcome.NO_WAY_OUT:
                return Outcome.NO_WAY_OUT
    finally:
        claims.give_back()
    return Outcome.OUT_OF_TIME


class _Claims:
    """Mails that this drain has claimed and not begun yet."""

    def __init__(self, mails: Iterable[Any] = (), *, channel: str = "") -> None:
        self._mails, self._channel = deque(mails), channel
        self._size = FIRST_CLAIM
        self._begun: datetime | None = None

    def next(self, at: datetime) -> Any:
        """Return the next mail, claiming more when all have been begun; None when nothing is due."""
        if not self._mails:
            self._adapt(at)
            self._mails.extend(claim(at, most=self._size, channel=self._channel))
        return self._mails.popleft() if self._mails else None

    def _adapt(self, at: datetime) -> None:
        """Claim as many as are sent in a moment, with this server and these mails."""
        if self._begun is not None:
            fast = at - self._begun < CLAIM_LASTS
            self._size = min(self._size * 2, LARGEST_CLAIM) if fast else max(self._size // 2, 1)
        self._begun = at

    def give_back(self) -> None:
        """Let what was not begun wait again as if nobody had claimed it."""
        for mail_id in self._mails:
            with transaction.atomic():
                for message in _held(mail_id):
                    message.claimed_at = None
                    _put_back(message)


def deliver(ways: Ways, mail_id: Any, *, at: datetime) -> Outcome:
    """Attempt a claimed mail, unless somebody else is at it."""
    try:
        with transaction.atomic():
            messages = _held(mail_id)
            return _attempt(ways, messages, at) if messages else Outcome.ATTEMPTED
    except Exception as error:  # noqa: BLE001 - one message that we cannot write to must not stop the others
        # Still marked as being sent, it is looked at again by the next drain.
        logger.error("The fate of mail %s could not be written down: %s", mail_id, type(error).__name__)
        return Outcome.ATTEMPTED


def _held(mail_id: Any) -> list[OutboxMessage]:
    """Take the mail's advisory lock until the transaction ends and return its messages, oldest first.

    None while another worker holds the lock, or when it has dealt with the mail between our claim and our lock.
    """
    return _being_sent(mail=mail_id) if hold(mail_id) else []


@prepared(mail=UUID)
def _being_sent(p: Any) -> Any:
    mine = OutboxMessage.objects.select_related("recipient").filter(status=Status.SENDING, mail_id=p.mail)
    return mine.annotate(is_declined=Exists(OptOut.objects.against_message())).order_by("created_at", "id")


def hold(mail_id: Any) -> bool:
    """Take the advisory lock of a mail until the transaction ends; False while somebody is sending it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"outbox:{mail_id}"])
        return bool(cursor.fetchone()[0])


def _attempt(ways: Ways, messages: Sequence[OutboxMessage], at: datetime) -> Outcome:
    """Send one mail and write down how it went; whatever went wrong with it must not stop the others."""
    site = SiteSettings.load()
    if messages[0].channel == OutboxMessage.Channel.PUSH:
        _attempt_push(ways.push, messages[0], site, at)
        return Outcome.ATTEMPTED
    if messages[0].channel == OutboxMessage.Channel.SLACK:
        return _attempt_slack(ways.slack, messages[0], site, at)
    messages = _without_objection(messages, site)
    if not messages:
        return Outcome.ATTEMPTED
    try:
        # A failing query inside must leave us able to write the failure down.
        with site.hold_for_request(), transaction.atomic():
            mail = compose(messages, site)
    except Exception as error:  # noqa: BLE001 - templates, queries, data: anything can fail here
        _set_apart(messages, error, at)
        return Outcome.ATTEMPTED
    told = mail.told if mail else ()
    _finish([message for message in messages if message.pk not in told], Status.SKIPPED, error=str(_POINTLESS))
    if mail is None:
        return Outcome.ATTEMPTED
    return _send(ways.mailer, mail, [message for message in messages if message.pk in told], at)


def _send(mailer: Mailer, mail: Mail, messages: Sequence[OutboxMessage], at: datetime) -> Outcome:
    try:
        mailer.send(mail.message)
    except Exception as error:  # noqa: BLE001 - network, server: anything can fail here
        for message in messages:
            _postpone(message, error, at)
        return Outcome.NO_WAY_OUT if isinstance(error, Unreachable) else Outcome.ATTEMPTED
    _finish(messages, Status.SENT, at=at)
    return Outcome.ATTEMPTED


def _attempt_push(push: PushWay, message: OutboxMessage, site: SiteSettings, at: datetime) -> None:
    """Send what one device is to show, and write down how it went."""
    device = PushSubscription.objects.working().filter(pk=message.device, person=message.recipient_id).first()
    try:
        with site.hold_for_request(), transaction.atomic():
            objection = push_composing.objection(message, device, site)
            note = None if objection else push_composing.compose(message, site)
    except Exception as error:  # noqa: BLE001 - as with mails
        _postpone(message, error, at)
        return
    if note is None or device is None:
        _finish([message], Status.SKIPPED, error=str(objection or _POINTLESS))
    else:
        _push(push, device, note, message, at)


def _push(push: PushWay, device: PushSubscription, note: Note, message: OutboxMessage, at: datetime) -> None:
    try:
        push.send(device, note)
    except Gone:
        push_services.forget_gone(device)
        _finish([message], Status.SKIPPED, error=str(push_composing.NO_DEVICE))
    except Exception as error:  # noqa: BLE001 - network, service: anything can fail here
        _postpone(message, error, at)
    else:
        push_services.mark_used(device, at)
        _finish([message], Status.SENT, at=at)


def _attempt_slack(slack: SlackWay, message: OutboxMessage, site: SiteSettings, at: datetime) -> Outcome:
    """Post one message, and write down how it went; only what has been taken is copied to the common channel."""
    try:
        with site.hold_for_request(), transaction.atomic():
            objection = slack_composing.objection(message, site)
            text = "" if objection else slack_composing.compose(message, site)
    except Exception as error:  # noqa: BLE001 - as with mails
        _postpone(message, error, at)
        return Outcome.ATTEMPTED
    if objection or not text:
        _finish([message], Status.SKIPPED, error=str(objection or _POINTLESS))
        return Outcome.ATTEMPTED
    try:
        slack.send(slack_composing.address_of(message), text)
    except Exception as error:  # noqa: BLE001 - as with mails
        _postpone(message, error, at)
    else:
        _finish([message], Status.SENT, at=at)
        _copy(slack, message, text)
    return Outcome.NO_WAY_OUT if slack.is_down else Outcome.ATTEMPTED


def _copy(slack: SlackWay, message: OutboxMessage, text: str) -> None:
    if channel := slack_composing.copy_channel(message):
        slack.copy(channel, text)


def _set_apart(messages: Sequence[OutboxMessage], error: Exception, at: datetime) -> None:
    """Let messages that make no mail together leave one by one, so that one that is broken keeps no other."""
    if len(messages) == 1:
        _postpone(messages[0], error, at)
        return
    for message in messages:
        message.batch, message.mail_id = "", None
        _put_back(message)


def _without_objection(messages: Sequence[OutboxMessage], site: SiteSettings) -> list[OutboxMessage]:
    """Skip what must not leave although it waits, and return the rest."""
    objections = {message.pk: str(_objection(message, site)) for message in messages}
    for message in messages:
        if objections[message.pk]:
            _finish([message], Status.SKIPPED, error=objections[message.pk])
    return [message for message in messages if not objections[message.pk]]


def _objection(message: OutboxMessage, site: SiteSettings) -> str | Promise:
    """Say why the message must not leave although it waits; empty when nothing is in its way.

    Both are asked now: somebody may have switched the block on since the drain began, and the recipient may have
    declined this type since the message was queued. The site's own switch is not asked again: it says what is
    queued from now on.
    """
    if site.blocks_mail_to(message.to_email):
        return _("Sending of mails is blocked and this address is not allowed.")
    if message.is_declined and not message.payload.get("sample") and not registry.is_always_sent(message.code):  # type: ignore[attr-defined]
        return _("The recipient does not wish to get this notification any more.")
    return ""


def _finish(messages: Sequence[OutboxMessage], status: str, *, at: datetime | None = None, error: str = "") -> None:
    for message in messages:
        message.status, message.sent_at, message.last_error = status, at, error
    update_rows(messages, ["status", "sent_at", "last_error", "subject"])


def _postpone(message: OutboxMessage, error: Exception, at: datetime) -> None:
    """Count the failure; try later, or give up and leave a record for the administrators.

    What was only taken along, before its time, goes on waiting as it was.
    """
    if message.send_after is not None and message.send_after > at:
        _put_back(message)
        return
    # The text of the error may name people; it is kept with the message, not in the log.
    reason = type(error.__cause__ or error).__name__
    logger.warning("Mail %s was not delivered (attempt %d): %s", message.pk, message.attempts + 1, reason)
    message.attempts += 1
    message.last_error = _words_of(error)
    message.send_after = rules.next_attempt(message.attempts, at, _waits_of(message))
    if message.send_after is not None and isinstance(error, (Refused, SlackFailed)):
        message.send_after = max(message.send_after, at + error.wait)
    if message.send_after is None:
        _give_up(message)
    else:
        _put_back(message)


def _waits_of(message: OutboxMessage) -> Sequence[timedelta]:
    return rules.SLACK_BACK_OFF if message.channel == OutboxMessage.Channel.SLACK else rules.BACK_OFF


def _words_of(error: Exception) -> str:
    text = (
        str(error) if isinstance(error, (Unreachable, PushFailed, SlackFailed)) else f"{type(error).__name__}: {error}"
    )
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
                message.save(update_fields=_WAITS)
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

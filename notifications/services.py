"""Putting messages into the outbox. Delivery is in `delivery.py`.

Everything here runs inside the transaction of the change that has something to tell; nothing talks to a
mail server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import registry
from notifications.models import NotificationSwitch, OptOut, OutboxMessage
from notifications.registry import NoticeType, Payload
from notifications.rules import earlier, later

Status = OutboxMessage.Status

#: Rows written by one statement.
BATCH = 500


@dataclass(frozen=True)
class Addressee:
    """Where and in which language a person is written to."""

    email: str
    language: str


@dataclass(frozen=True)
class News:
    """What is to be told, before it is known whether a waiting message takes it up."""

    notice: NoticeType
    topic: str
    payload: Payload
    send_after: datetime | None

    def message_to(self, person: Any, addressee: Addressee, *, last_sent: datetime | None = None) -> OutboxMessage:
        """Return a fresh row for one person, or with None for an address that is nobody's.

        Where the person has had such a message at `last_sent`, this one rests for a while.
        """
        rested = last_sent + self.notice.rest if last_sent else None
        return OutboxMessage(
            code=self.notice.code,
            recipient_id=person,
            to_email=addressee.email,
            subject=self.notice.subject_in(addressee.language, self.payload),
            topic=self.topic,
            payload=self.payload,
            priority=self.notice.priority,
            send_after=later(self.send_after, rested),
            instance_name=settings.INSTANCE_NAME,
        )

    def merge_into(self, row: OutboxMessage, addressee: Addressee) -> bool:
        """Put the news on a waiting row, unsaved; False when the two cancel each other out."""
        merged = self.notice.merge(row.payload, self.payload)
        if merged is None:
            return False
        row.payload, row.to_email = merged, addressee.email
        row.subject = self.notice.subject_in(addressee.language, merged)
        if not self.notice.rest:
            row.send_after = earlier(row.send_after, self.send_after)
        return True


People = dict[Any, Addressee]


@transaction.atomic(savepoint=False)  # whoever announces something fails as a whole
def enqueue(
    code: str,
    *,
    recipients: Iterable[Any],
    topic: str = "",
    payload: Payload | None = None,
    send_after: datetime | None = None,
) -> int:
    """Tell `recipients` (user keys) about `topic`; return how many people are concerned.

    People who are inactive (unless the type is for them too), have none of the type's roles or do not wish to get
    it are left out. A message of the same type and topic that still waits for the same person is merged with this
    one instead of doubled. Switched-off types tell nobody. The number of queries does not depend on the number of
    people.
    """
    notice = registry.get(code)
    if not is_enabled(notice):
        return 0
    people = _addressees(notice, recipients)
    if people:
        _put(News(notice, topic, payload or {}, send_after), people)
        transaction.on_commit(wake_worker, robust=True)
    return len(people)


@transaction.atomic
def enqueue_to(address: str, code: str, *, topic: str = "", payload: Payload | None = None) -> OutboxMessage:
    """Write to an address that belongs to no account, in the language of the site; return the message.

    Only for types that are always sent. Nothing merges by address: each call is a message of its own.
    """
    notice = registry.get(code)
    if not notice.always_on:
        raise ValueError(f"Not a type for addresses without an account: {code}")
    news = News(notice, topic, payload or {}, None)
    message = news.message_to(None, Addressee(address, settings.LANGUAGE_CODE))
    message.save()
    transaction.on_commit(wake_worker, robust=True)
    return message


def is_enabled(notice: NoticeType) -> bool:
    """Say whether the site sends this type at all."""
    return notice.always_on or not NotificationSwitch.objects.filter(code=notice.code, enabled=False).exists()


def _addressees(notice: NoticeType, recipients: Iterable[Any]) -> People:
    """Return who is really told, in order of key: all writers take their rows in this order, so none deadlock."""
    people = get_user_model().objects.filter(pk__in=recipients)
    if not notice.to_inactive:
        people = people.filter(is_active=True)
    if notice.roles:
        people = people.filter(groups__name__in=notice.roles).distinct()
    if not notice.always_on:
        people = people.exclude(pk__in=OptOut.objects.of_type(notice.code).values("person"))
    rows = people.order_by("pk").values_list("pk", "email", "language")
    return {pk: Addressee(email, language) for pk, email, language in rows}


def _put(news: News, people: People) -> None:
    """Merge into waiting rows or insert new ones until everybody has one.

    Another transaction may insert the same row between our look and our insert. The unique constraint then
    leaves ours out, and the next round finds the other's row waiting, or already on its way.
    """
    left = people
    while left:
        rows = _lock_like(news, left)
        merged = _merge_into_waiting(news, left, [row for row in rows if row.status == Status.PENDING])
        left = {person: addressee for person, addressee in left.items() if person not in merged}
        inserted = _insert(news, left, {row.recipient_id: row.sent_at for row in rows})
        left = {person: addressee for person, addressee in left.items() if person not in inserted}


def _lock_like(news: News, people: People) -> list[OutboxMessage]:
    """Lock the messages of the type about the topic that wait for these people, or from which the new one rests."""
    if not news.topic:
        return []
    waiting = Q(status=Status.PENDING)
    if rest := news.notice.rest:
        waiting |= Q(status=Status.SENT, sent_at__gt=timezone.now() - rest)
    rows = OutboxMessage.objects.select_for_update().about(news.topic).filter(waiting, code=news.notice.code)
    return list(rows.filter(recipient__in=people).order_by("recipient_id", "sent_at"))


def _merge_into_waiting(news: News, people: People, rows: list[OutboxMessage]) -> set[Any]:
    """Merge into the rows that wait; return whose rows those are."""
    kept = [row for row in rows if news.merge_into(row, people[row.recipient_id])]
    OutboxMessage.objects.bulk_update(kept, ["payload", "to_email", "subject", "send_after"], batch_size=BATCH)
    dropped = {row.pk for row in rows} - {row.pk for row in kept}
    if dropped:
        OutboxMessage.objects.filter(pk__in=dropped).delete()
    return {row.recipient_id for row in rows}


def _insert(news: News, people: People, last_sent: Mapping[Any, datetime | None]) -> set[Any]:
    """Insert a row for each person who has none waiting; return for whom that worked."""
    fresh = [
        news.message_to(person, addressee, last_sent=last_sent.get(person)) for person, addressee in people.items()
    ]
    OutboxMessage.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    return set(OutboxMessage.objects.filter(pk__in=[row.pk for row in fresh]).values_list("recipient", flat=True))


def drop_pending_of(person_id: Any) -> int:
    """Forget every message that still waits for this person; return how many there were."""
    count, _per_model = OutboxMessage.objects.pending().filter(recipient=person_id).delete()
    return count


@transaction.atomic
def resend(message_id: Any, *, by: Any, at: datetime) -> OutboxMessage:
    """Queue a failed or skipped message again, with all its attempts.

    Raises DomainError when it does not exist, is waiting already or has been sent, or when a newer one of the
    same kind waits for the same person.
    """
    message = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise DomainError(_("The message does not exist any more."))
    if message.status not in (Status.FAILED, Status.SKIPPED):
        raise DomainError(_("Only a failed or skipped message can be sent again."))
    message.status, message.attempts, message.last_error, message.send_after = Status.PENDING, 0, "", at
    _save_as_the_only_one(message)
    summary = audit.sentence(_("Message queued again: %s"), message.subject)
    audit.record(message, kind=AuditEntry.Kind.RESEND, by=by, summary=summary)
    transaction.on_commit(wake_worker, robust=True)
    return message


def resend_all(message_ids: Iterable[Any], *, by: Any, at: datetime) -> BulkResult:
    """Queue many messages again, each in a transaction of its own."""
    found = OutboxMessage.objects.filter(pk__in=list(message_ids)).order_by("created_at")
    return for_each({row.pk: str(row) for row in found}, lambda key: resend(key, by=by, at=at))


def _save_as_the_only_one(message: OutboxMessage) -> None:
    """The constraint, not a look beforehand, knows whether a message of the same kind waits already."""
    try:
        with transaction.atomic():
            message.save(update_fields=["status", "attempts", "last_error", "send_after"])
    except IntegrityError as error:
        raise DomainError(_("A newer message of the same kind is already waiting for this person.")) from error


@transaction.atomic
def switch(code: str, *, enabled: bool, by: Any) -> NotificationSwitch:
    """Switch an optional notification type on or off for the whole site."""
    if registry.get(code).always_on:
        raise DomainError(_("This notification cannot be switched off."))
    with audit.trail(by=by):
        row, _created = NotificationSwitch.objects.update_or_create(code=code, defaults={"enabled": enabled})
    return row


@transaction.atomic
def remember_wishes(person_id: Any, wishes: Mapping[str, bool]) -> dict[str, bool]:
    """Write which optional types a person wishes to get (code → yes or no) and return those that changed.

    The caller holds the person's row lock and records the change. Codes that are not among the wishes stay as
    they were. Raises DomainError for a type that everybody gets.
    """
    if any(registry.get(code).always_on for code in wishes):
        raise DomainError(_("This notification cannot be switched off."))
    declined = OptOut.objects.codes_of(person_id)
    changed = {code: wanted for code, wanted in wishes.items() if wanted == (code in declined)}
    now_wanted = [code for code, wanted in changed.items() if wanted]
    OptOut.objects.filter(person=person_id, code__in=now_wanted).delete()
    OptOut.objects.bulk_create(OptOut(person_id=person_id, code=code) for code in changed.keys() - now_wanted)
    return changed


def wake_worker() -> None:
    """Ask the worker to deliver now; should that fail, the minute sweep still delivers."""
    from django_q.tasks import async_task

    async_task("notifications.jobs.drain")

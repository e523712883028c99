"""Putting messages into the outbox; how they are merged and written is in `queueing`, delivery in `delivery`.

Everything here runs inside the transaction of the change that has something to tell; nothing talks to a
mail server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import registry, rules
from notifications.models import NotificationSwitch, OptOut, OutboxMessage
from notifications.queueing import Addressee, News, Wanted, put, receivers
from notifications.registry import Payload

Status = OutboxMessage.Status

#: What was announced `together` and is not written yet.
_announced: ContextVar[list[Wanted] | None] = ContextVar("news to be queued together", default=None)


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
    return _queue([(News(registry.get(code), topic, payload or {}, send_after), recipients)])


@transaction.atomic(savepoint=False)
def announce(
    code: str,
    *,
    recipients: Iterable[Any],
    topic: str = "",
    payload: Payload | None = None,
    about: datetime | None = None,
) -> None:
    """Tell people as `enqueue` does, but `together` with what else the service at hand has to tell.

    What can wait for more news does so, by how far away the beginning is of what it is `about`.
    """
    notice = registry.get(code)
    send_after = _when_due(about) if about and notice.can_wait else None
    wanted = News(notice, topic, payload or {}, send_after), recipients
    announced = _announced.get()
    if announced is None:
        _queue([wanted])
    else:
        announced.append((wanted[0], set(recipients)))  # who it is for is decided now


@contextmanager
def together() -> Iterator[None]:
    """Write everything that is announced inside at its end, by as many statements as a single message takes.

    To be opened inside a transaction, and once more inside a savepoint that may be undone alone: of several inside
    each other the outermost one writes, and what fails tells nothing.
    """
    outer = _announced.get()
    announced = [] if outer is None else outer
    before, token = len(announced), _announced.set(announced)
    try:
        yield
    except BaseException:
        del announced[before:]
        raise
    finally:
        _announced.reset(token)
    if outer is None and announced:
        _queue(announced)


def _when_due(start: datetime) -> datetime:
    at = timezone.now()
    return at + rules.delay(start, at, SiteSettings.current().notify_delays)


def receives(person_id: Any, code: str) -> bool:
    """Say whether the person would be told something of this type now."""
    return bool(receivers([(News(registry.get(code), "", {}), [person_id])]))


def _queue(wanted: Sequence[Wanted]) -> int:
    told = receivers(wanted)
    if told:
        put(told)
    if any(one.leaves_at_once for one in told):
        wake_after_commit()  # what waits for more news is found by the minute's sweep
    return len({one.person for one in told})


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
    wake_after_commit()
    return message


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
    wake_after_commit()
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


def wake_after_commit() -> None:
    """Wake the worker once when the transaction is done, however much a transaction has to tell."""
    # What was asked for in a block that is undone stands here no more; what does, falls only with us.
    waiting = transaction.get_connection().run_on_commit
    if not any(function is wake_worker for _blocks, function, _robust in waiting):
        transaction.on_commit(wake_worker, robust=True)


def wake_worker() -> None:
    """Ask the worker to deliver now; should that fail, the minute sweep still delivers."""
    from django_q.tasks import async_task

    async_task("notifications.jobs.drain")

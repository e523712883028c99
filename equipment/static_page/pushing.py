"""Pushing the static page: asked for inside a change, done by the worker, tried again when it fails.

Whoever alters the page adds a row, which waits for nobody. One worker at a time pushes, under an advisory lock: of two
the slower one could leave the older page. It locks what waits, and only then reads what the page shows, so a change
that is not in the page has its row still to come.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from equipment.models import StaticPagePush
from equipment.services.locking import require
from equipment.static_page import cloudfront, rules, targets
from equipment.static_page.rendering import render
from medcover.common.errors import DomainError
from medcover.system import audit, uploads
from medcover.system.models import AuditEntry

logger = logging.getLogger(__name__)

PUSH = "equipment.push_static_page"
Status = StaticPagePush.Status

#: How many of those that have ended are kept.
KEPT = 50


def ask(*, at: datetime | None = None) -> None:
    """Have the page written anew after this transaction, once however much it alters; nothing without a target."""
    if not targets.is_set():
        return
    # What was asked for in a block that is undone stands here no more, and neither does its row.
    if any(function is wake_worker for _blocks, function, _robust in transaction.get_connection().run_on_commit):
        return
    _added(at or timezone.now())


def _added(at: datetime, **fields: Any) -> StaticPagePush:
    row = StaticPagePush.objects.create(asked_at=at, **fields)
    transaction.on_commit(wake_worker, robust=True)
    return row


@transaction.atomic
def ask_at_once(*, by: Any, at: datetime) -> StaticPagePush:
    """Have the page written now, with all its attempts, whatever has failed before.

    Raises NotAllowed, DomainError where the installation has no static page.
    """
    require(by, PUSH)
    if not targets.is_set():
        raise DomainError(_("The installation has no static page: STATIC_PAGE_PUSH_TARGET is not set."))
    row = _added(at, at_once=True)
    summary = audit.sentence(_("Push of the static status page asked for: %s"), targets.name())
    audit.record(row, kind=AuditEntry.Kind.RESEND, by=by, summary=summary)
    return row


def wake_worker() -> None:
    """Ask the worker to push; should that fail, the job of every minute still does."""
    from django_q.tasks import async_task

    async_task("equipment.jobs.push_static_page")


@transaction.atomic
def push_due(*, at: datetime) -> StaticPagePush | None:
    """Write the page if that is asked for and due; return the push with how it went.

    None when there was nothing to do or somebody else is at it. Failures are kept in the row and never raised.
    """
    if not _is_mine():
        return None
    waiting = list(StaticPagePush.objects.pending().select_for_update(skip_locked=True))
    if waiting and not targets.is_set():
        _forget(waiting)
        return None
    plan = rules.merged(rules.Waiting(row.attempts, row.next_attempt_at, row.at_once) for row in waiting)
    if not waiting or not rules.is_due(plan, at):
        return None
    push = _merged(waiting, plan)
    _attempt(push, at)
    return push


def _is_mine() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('equipment.static_page', 0))")
        return bool(cursor.fetchone()[0])


def _merged(waiting: Sequence[StaticPagePush], plan: rules.Waiting) -> StaticPagePush:
    """Keep the oldest row for all of them."""
    push, *others = waiting
    _forget(others)
    push.attempts, push.at_once = plan.attempts, False
    return push


def _forget(rows: Sequence[StaticPagePush]) -> None:
    StaticPagePush.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _attempt(push: StaticPagePush, at: datetime) -> None:
    push.target = targets.name()[:300]
    try:
        with transaction.atomic():  # a failing query must leave us able to write the failure down
            page = render(at=at)
        targets.write(page)
        push.invalidation = cloudfront.invalidate()[:64] if cloudfront.is_set() else ""
    except Exception as error:  # noqa: BLE001 - disk, network, libraries, data: anything can fail here
        _failed(push, error, at)
    else:
        _delivered(push, at)


def _delivered(push: StaticPagePush, at: datetime) -> None:
    push.status, push.ended_at, push.next_attempt_at, push.last_error = Status.DELIVERED, at, None, ""
    push.save()
    extra = {"method": settings.STATIC_PAGE_PUSH_METHOD, "invalidation": push.invalidation}
    logger.info("Static page pushed", extra=extra)
    StaticPagePush.objects.filter(pk__in=StaticPagePush.objects.ended().values("pk")[KEPT:]).delete()


def _failed(push: StaticPagePush, error: Exception, at: datetime) -> None:
    push.attempts += 1
    push.last_error = _words(error)
    delay = rules.delay_after(push.attempts)
    if delay is None:
        push.status, push.ended_at, push.next_attempt_at = Status.FAILED, at, None
    else:
        push.next_attempt_at = at + delay
    push.save()
    if push.attempts == 1 or push.status == Status.FAILED:
        _record(push)
    # The words of the failure stand in the row, for those who may read it.
    logger.warning("Static page not pushed, attempt %d: %s", push.attempts, type(error).__name__)


def _words(error: Exception) -> str:
    """Say what has happened, and behind it what the system or the library said, for whoever looks after them."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{_sentence(error)} ({type(error).__name__}: {error})"[:500]


def _sentence(error: Exception) -> Any:
    if isinstance(error, DomainError):
        return error.message
    if isinstance(error, OSError):
        return uploads.reason(error)
    if targets.is_remote():
        return _("The target cannot be reached or refuses.")
    return _("An unexpected error.")


def _record(push: StaticPagePush) -> None:
    """Record that the page grows old: when it begins to, and when nobody tries any more."""
    words = _("Static status page could not be written: %s")
    if push.status == Status.FAILED:
        words = _("Static status page was given up after the last attempt: %s")
    audit.record(push, kind=AuditEntry.Kind.ERROR, summary=audit.sentence(words, push.last_error))

"""Status transitions of events: by hand, in bulk, by the worker; all through one table and `make_move`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.rules.lifecycle import FINAL, TRANSITIONS, Status, Transition, refusal
from events.services import notifications, offers, responsible
from events.services.locking import Gone, lock_event, require, save_event
from events.signals import event_completed
from events.slack import posts
from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.system import audit

logger = logging.getLogger(__name__)


@transaction.atomic
def transition(
    event_id: int, code: str, *, by: Any, at: datetime, version: int | None = None, notify: bool = True
) -> Event:
    """Make one move asked for by a person.

    Raises NotAllowed without the right, StaleRecord for an old form, DomainError when the move is not
    possible from where the event stands.
    """
    move = TRANSITIONS.get(code)
    if move is None or move.is_automatic:
        raise DomainError(_("This change of status is not possible."))
    event = lock_event(event_id)
    require(by, str(move.permission), event)
    event.expect_version(version)
    if move.code == "open":
        _open(event, move, by=by, at=at, notify=notify)
    else:
        make_move(event, move, by=by, notify=notify, at=at)
    if move.code == "publish" and _opens_at_once(event, at):
        # An empty opening time means "at once when published"; the hint on the form promises it.
        _open(event, TRANSITIONS["open_when_due"], by=by, at=at, notify=notify)
    if move.code == "restore":
        # While an event is cancelled nobody looks whether its leader may still lead.
        responsible.replace_if_unfit(event)
    return event


def _opens_at_once(event: Event, at: datetime) -> bool:
    return event.signups_open_at is None or event.signups_open_at <= at


def _open(event: Event, move: Transition, *, at: datetime, by: Any = None, notify: bool = True) -> None:
    """Open sign-ups; where nothing is left after the waiting list was served, they close again, and quietly.

    An event may also be full already, when it was restored with its crew.
    """
    make_move(event, move, by=by, notify=False, at=at)
    settle_capacity(event, at=at)
    if notify and event.status == Status.OPEN:
        _tell(event, move)
        posts.tell_opened(event)


def make_move(
    event: Event, move: Transition, *, by: Any = None, notify: bool = True, at: datetime | None = None
) -> None:
    """Write the move and tell people; the event is locked and the actor's right has been checked."""
    full = move.code == "open" and event.staffing_of_now().is_booked_out
    reason = refusal(move, event.status, archived=event.is_archived, full=full)
    if reason is not None:
        raise DomainError(reason)
    old = Status(event.status)
    event.status, event.capacity_closed = move.target, move.code == "close_when_full"
    if move.archived is not None:
        event.is_archived = move.archived
    words = {"event": event.name, "old": old.label, "new": move.target.label}
    summary = audit.sentence(_("%(event)s: %(old)s → %(new)s"), words)
    with audit.trail(by=by, kind="status_change", summary=summary):
        save_event(event, "status", "capacity_closed", "is_archived")
    if notify:
        _tell(event, move)
    if move.target == Status.COMPLETED:
        event_completed.send(sender=Event, event=event, notify=notify, at=at or timezone.now())
    if move.target in FINAL:
        offers.drop_all(event, at=at or timezone.now())
    elif move.code == "close":
        offers.withdraw_all(event, at=at or timezone.now())


def _tell(event: Event, move: Transition) -> None:
    for code in move.notices:
        if move.target == Status.CANCELLED:
            notifications.notify_cancelled(code, event)
        else:
            notifications.notify_everybody(code, event)


def settle_capacity(event: Event, *, freed: bool = False, at: datetime | None = None) -> None:
    """Offer what is free to the waiting list; close sign-ups when nothing is left, reopen them when something is.

    Event is locked. Places held by open offers count as taken. A person who leaves a position always reopens closed
    sign-ups (`freed`); a place added by the plan, and any seat of an event staffed by conditions, reopens only what
    capacity had closed.
    """
    if event.is_archived or event.status not in (Status.OPEN, Status.CLOSED):
        return
    event.reread_figures()
    withdrawn = []
    if event.is_waited_for:
        withdrawn = offers.settle(event, freed=freed, at=at)
        event.reread_figures()
    reopens = event.capacity_closed or (freed and not event.by_conditions)
    if event.is_booked_out:
        _close_by_capacity(event, takes_over=reopens)
    elif event.status == Status.CLOSED and reopens:
        make_move(event, TRANSITIONS["reopen_when_free"])
    notifications.places_available(event, withdrawn, at=at or timezone.now())


def _close_by_capacity(event: Event, *, takes_over: bool) -> None:
    """Close sign-ups; `takes_over` says that closed ones would now be open if offers did not hold what is free.

    Then they are to reopen when nobody accepts, whoever closed them.
    """
    if event.status == Status.OPEN:
        make_move(event, TRANSITIONS["close_when_full"])
    elif takes_over and not event.capacity_closed:
        event.capacity_closed = True
        with audit.trail(kind="edit"):
            save_event(event, "capacity_closed")


def for_each_event(event_ids: Iterable[int], change: Callable[[int], object]) -> BulkResult:
    """Make one change with many events, each in its own transaction; what is refused is reported, not raised.

    Keys without an event are among the skipped, by their key.
    """
    wanted = dict.fromkeys(event_ids)
    names = dict(Event.objects.filter(pk__in=wanted).order_by("start", "pk").values_list("pk", "name"))
    result = for_each(names, change)
    gone = [(f"#{key}", str(_("The event does not exist."))) for key in wanted if key not in names]
    return BulkResult(result.changed, [*gone, *result.skipped])


def bulk_transition(event_ids: Iterable[int], code: str, *, by: Any, at: datetime, notify: bool = False) -> BulkResult:
    """Make one move with many events; see `for_each_event`."""
    return for_each_event(event_ids, lambda event_id: transition(event_id, code, by=by, at=at, notify=notify))


def open_due(*, at: datetime) -> int:
    """Open sign-ups of published events whose time has come; return how many."""
    due = Event.objects.due_to_open(at).order_by("pk").values_list("pk", flat=True)
    return sum(_automatic(event_id, "open_when_due", at) for event_id in list(due))


def complete_due(*, at: datetime) -> int:
    """Complete open and closed events that are over; return how many."""
    due = Event.objects.due_to_complete(at).order_by("pk").values_list("pk", flat=True)
    return sum(_automatic(event_id, "complete", at) for event_id in list(due))


def _automatic(event_id: int, code: str, at: datetime) -> bool:
    """Make one automatic move if it is still due under the lock; one event's trouble never stops the others."""
    try:
        with transaction.atomic():
            event = lock_event(event_id)
            if not _still_due(event, code, at):
                return False
            _move_by_time(event, code, at)
            return True
    except Gone:
        logger.warning("Event %s vanished before its automatic change %s", event_id, code)
    except Exception:
        logger.exception("Automatic change %s of event %s failed", code, event_id)
    return False


def _move_by_time(event: Event, code: str, at: datetime) -> None:
    if code == "open_when_due":
        _open(event, TRANSITIONS[code], at=at)
    else:
        make_move(event, TRANSITIONS[code], at=at)


def _still_due(event: Event, code: str, at: datetime) -> bool:
    due = Event.objects.due_to_open(at) if code == "open_when_due" else Event.objects.due_to_complete(at)
    return bool(due.filter(pk=event.pk).exists())

"""Lifecycle of an event: six statuses and one table of all transitions between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    """Status of an event; archiving is a separate flag."""

    DRAFT = "draft", pgettext_lazy("event status", "Draft")
    PUBLISHED = "published", pgettext_lazy("event status", "Published")
    OPEN = "open", pgettext_lazy("event status", "Sign-ups open")
    CLOSED = "closed", pgettext_lazy("event status", "Sign-ups closed")
    COMPLETED = "completed", pgettext_lazy("event status", "Completed")
    CANCELLED = "cancelled", pgettext_lazy("event status", "Cancelled")


#: Nothing changes any more.
FINAL = frozenset({Status.COMPLETED, Status.CANCELLED})
#: People may stand on the event and it is still to come or running.
RUNNING = frozenset({Status.PUBLISHED, Status.OPEN, Status.CLOSED})


@dataclass(frozen=True)
class Transition:
    """One permitted transition.

    `permission` is what a person needs; None marks a move that only the system makes. `notices` are codes
    of notification types sent on every way to the move. `archived` is the archive flag afterwards, None
    leaves it alone. `allows_archived` False refuses archived events.
    """

    code: str
    sources: frozenset[Status]
    target: Status
    label: Promise | str
    permission: str | None = None
    notices: tuple[str, ...] = ()
    archived: bool | None = None
    allows_archived: bool = True
    consequence: Promise | str = ""

    @property
    def is_automatic(self) -> bool:
        """Say whether only the system makes this move."""
        return self.permission is None


TRANSITIONS: dict[str, Transition] = {
    transition.code: transition
    for transition in (
        Transition(
            "publish",
            frozenset({Status.DRAFT}),
            Status.PUBLISHED,
            _("Publish"),
            permission="events.publish_event",
            notices=("event_published",),
            allows_archived=False,
        ),
        Transition(
            "open",
            frozenset({Status.PUBLISHED, Status.CLOSED}),
            Status.OPEN,
            _("Open sign-ups"),
            permission="events.open_signups",
            notices=("assignments_opened",),
            allows_archived=False,
        ),
        Transition(
            "close",
            frozenset({Status.OPEN}),
            Status.CLOSED,
            _("Close sign-ups"),
            permission="events.close_signups",
            allows_archived=False,
        ),
        Transition(
            "cancel",
            frozenset({Status.DRAFT, Status.PUBLISHED, Status.OPEN, Status.CLOSED}),
            Status.CANCELLED,
            _("Cancel event"),
            permission="events.cancel_event",
            notices=("event_cancelled",),
            archived=True,
            consequence=_("The event is cancelled and archived, and everybody signed up is told at once."),
        ),
        Transition(
            "restore",
            frozenset({Status.CANCELLED}),
            Status.DRAFT,
            _("Restore as draft"),
            permission="events.restore_event",
            archived=False,
        ),
        Transition(
            "open_when_due",
            frozenset({Status.PUBLISHED}),
            Status.OPEN,
            _("Sign-ups opened automatically"),
            notices=("assignments_opened",),
            allows_archived=False,
        ),
        Transition(
            "close_when_full",
            frozenset({Status.OPEN}),
            Status.CLOSED,
            _("Sign-ups closed, everything is filled"),
            allows_archived=False,
        ),
        Transition(
            "reopen_when_free",
            frozenset({Status.CLOSED}),
            Status.OPEN,
            _("Sign-ups reopened, a place is free"),
            allows_archived=False,
        ),
        Transition(
            "complete",
            frozenset({Status.OPEN, Status.CLOSED}),
            Status.COMPLETED,
            _("Completed automatically"),
            allows_archived=False,
        ),
    )
}


def possible_by_hand(status: str, *, archived: bool, full: bool = False) -> list[Transition]:
    """Return the moves a person could ask for, whoever they are."""
    by_hand = [move for move in TRANSITIONS.values() if not move.is_automatic]
    return [move for move in by_hand if refusal(move, status, archived=archived, full=full) is None]


def refusal(move: Transition, status: str, *, archived: bool, full: bool = False) -> Promise | None:
    """Return why `move` is not possible for an event in `status`, or None when it is.

    `full` says that nobody else fits on the event: sign-ups of such an event stay closed, by hand as by itself.
    """
    if move.code == "cancel" and status == Status.COMPLETED:
        return _("Completed events cannot be cancelled.")
    if move.code == "restore" and status != Status.CANCELLED:
        return _("Only cancelled events can be restored.")
    if status not in move.sources:
        return _("This change of status is not possible.")
    if archived and not move.allows_archived:
        return _("The event is archived.")
    if full and move.code == "open":
        return _("Every place is filled, there is nothing to sign up for.")
    return None


def label_for(move: Transition, status: str) -> Promise | str:
    """Return the words on the button; opening what was closed is called reopening."""
    if move.code == "open" and status == Status.CLOSED:
        return _("Reopen sign-ups")
    return move.label


def reachable(status: Status) -> set[Status]:
    """Return every status that an event in `status` can still get to."""
    found: set[Status] = set()
    waiting: list[Status] = [status]
    while waiting:
        here = waiting.pop()
        targets: Iterable[Status] = (move.target for move in TRANSITIONS.values() if here in move.sources)
        for target in targets:
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found

"""Steps of the event admin: buttons for status transitions, archiving and restoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events import policies
from events.models import Event
from events.rules.lifecycle import Status, Transition, label_for
from events.services import archiving, lifecycle
from medcover.backoffice.steps import Button, Stepped, Told

_ICONS = {
    "publish": "megaphone", "open": "door-open", "close": "lock", "cancel": "x-circle",
    "restore": "arrow-counterclockwise",
}  # fmt: skip
_TONES = {"publish": "main", "open": "main", "cancel": "danger"}

_OPENS_LATER = _("All members will see the event and are told about it. Sign-ups open at the time given in the plan.")
_OPENS_NOW = _("All members will see the event and are told about it. Sign-ups open at once.")
_CONSEQUENCES: dict[str, Promise | str] = {
    "open": _("Members will be able to sign up for free positions and are told about it."),
    "close": _("Members will no longer be able to sign up by themselves. Nobody is told."),
    "restore": _("The event becomes a draft again and leaves the archive; people and positions stay. Nobody is told."),
}
_ARCHIVING = _("The event disappears from lists, calendars and feeds. Everybody signed up is told at once.")
_UNARCHIVING = _("The event returns to lists, calendars and feeds with the status it had. Participants are told.")


def steps_for(user: Any, event: Event) -> list[Button]:
    """Return what the person may do with the event as a whole now."""
    moves = [_step(event, move) for move in policies.permitted_transitions(user, event)]
    return [*moves, *_archive_steps(user, event)]


def _step(event: Event, move: Transition) -> Button:
    return Button(
        label=label_for(move, event.status),
        url=_url(event, move.code),
        consequence=_consequence(event, move),
        icon=_ICONS[move.code],
        tone=_TONES.get(move.code, "quiet"),
    )


def _consequence(event: Event, move: Transition) -> Promise | str:
    if move.code == "publish":
        opens_later = event.signups_open_at is not None and event.signups_open_at > timezone.now()
        return _OPENS_LATER if opens_later else _OPENS_NOW
    return move.consequence or _CONSEQUENCES[move.code]


def _archive_steps(user: Any, event: Event) -> list[Button]:
    if policies.may_archive(user, event):
        return [Button(_("Archive"), _url(event, "archive"), _ARCHIVING, "archive", "danger")]
    if event.is_archived and user.has_perm("events.unarchive_event", event):
        return [Button(_("Restore from the archive"), _url(event, "unarchive"), _UNARCHIVING, "arrow-counterclockwise")]
    return []


def _url(event: Event, code: str) -> str:
    return reverse("admin:events_event_step", args=[event.pk, code])


_ARCHIVING_SERVICES: dict[str, Callable[..., Event]] = {
    "archive": archiving.archive_event,
    "unarchive": archiving.unarchive_event,
}


class EventSteps(Stepped):
    """Admin mixin with the buttons for status transitions, archiving and restoring."""

    def buttons_for(self, request: HttpRequest, row: Event) -> list[Button]:
        """Return what the person may do with the event now."""
        return steps_for(request.user, row)

    def take_step(self, request: HttpRequest, row: Event, code: str, version: int) -> Told:
        """Take one step and say what the event is now."""
        return Told(_told(take_step(row.pk, code, by=request.user, version=version), code))


def take_step(event_id: int, code: str, *, by: Any, version: int) -> Event:
    """Make a move or (un)archive. Raises NotAllowed, StaleRecord, DomainError."""
    if code in _ARCHIVING_SERVICES:
        return _ARCHIVING_SERVICES[code](event_id, by=by, version=version)
    return lifecycle.transition(event_id, code, by=by, at=timezone.now(), version=version)


def _told(event: Event, code: str) -> str:
    if code == "archive":
        return str(_("The event has been archived."))
    if code == "unarchive":
        return str(_("The event has been restored from the archive."))
    return str(_("The event is now: %s") % Status(event.status).label)

"""The messages this app sends: catalogue and content.

The payload of every message holds `event_id` and `event_name`; the rest of a body is read live at the
moment of sending, so that nobody is told yesterday's truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import NoticeType, Payload
from roster.rights import Role

#: Sign-ups of one's own concern only people who do duties; news of events also coordinators.
MEMBERS = frozenset({Role.MEMBER.value})
STAFF = frozenset({Role.COORDINATOR.value, Role.MEMBER.value})


def register() -> None:
    """Add this app's types to the catalogue."""
    registry.register(*_types())


def _types() -> list[NoticeType]:
    return [
        _notice("assignment_confirmed", _("Signed up for duty"), _("Signed up for: %s"), MEMBERS),
        _notice("assignment_released", _("Signed off from duty"), _("Signed off from: %s"), MEMBERS),
        _notice("event_published", _("New event published"), _("New event: %s"), STAFF),
        _notice("assignments_opened", _("Sign-ups for an event opened"), _("Sign-ups open: %s"), STAFF),
        _notice("event_changed", _("Event changed"), _("Event changed: %s"), MEMBERS, merge=merge_changes),
        _notice("event_cancelled", _("Event cancelled"), _("Event cancelled: %s"), MEMBERS),
        _notice("event_archived", _("Event archived"), _("Event archived: %s"), MEMBERS),
        _notice("event_unarchived", _("Event restored from the archive"), _("Event restored: %s"), MEMBERS),
    ]


def _notice(code: str, name: Promise, subject: Promise, roles: frozenset[str], **extra: Any) -> NoticeType:
    return NoticeType(
        code=code,
        name=name,
        roles=roles,
        template=f"events/mail/{code}",
        subject=_subject(subject),
        context=content,
        **extra,
    )


def _subject(pattern: Promise) -> Callable[[Payload], str]:
    return lambda payload: f"MedCover — {pattern % payload['event_name']}"


def merge_changes(old: Payload, new: Payload) -> Payload | None:
    """Keep the oldest old and the newest new of each field; None when everything is back as it was."""
    changes = dict(old.get("changes", {}))
    for name, (before, after) in new.get("changes", {}).items():
        first = changes[name][0] if name in changes else before
        changes[name] = [first, after]
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    return {**new, "changes": changes} if changes else None


def content(message: OutboxMessage) -> dict[str, Any] | None:
    """Return what the templates show; None when the event is gone."""
    event = Event.objects.with_master_and_leader().with_staffing().filter(pk=message.payload["event_id"]).first()
    if event is None:
        return None
    return {"event": event, "recipient": message.recipient, "payload": message.payload}

"""Notifications about debriefings: entries in the mails about events, with a way to the reader's own form.

They say that something is to be filled in, and never what anybody has answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from debriefing.querysets import pending_of
from events import notices
from events.models import Event
from notifications import registry
from notifications.registry import NoticeType, Payload
from roster.rights import Role

#: As the other news of one's own duties.
_MEMBERS = frozenset({Role.MEMBER.value})


def register() -> None:
    """Add this app's types to the catalogue, and say what their entries show."""
    registry.register(*_types())
    for notice in _types():
        notices.add_entry(notice.code, facts=_facts, sample=_sample)


def _types() -> list[NoticeType]:
    return [
        _notice(
            "debriefing_invitation",
            _("Invitation to the debriefing"),
            _("An event that you were on is over; the mail leads to your debriefing."),
            _("Debriefing: %s"),
            trigger=_("An event is completed, in whatever way"),
            recipients=_("Everybody signed up, once for each duty"),
        ),
        _notice(
            "debriefing_reminder",
            _("Reminder of the debriefing"),
            _("You were asked for a debriefing three days ago, or its manager reminds you of it."),
            _("Please fill in the debriefing: %s"),
            trigger=_("Three days have passed since the invitation, or a debriefing manager reminds people"),
            recipients=_("Everybody who has not handed in their debriefing"),
        ),
        _notice(
            "debriefing_last_reminder",
            _("Last reminder of the debriefing"),
            _("You were asked for a debriefing ten days ago; this reminder is the last one."),
            _("Last reminder of the debriefing: %s"),
            trigger=_("Ten days have passed since the invitation"),
            recipients=_("Everybody who has not handed in their debriefing"),
        ),
    ]


def _notice(code: str, name: Promise, description: Promise, subject: Promise, **extra: Any) -> NoticeType:
    return NoticeType(
        code=code,
        name=name,
        description=description,
        subject=_subject(subject),
        roles=_MEMBERS,
        batch=notices.BATCH.code,
        **extra,
    )


def _subject(pattern: Promise) -> Callable[[Payload], str]:
    return lambda payload: f"MedCover — {pattern % payload['event_name']}"


def _facts(_payload: Payload, event: Event, reader: Any) -> dict[str, Any] | None:
    """The way to the reader's form; nothing once it is handed in, or the reader was taken off the event."""
    waiting = pending_of(reader).filter(event=event).first()
    return None if waiting is None else {"path": reverse("debriefing:own", args=[waiting.pk])}


def _sample(event: Event, _reader: Any) -> dict[str, Any]:
    return {"path": event.get_absolute_url()}

"""The messages this app sends: the catalogue. What they say is in `content.py` and `changes.py`.

The payload of every message holds `event_id` and `event_name`; the rest of a body is read live at the
moment of sending, so that nobody is told yesterday's truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.notices import changes
from events.notices.content import content
from events.notices.places import gather
from notifications import registry
from notifications.registry import NoticeType, Payload
from roster.rights import Role

#: Sign-ups of one's own concern only people who do duties; news of events also coordinators.
MEMBERS = frozenset({Role.MEMBER.value})
STAFF = frozenset({Role.COORDINATOR.value, Role.MEMBER.value})
#: Questions and alarms reach everybody who may sign up or be responsible, the administrators too.
CREW = STAFF | {Role.ADMIN.value}

#: One pair of templates for all types; each entry in it has its own part, `events/mail/entry_<code>`.
TEMPLATE = "events/mail/news"


def register() -> None:
    """Add this app's types to the catalogue."""
    registry.register(*_types())


def _types() -> list[NoticeType]:
    return [
        _notice("assignment_confirmed", _("Signed up for duty"), _("Signed up for: %s"), MEMBERS),
        _notice("assignment_released", _("Signed off from duty"), _("Signed off from: %s"), MEMBERS),
        _notice("event_published", _("New event published"), _("New event: %s"), STAFF),
        _notice("assignments_opened", _("Sign-ups for an event opened"), _("Sign-ups open: %s"), STAFF),
        _notice("event_changed", _("Event changed"), _("Event changed: %s"), MEMBERS, merge=changes.merge),
        _notice("event_cancelled", _("Event cancelled"), _("Event cancelled: %s"), MEMBERS),
        _notice("event_archived", _("Event archived"), _("Event archived: %s"), MEMBERS),
        _notice("event_unarchived", _("Event restored from the archive"), _("Event restored: %s"), MEMBERS),
        *_types_about_places(),
        *_types_about_handing_over(),
    ]


def _types_about_places() -> list[NoticeType]:
    people = {"merge": gather("people")}
    return [
        _notice("place_offered", _("Place offered"), _("A place for you: %s"), CREW, always_on=True),
        _notice("offer_expired", _("Offer of a place expired"), _("Offer expired: %s"), CREW),
        _notice("offer_withdrawn", _("Offer of a place withdrawn"), _("Offer withdrawn: %s"), CREW),
        _notice("place_freed", _("Place freed (responsible person)"), _("Place freed: %s"), CREW, **people),
        _notice("place_filled", _("Place filled (responsible person)"), _("Place filled: %s"), CREW, **people),
        _notice("place_available", _("Freed place to be taken"), _("A place is free: %s"), CREW),
        _notice("drop_out_alarm", _("Late drop-out"), _("Drop-out shortly before the event: %s"), CREW, **people),
    ]


def _types_about_handing_over() -> list[NoticeType]:
    listed = {"merge": gather("hand_overs")}
    return [
        _notice("handover_proposed", _("Asked to take a duty over"), _("Can you step in? %s"), CREW,
                always_on=True, **listed),
        _notice("handover_accepted", _("Duty handed over"), _("Duty handed over: %s"), CREW, **listed),
        _notice("handover_declined", _("Hand-over declined"), _("Hand-over declined: %s"), CREW, **listed),
        _notice("handover_withdrawn", _("Hand-over withdrawn"), _("Hand-over withdrawn: %s"), CREW, **listed),
    ]  # fmt: skip


def _notice(code: str, name: Promise, subject: Promise, roles: frozenset[str], **extra: Any) -> NoticeType:
    return NoticeType(
        code=code,
        name=name,
        roles=roles,
        template=TEMPLATE,
        subject=_subject(subject),
        context=content,
        **extra,
    )


def _subject(pattern: Promise) -> Callable[[Payload], str]:
    return lambda payload: f"MedCover — {pattern % payload['event_name']}"

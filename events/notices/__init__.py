"""Notification types of this app: the catalogue. What they say is in `content.py` and `changes.py`.

The payload of every message holds `event_id` and `event_name`; the rest of a body is read live at the
moment of sending, so that nobody is told yesterday's truth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.notices import changes, samples
from events.notices.catalogue import DESCRIBED
from events.notices.content import brief, content
from events.notices.places import LIVE, gather
from notifications import registry
from notifications.registry import Batch, NoticeType, Payload
from roster.rights import Role

#: Sign-ups of one's own concern only people who do duties; news of events also coordinators.
MEMBERS = frozenset({Role.MEMBER.value})
STAFF = frozenset({Role.COORDINATOR.value, Role.MEMBER.value})
#: Questions and alarms reach everybody who may sign up or be responsible, the administrators too.
CREW = STAFF | {Role.ADMIN.value}

#: What people bring about by signing up and off, asking and taking back, over and over: the second mail of a kind
#: waits, and says then what has become of it.
SHORT_REST, LONG_REST = timedelta(minutes=10), timedelta(hours=1)

#: All news about events share one mail; each entry in it has its own part, `events/mail/entry_<code>`.
BATCH = Batch(
    code="events",
    template="events/mail/news",
    content=content,
    choices=samples.choices,
    sample=samples.sample,
    brief=brief,
)


def register() -> None:
    """Add this app's types to the catalogue."""
    registry.register_batch(BATCH)
    registry.register(*_types())


def _types() -> list[NoticeType]:
    return [
        _notice(
            "assignment_confirmed",
            _("Signed up for duty"),
            _("You have signed up for an event, or somebody has signed you up."),
            _("Signed up for: %s"),
            MEMBERS,
            can_wait=True,
        ),
        _notice(
            "assignment_released",
            _("Signed off from duty"),
            _("You have signed off from an event, or somebody has signed you off."),
            _("Signed off from: %s"),
            MEMBERS,
            can_wait=True,
        ),
        _notice(
            "event_published",
            _("New event published"),
            _("There is a new event; the mail says which places you can take."),
            _("New event: %s"),
            STAFF,
            can_wait=True,
        ),
        _notice(
            "assignments_opened",
            _("Sign-ups for an event opened"),
            _("People can sign up for an event from now on, or again."),
            _("Sign-ups open: %s"),
            STAFF,
            can_wait=True,
        ),
        _notice(
            "event_changed",
            _("Event changed"),
            _("The time, the venue or anything else has changed at an event that you are signed up for."),
            _("Event changed: %s"),
            MEMBERS,
            merge=changes.merge,
            can_wait=True,
        ),
        _notice(
            "event_cancelled",
            _("Event cancelled"),
            _("An event that you are signed up for will not take place."),
            _("Event cancelled: %s"),
            MEMBERS,
            by_push=True,
        ),
        _notice(
            "event_archived",
            _("Event archived"),
            _("An event that you are signed up for has been put into the archive."),
            _("Event archived: %s"),
            MEMBERS,
        ),
        _notice(
            "event_unarchived",
            _("Event restored from the archive"),
            _("An event that you are signed up for is back from the archive."),
            _("Event restored: %s"),
            MEMBERS,
            can_wait=True,
        ),
        _notice(
            "event_message",
            _("Message about an event"),
            _("The coordinator or the responsible person writes to those on an event."),
            _message_subject,
            CREW,
            always_on=True,
            merge=gather("messages"),
            by_push=True,
        ),
        *_reminders(),
        *_types_about_places(),
        *_types_about_handing_over(),
    ]


def _reminders() -> list[NoticeType]:
    return [
        _notice(
            "duty_reminder",
            _("Reminder of a duty"),
            _("A duty of yours is coming; how long before, you choose in your profile."),
            _("Your duty is coming: %s"),
            CREW,
            by_push=True,
        ),
        _notice(
            "unfilled_reminder",
            _("Reminder of free places"),
            _("Somebody is still missing on a coming event that you lead or whose master event you coordinate."),
            _("Reminder: people are missing on %s"),
            STAFF,
            can_wait=True,
        ),
    ]


def _types_about_places() -> list[NoticeType]:
    people = {"merge": gather("people"), "rest": SHORT_REST}
    return [
        _notice(
            "place_offered",
            _("Place offered"),
            _("A place that you wait for is free and held for you until you answer."),
            _("A place for you: %s"),
            CREW,
            always_on=True,
            by_push=True,
        ),
        _notice(
            "offer_expired",
            _("Offer of a place expired"),
            _("You did not answer the offer of a place in time."),
            _("Offer expired: %s"),
            CREW,
        ),
        _notice(
            "offer_withdrawn",
            _("Offer of a place withdrawn"),
            _("A place that was held for you is not there any more."),
            _("Offer withdrawn: %s"),
            CREW,
            rest=SHORT_REST,
            by_push=True,
        ),
        _notice(
            "place_freed",
            _("Place freed (responsible person)"),
            _("Somebody has left an event that you are responsible for."),
            _("Place freed: %s"),
            CREW,
            **people,
        ),
        _notice(
            "place_filled",
            _("Place filled (responsible person)"),
            _("Somebody has come to an event that you are responsible for."),
            _("Place filled: %s"),
            CREW,
            **people,
        ),
        _notice(
            "place_available",
            _("Freed place to be taken"),
            _("A place has become free that fits you and that nobody waits for."),
            _("A place is free: %s"),
            CREW,
            rest=LONG_REST,
        ),
        _notice(
            "drop_out_alarm",
            _("Late drop-out"),
            _("Somebody has left shortly before an event; the mail says whom you can ask."),
            _("Drop-out shortly before the event: %s"),
            CREW,
            **people,
            by_push=True,
        ),
    ]


def _types_about_handing_over() -> list[NoticeType]:
    listed = {"merge": gather("hand_overs"), "rest": SHORT_REST, "by_push": True}
    return [
        _notice(
            "handover_proposed",
            _("Asked to take a duty over"),
            _("Somebody asks you to take their duty over."),
            _("Can you step in? %s"),
            CREW,
            always_on=True,
            **listed,
        ),
        _notice(
            "handover_accepted",
            _("Duty handed over"),
            _("A duty of yours, or on an event that you are responsible for, has been handed over."),
            _("Duty handed over: %s"),
            CREW,
            **listed,
        ),
        _notice(
            "handover_declined",
            _("Hand-over declined"),
            _("Whom you asked to take your duty over cannot come."),
            _("Hand-over declined: %s"),
            CREW,
            **listed,
        ),
        _notice(
            "handover_withdrawn",
            _("Hand-over withdrawn"),
            _("You need not take a duty over any more."),
            _("Hand-over withdrawn: %s"),
            CREW,
            **listed,
        ),
    ]


def _message_subject(payload: Payload) -> str:
    """What the sender has written, if that is one message with a subject."""
    subjects = [message["subject"] for message in payload.get("messages", [])]
    named = _("Message about the event: %s") % payload["event_name"]
    words = subjects[0] if len(subjects) == 1 and subjects[0] else named
    return f"MedCover — {words}"


def _notice(
    code: str,
    name: Promise,
    description: Promise,
    subject: Promise | Callable[[Payload], str],
    roles: frozenset[str],
    **extra: Any,
) -> NoticeType:
    return NoticeType(
        code=code,
        name=name,
        description=description,
        roles=roles,
        batch=BATCH.code,
        trigger=DESCRIBED[code][0],
        recipients=DESCRIBED[code][1],
        subject=subject if callable(subject) else _subject(subject),
        **extra,
    )


def _subject(pattern: Promise) -> Callable[[Payload], str]:
    return lambda payload: f"MedCover — {pattern % payload['event_name']}"


def extend(
    notice: NoticeType,
    *,
    facts: Callable[[Payload, Event, Any], dict[str, Any] | None],
    sample: Callable[[Event, Any], dict[str, Any]],
) -> None:
    """Let another app tell something about events in the mails of this batch.

    `facts` are read at the moment of sending, None when the message has lost its point; `sample` makes some up. They
    are shown by the pair of templates `events/mail/entry_<code>`.
    """
    LIVE[notice.code] = facts
    samples.SAMPLES[notice.code] = sample
    registry.register(notice)

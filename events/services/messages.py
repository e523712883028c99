"""Messages of people to those on an event: written by its coordinator or responsible person, recorded on the event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.services import notifications
from events.services.locking import lock_event, require
from medcover.common.errors import DomainError
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit, rate_limits
from medcover.system.models import AuditEntry
from roster.models import User

MAX_SUBJECT, MAX_TEXT = 120, 5_000

#: One person writes so many messages about events in an hour; each may go to dozens of people.
MOST, WITHIN = 20, timedelta(hours=1)


def possible_recipients(event: Event) -> Any:
    """Return the active people who are on the event or wait for a place on it, by name."""
    on_event = event.assignments.values("person")
    waiting = event.queue.values("person")
    people = User.objects.active()
    return people.filter(pk__in=on_event).union(people.filter(pk__in=waiting)).order_by("name_sort", "pk")


@transaction.atomic
def send_message(
    event_id: int,
    *,
    by: Any,
    at: datetime,
    people: Iterable[Any],
    text: str,
    subject: str = "",
    with_contact: bool = False,
) -> int:
    """Write to some of those on the event or waiting for it; return to how many.

    `with_contact` tells them the sender's address and telephone number. Raises NotAllowed without the right on this
    event, DomainError for an archived event, an empty or too long text, nobody chosen, somebody who is not on the
    event any more, and too many messages in an hour.
    """
    event = lock_event(event_id)
    require(by, "events.send_notification", event)
    if event.is_archived:
        raise DomainError(_("Nobody can be written to about an archived event."))
    subject, text = _checked(subject, text)
    chosen = _recipients(event, people)
    if not rate_limits.allows("message about an event", str(by.pk), most=MOST, within=WITHIN, at=at):
        raise DomainError(_("You have sent too many messages within an hour. Try again later."))
    message = {"by": str(by.pk), "text": text, "subject": subject, "contact": with_contact, "at": at.isoformat()}
    notifications.notify_people("event_message", event, chosen, {"messages": [message]})
    _record(event, by=by, subject=subject, text=text, count=len(chosen))
    return len(chosen)


def _checked(subject: str, text: str) -> tuple[str, str]:
    subject, text = tidy(subject), tidy_lines(text)
    if not text:
        raise DomainError(_("Write what the message is to say."))
    if len(text) > MAX_TEXT:
        raise DomainError(_("A message has at most %d characters.") % MAX_TEXT)
    if len(subject) > MAX_SUBJECT:
        raise DomainError(_("A subject has at most %d characters.") % MAX_SUBJECT)
    return subject, text


def _recipients(event: Event, people: Iterable[Any]) -> list[Any]:
    chosen = {str(key) for key in people}
    if not chosen:
        raise DomainError(_("Choose who the message is to go to."))
    found = [person.pk for person in possible_recipients(event) if str(person.pk) in chosen]
    if len(found) != len(chosen):
        raise DomainError(_("Somebody whom you chose is not on the event any more. Look at the list again."))
    return found


def _record(event: Event, *, by: Any, subject: str, text: str, count: int) -> None:
    words = {"event": event.name, "count": count, "subject": subject or text.partition("\n")[0][:MAX_SUBJECT]}
    summary = audit.sentence(_("Message to people of %(event)s (%(count)d): %(subject)s"), words)
    audit.record(
        event,
        kind=AuditEntry.Kind.MESSAGE,
        by=by,
        summary=summary,
        event_id=event.pk,
        changes={"message": ["", text]},
    )

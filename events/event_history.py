"""History of an event: its audit entries, as far as a reader of the event may see them."""

from __future__ import annotations

from typing import Any

from events.models import Event
from medcover.common.prepared import KEY, prepared
from medcover.system import audit_history
from medcover.system.audit_history import Line

#: Rows of these apps are shown with their values. What people write after an event is for few eyes, so of rows of
#: any other app only the summary is read.
DETAILED = frozenset({"events", "equipment"})

#: Rows of these kinds are questions to single people.
QUESTIONS = ("queueentry", "offer", "handover")

#: So much of it stands on the event's own page.
LATEST = 10


def entries(event: Event, reader: Any) -> Any:
    """Entries about the event and what belongs to it, newest first, as far as they are for the reader.

    Who waits for a place, and who asks whom to step in, is shown to those who find people for the event.
    """
    return _entries(event.pk, with_questions=sees_questions(event, reader))


def sees_questions(event: Event, reader: Any) -> bool:
    """Say whether the reader finds people for the event, and so sees the questions to single people."""
    return bool(event.responsible_person_id == reader.pk or reader.has_perm("events.assign_other"))


def _entries(event: Any, *, with_questions: bool) -> Any:
    found = audit_history.entries_of_event(event)
    if with_questions:
        return found
    return found.exclude(content_type__app_label="events", content_type__model__in=QUESTIONS)


@prepared(event=KEY)
def _latest(p: Any, with_questions: bool) -> Any:
    newest = _entries(p.event, with_questions=with_questions)[: LATEST + 1]
    return newest.select_related("actor", "content_type")


def latest(event: Event, reader: Any) -> tuple[list[Line], bool]:
    """Return the newest entries for the reader, and whether there are older ones.

    One query; another one where an entry names a person or master event that the event has no more.
    """
    known = [row for row in (event.master_event, event.responsible_person) if row is not None]
    found = audit_history.lines_of(
        _latest(sees_questions(event, reader), event=event.pk), known=known, detailed=DETAILED
    )
    return found[:LATEST], len(found) > LATEST


def page(found: Any) -> list[Line]:
    """Return some of the entries in words."""
    return audit_history.lines(found, detailed=DETAILED)

"""What a calendar program sees of an event while it is planned: one identity, rising sequence, valid at every step."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import TRANSITIONS, Status
from events.services import archiving, crew, lifecycle, planning, positions, table
from events.services.positions import PositionPlan
from events.tests.stories import NOW, able, make_capacity_event, make_event
from medcover.common.errors import DomainError
from roster.models import User
from roster.tests.factories import make_admin

pytestmark = pytest.mark.django_db

#: Text as people type and paste it; what a database cannot hold is refused before it comes here.
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=90)
hours = st.integers(min_value=-50, max_value=50)

edits = st.one_of(
    st.tuples(st.just("rename"), texts),
    st.tuples(st.just("address"), texts),
    st.tuples(st.just("description"), texts),
    st.tuples(st.just("move"), hours),
    st.tuples(st.just("step"), st.sampled_from(sorted(TRANSITIONS))),
    st.tuples(st.just("join"), st.booleans()),
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("put away"), st.booleans()),
    st.tuples(st.just("plan"), texts),
)


class Planner:
    """Does to one event what people do to it."""

    def __init__(self, event: Event, person: User, boss: User) -> None:
        self.event, self.person, self.boss = event, person, boss

    def do(self, kind: str, value: Any) -> None:
        """Make one change; what the services refuse changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, f"_{kind.replace(' ', '_')}")(value)
        except DomainError:
            pass

    def _rename(self, text: str) -> None:
        planning.edit_event(self.event.pk, by=self.boss, version=None, name=text)

    def _address(self, text: str) -> None:
        planning.edit_event(self.event.pk, by=self.boss, version=None, address=text)

    def _description(self, text: str) -> None:
        planning.edit_event(self.event.pk, by=self.boss, version=None, description=text)

    def _move(self, by_hours: int) -> None:
        event = Event.objects.get(pk=self.event.pk)
        table.shift_days(event, by_hours, by=self.boss, version=None)

    def _step(self, code: str) -> None:
        lifecycle.transition(self.event.pk, code, by=self.boss, at=NOW)

    def _join(self, _own: bool) -> None:
        if self.event.by_conditions:
            crew.join(self.event.pk, by=self.person, at=NOW)
        else:
            crew.claim(self.event.positions.earliest("pk").pk, by=self.person, at=NOW)

    def _leave(self, _nothing: None) -> None:
        crew.leave(self.event.pk, by=self.person)

    def _put_away(self, back: bool) -> None:
        step = archiving.unarchive_event if back else archiving.archive_event
        step(self.event.pk, by=self.boss)

    def _plan(self, text: str) -> None:
        positions.add_positions(self.event.pk, PositionPlan(text), by=self.boss)


class Reader:
    """A calendar program that subscribes to one feed."""

    def __init__(self, token: str) -> None:
        self.token, self.tag, self.body = token, "", b""
        self.known: dict[str, icalendar.Event] = {}

    def look(self) -> dict[str, icalendar.Event]:
        """Ask again as programs do, check the file, and return its entries by identity."""
        answer = Client().get(f"/ical/{self.token}.ics", headers={"If-None-Match": self.tag} if self.tag else {})
        if answer.status_code == 304:
            return self.known
        assert (answer.status_code, answer["ETag"] != self.tag) == (200, True)
        self.tag, self.body = answer["ETag"], answer.content
        found = self.valid(icalendar.Calendar.from_ical(self.body))
        self.compare(found)
        self.known = found
        return found

    def valid(self, calendar: icalendar.Calendar) -> dict[str, icalendar.Event]:
        assert all(len(line) <= 75 for line in self.body.split(b"\r\n"))
        assert b"\n" not in self.body.replace(b"\r\n", b"")
        assert calendar.errors == []
        assert calendar.to_ical() == self.body
        entries = calendar.events
        for entry in entries:
            assert entry.errors == []
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS"} <= set(entry)
            assert entry["dtstart"].dt < entry["dtend"].dt
        found = {str(entry["uid"]): entry for entry in entries}
        assert len(found) == len(entries)
        return found

    def compare(self, found: dict[str, icalendar.Event]) -> None:
        """What a program shows of an event changes only with a higher sequence."""
        for uid in self.known.keys() & found.keys():
            old, new = self.known[uid], found[uid]
            assert new["sequence"] >= old["sequence"]
            assert new["last-modified"].dt >= old["last-modified"].dt
            if face(old) != face(new):
                assert new["sequence"] > old["sequence"]


def face(entry: icalendar.Event) -> tuple[Any, ...]:
    return (
        str(entry["summary"]), entry["dtstart"].dt, entry["dtend"].dt, str(entry["status"]),
        str(entry.get("location", "")),
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["positions", "conditions"])
def test_a_calendar_follows_whatever_is_done(mode):
    boss, medic = make_admin(), QualificationFactory(name="Zdravotník", can_lead=True)
    person = able(medic)

    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(changes=st.lists(edits, min_size=1, max_size=8))
    def follow(changes: list[tuple[str, Any]]) -> None:
        with transaction.atomic():
            event = make_event(medic) if mode == "positions" else make_capacity_event({medic: 1})
            planner = Planner(event, person, boss)
            readers = [Reader(person.ical_token), Reader(person.ical_all_token)]
            planner.do("join", True)
            for kind, value in changes:
                planner.do(kind, value)
                own, everything = (reader.look() for reader in readers)
                assert set(own) | set(everything) <= {f"event-{event.pk}@medcover"}
                check_presence(Event.objects.get(pk=event.pk), person, own, everything)
            transaction.set_rollback(True)

    follow()


def check_presence(event: Event, person: User, own: dict[str, Any], everything: dict[str, Any]) -> None:
    """Cancelled events that would still come are said to be cancelled, drafts are for those on them only."""
    to_come = event.end > timezone.now()
    cancelled = event.status == Status.CANCELLED
    shown = to_come if cancelled else not event.is_archived
    assert bool(everything) == (shown and event.status != Status.DRAFT)
    mine = event.assignments.filter(person=person).exists()
    assert bool(own) == (mine and shown and event.status != Status.COMPLETED)
    for entry in (*own.values(), *everything.values()):
        assert (str(entry["status"]) == "CANCELLED") == cancelled

"""News about events in one mail: what waits, what is joined, and what the mail is called."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import icalendar
import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Event
from events.notices import changes
from events.rules.lifecycle import Status
from events.services import archiving, crew, lifecycle, notifications, planning
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.mails import both_parts
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster import services as accounts
from roster.models import User
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def rename(event: Event, name: str, *, by: User) -> None:
    """Edit nothing but the name, as the form does."""
    planning.edit_event(event.pk, by=by, version=None, name=name)


def waiting(person: User) -> dict[str, datetime | None]:
    rows = OutboxMessage.objects.pending().filter(recipient=person)
    return dict(rows.values_list("code", "send_after"))


class TestHowLongItWaits:
    @pytest.mark.parametrize(
        ("ahead", "minutes"),
        [
            (timedelta(hours=23, minutes=59), 5),
            (timedelta(hours=24), 60),
            (timedelta(days=6, hours=23), 60),
            (timedelta(days=7), 360),
            (timedelta(days=27), 360),
            (timedelta(days=28), 1440),
            (timedelta(days=400), 1440),
        ],
    )
    def test_by_how_far_away_the_event_is(self, ahead, minutes):
        member, event = make_member(), EventFactory(start=NOW + ahead, end=NOW + ahead + timedelta(hours=4))
        crew.claim(PositionFactory(event=event).pk, by=member, at=NOW)
        assert waiting(member) == {"assignment_confirmed": NOW + timedelta(minutes=minutes)}

    def test_what_has_begun_is_near(self):
        event = EventFactory(start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=4))
        notifications.notify_person("assignment_released", put(person := make_member(), PositionFactory(event=event)))
        assert waiting(person) == {"assignment_released": NOW + timedelta(minutes=5)}

    def test_as_the_settings_say(self):
        SiteSettings.load()
        SiteSettings.objects.update(notify_delay_1_4_weeks_min=7)
        member = make_member()
        crew.claim(PositionFactory(event=EventFactory()).pk, by=member, at=NOW)
        assert waiting(member) == {"assignment_confirmed": NOW + timedelta(minutes=7)}

    def test_moving_the_event_away_does_not_postpone_what_waits(self):
        member, coordinator = make_member(), make_coordinator()
        event = EventFactory(start=NOW + timedelta(days=3), end=NOW + timedelta(days=3, hours=4))
        put(member, PositionFactory(event=event))
        rename(event, "Jinak", by=coordinator)
        planning.edit_event(
            event.pk,
            by=coordinator,
            version=None,
            start=NOW + timedelta(days=90),
            end=NOW + timedelta(days=90, hours=4),
        )
        assert waiting(member)["event_changed"] == NOW + timedelta(hours=1)

    @pytest.mark.parametrize("call_off", ["cancel", "archive"])
    def test_calling_off_lets_everything_about_the_event_leave_at_once(self, call_off):
        member, admin = make_member(), make_admin()
        event, other = EventFactory(), EventFactory(start=NOW + timedelta(days=40), end=NOW + timedelta(days=41))
        for each in (event, other):
            put(member, PositionFactory(event=each))
            rename(each, "Jinak", by=admin)
        if call_off == "cancel":
            lifecycle.transition(event.pk, "cancel", by=admin, at=NOW)
        else:
            archiving.archive_event(event.pk, by=admin)
        rows = {
            row.topic: row.send_after for row in OutboxMessage.objects.filter(recipient=member, code="event_changed")
        }
        assert rows[f"event:{event.pk}"] is None
        assert rows[f"event:{other.pk}"] == NOW + timedelta(days=1)
        notice = "event_cancelled" if call_off == "cancel" else "event_archived"
        assert waiting(member)[notice] is None

    def test_nothing_is_left_for_somebody_who_was_archived(self):
        member = make_member()
        crew.claim(PositionFactory(event=EventFactory()).pk, by=member, at=NOW)
        accounts.archive(member.pk, by=make_admin(), at=NOW)
        assert waiting(member) == {}


class TestFloods:
    def test_ten_edits_in_five_minutes_make_one_mail_for_each_person(self):
        coordinator, people = make_coordinator(), [make_member() for _n in range(3)]
        event = EventFactory(name="Ples")
        for person in people:
            put(person, PositionFactory(event=event))
        for number in range(10):
            with time_machine.travel(NOW + timedelta(seconds=30 * number), tick=False):
                rename(event, f"Ples {number}", by=coordinator)
        rows = list(OutboxMessage.objects.filter(code="event_changed"))
        assert sorted(str(row.recipient_id) for row in rows) == sorted(str(person.pk) for person in people)
        assert {row.send_after for row in rows} == {NOW + timedelta(hours=6)}
        for part in both_parts(composed(rows[0])):
            assert "Ples 9" in part
            assert "Ples 4" not in part

    def test_a_change_taken_back_tells_nobody(self):
        coordinator, member = make_coordinator(), make_member()
        event = EventFactory(name="Ples")
        put(member, PositionFactory(event=event))
        rename(event, "Bál", by=coordinator)
        rename(event, "Ples", by=coordinator)
        assert waiting(member) == {}

    def test_one_sign_up_queues_one_message(self):
        member = make_member()
        crew.claim(PositionFactory(event=EventFactory()).pk, by=member, at=NOW)
        assert OutboxMessage.objects.count() == 1


#: Edits of three fields, among few values, so that they are often taken back.
EDITS = st.lists(
    st.tuples(st.sampled_from(["name", "address", "contact"]), st.sampled_from(["a", "b", "c"])), max_size=8
)


@given(EDITS)
@settings(max_examples=200, deadline=None)
def test_however_the_edits_went_the_mail_tells_the_first_before_and_the_last_after(edits):
    state = dict.fromkeys(["name", "address", "contact"], "a")
    before, pending = dict(state), None
    for field, value in edits:
        if state[field] == value:
            continue
        news = {"event_id": 1, "event_name": "x", "changes": {field: [state[field], value]}}
        state[field] = value
        pending = news if pending is None else changes.merge(pending, news)
    told = {} if pending is None else {name: tuple(pair) for name, pair in pending["changes"].items()}
    assert told == {name: (before[name], state[name]) for name in state if before[name] != state[name]}


class TestTheMail:
    def news(self, person: User, *codes: str, event: Event, **fields: Any) -> list[OutboxMessage]:
        payload = {"event_id": event.pk, "event_name": event.name, "changes": {"name": ["A", "B"]}, "position": "Řidič"}
        return [
            OutboxMessage(code=code, recipient=person, to_email=person.email, payload=payload, batch="events", **fields)
            for code in codes
        ]

    def test_one_news_keeps_its_own_subject(self):
        event = EventFactory(name="Ples")
        mail = composed(*self.news(make_member(), "assignment_confirmed", event=event))
        assert mail.subject == "MedCover — Přihlášení na akci: Ples"

    def test_several_of_one_event_have_a_common_subject(self):
        event = EventFactory(name="Ples")
        mail = composed(*self.news(make_member(), "assignment_confirmed", "event_changed", event=event))
        assert mail.subject == "MedCover — Změny v akci: Ples"

    @pytest.mark.parametrize(("count", "words"), [(2, "2 akce"), (5, "5 akcí")])
    def test_those_of_several_events_are_a_summary(self, count, words):
        person = make_member()
        rows = [row for _n in range(count) for row in self.news(person, "assignment_confirmed", event=EventFactory())]
        assert composed(*rows).subject == f"MedCover — Souhrn změn ({words})"

    def test_an_alarm_names_the_mail_whatever_it_takes_along(self):
        person, event = make_member(), EventFactory(name="Ples", status=Status.CANCELLED)
        rows = self.news(person, "event_changed", "event_cancelled", event=event)
        rows += self.news(person, "assignment_confirmed", event=EventFactory())
        assert composed(*rows).subject == "MedCover — Akce zrušena: Ples"

    def test_has_a_section_for_each_event_in_order_of_start(self):
        person = make_member()
        late = EventFactory(name="Pozdní", start=NOW + timedelta(days=9), end=NOW + timedelta(days=10))
        early = EventFactory(name="Brzká", start=NOW + timedelta(days=2), end=NOW + timedelta(days=3))
        rows = [
            *self.news(person, "assignment_confirmed", event=late),
            *self.news(person, "assignment_released", "event_changed", event=early),
        ]
        for part in both_parts(composed(*rows)):
            assert part.index("Brzká") < part.index("Pozdní")
            assert "3 akce" not in part

    def test_lets_the_mail_program_lead_to_the_choices(self):
        mail = composed(*self.news(make_member(), "event_changed", event=EventFactory()))
        assert mail.extra_headers["List-Unsubscribe"] == "<http://testserver/profile/#notifications>"


class TestTheCalendar:
    def calendar_of(self, mail: Any) -> icalendar.Calendar:
        whole = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
        (part,) = whole.iter_attachments()
        assert (part.get_content_type(), part["Content-Type"].params["method"]) == ("text/calendar", "PUBLISH")
        assert part.get_filename() == "medcover.ics"
        return icalendar.Calendar.from_ical(part.get_content())

    def test_goes_along_with_a_confirmed_duty(self):
        member, event = make_member(), EventFactory(name="Žižkovský ples")
        crew.claim(PositionFactory(event=event, description="Řidič").pk, by=member, at=NOW)
        calendar = self.calendar_of(composed(OutboxMessage.objects.get()))
        (entry,) = calendar.walk("VEVENT")
        assert str(calendar["METHOD"]) == "PUBLISH"
        assert str(entry["SUMMARY"]) == "Žižkovský ples"
        assert entry.decoded("DTSTART") == event.start
        assert str(entry["URL"]) == f"http://testserver/events/{event.pk}/"

    def test_has_only_duties_that_are_still_the_readers(self):
        member, event = make_member(), EventFactory()
        crew.claim(PositionFactory(event=event).pk, by=member, at=NOW)
        row = OutboxMessage.objects.get()
        crew.leave(event.pk, by=member)
        assert composed(row).attachments == []

    def test_says_that_a_duty_is_called_off(self):
        member, event, admin = make_member(), EventFactory(), make_admin()
        put(member, PositionFactory(event=event))
        lifecycle.transition(event.pk, "cancel", by=admin, at=timezone.now())
        row = OutboxMessage.objects.get(recipient=member, code="event_cancelled")
        (entry,) = self.calendar_of(composed(row)).walk("VEVENT")
        assert str(entry["STATUS"]) == "CANCELLED"

    def test_stays_away_from_what_is_offered_to_everybody(self):
        member, event = make_member(), EventFactory()
        notifications.notify_people("assignments_opened", event, [member.pk])
        assert composed(OutboxMessage.objects.get()).attachments == []

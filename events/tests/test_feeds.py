"""Calendar feeds."""

from __future__ import annotations

from datetime import UTC, timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.stories import make_capacity_event, place
from medcover.system.models import SiteSettings
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db

#: Before anything that a calendar still has to hear of.
PAST = timezone.now() - timedelta(days=3)


@pytest.fixture
def person():
    return make_member(name="Dvořák Petr", language="en")


def fetch(token: str, known: str = ""):
    return Client().get(f"/ical/{token}.ics", headers={"If-None-Match": known} if known else {})


def read(token: str) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(fetch(token).content)


def own(person) -> list[icalendar.Event]:
    return read(person.ical_token).events


def everything(person) -> list[icalendar.Event]:
    return read(person.ical_all_token).events


def names(entries) -> list[str]:
    return [str(entry["summary"]) for entry in entries]


def sign_up(person, place="", **fields) -> Event:
    event = EventFactory(**fields)
    put(person, PositionFactory(event=event, description=place))
    return event


class TestAddress:
    def test_an_unknown_token_is_not_found(self):
        assert fetch("0" * 64).status_code == 404

    @pytest.mark.parametrize("token", ["x", "0" * 63, "0" * 65, "A" * 64, "", "%00" * 64])
    def test_nor_is_what_is_no_token(self, token):
        assert fetch(token).status_code == 404

    @pytest.mark.parametrize("state", [{"is_active": False}, {"is_active": False, "is_archived": True}])
    def test_nor_are_people_who_left(self, state):
        person = UserFactory(**state)
        assert fetch(person.ical_token).status_code == fetch(person.ical_all_token).status_code == 404

    def test_needs_no_login_and_leaves_no_session(self, person):
        answer = fetch(person.ical_token)
        assert answer.status_code == 200
        assert not answer.cookies

    def test_is_a_file_that_only_its_owner_keeps_and_asks_for_anew(self, person):
        answer = fetch(person.ical_token)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="medcover.ics"'
        assert answer["Cache-Control"] == "private, no-cache, max-age=0, must-revalidate"

    @pytest.mark.parametrize("feed", ["ical_token", "ical_all_token"])
    def test_is_not_sent_again_to_who_has_it(self, person, feed):
        token = getattr(person, feed)
        event = sign_up(person)
        tag = fetch(token)["ETag"]
        assert fetch(token)["ETag"] == tag
        for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = fetch(token, asked)
            assert (answer.status_code, answer.content) == (304, b"")
            assert (answer["ETag"], answer["Cache-Control"]) == (tag, fetch(token)["Cache-Control"])
        event.address = "Letná"
        event.save()
        assert fetch(token, tag).status_code == 200
        assert fetch(token)["ETag"] != tag

    def test_a_right_answer_to_an_odd_question(self, person):
        assert fetch(person.ical_token, "nonsense").status_code == 200
        assert fetch("0" * 64, "*").status_code == 404

    def test_can_only_be_read(self, person):
        assert Client().post(f"/ical/{person.ical_token}.ics").status_code == 405
        assert Client().head(f"/ical/{person.ical_token}.ics").status_code == 200

    def test_somebody_s_login_changes_nothing(self, person):
        client = Client()
        client.force_login(make_member(language="cs"))
        sign_up(person, "Řidič")
        assert client.get(f"/ical/{person.ical_token}.ics").content == fetch(person.ical_token).content


class TestCalendar:
    @pytest.mark.parametrize(
        ("feed", "name"),
        [("ical_token", "MedCover – Dvořák Petr"), ("ical_all_token", "MedCover – all events (Dvořák Petr)")],
    )
    def test_says_what_it_is(self, person, feed, name):
        calendar = read(getattr(person, feed))
        assert calendar["name"] == calendar["x-wr-calname"] == name
        assert calendar["description"] == calendar["x-wr-caldesc"]
        assert calendar["x-wr-timezone"] == "Europe/Prague"
        assert (calendar["calscale"], calendar["method"], calendar["version"]) == ("GREGORIAN", "PUBLISH", "2.0")
        assert calendar["refresh-interval"].dt == timedelta(hours=4)
        assert calendar["x-published-ttl"] == "PT4H"

    def test_speaks_its_owner_s_language(self, person):
        sign_up(person, "u brány")
        assert "Position: u brány" in own(person)[0]["description"]

    def test_names_the_zone_of_the_site(self, person):
        site = SiteSettings.load()
        site.time_zone = "Europe/London"
        site.save()
        assert read(person.ical_token)["x-wr-timezone"] == "Europe/London"


class TestEntry:
    def test_holds_the_event(self, person):
        event = sign_up(person, "u brány", name="Půlmaraton", address="Letná, Praha 7", description="Sraz v 17:30")
        entry = own(person)[0]
        assert entry["uid"] == f"event-{event.pk}@medcover"
        assert entry["summary"] == "Půlmaraton"
        assert entry["location"] == "Letná, Praha 7"
        assert entry["url"] == f"http://testserver/events/{event.pk}/"
        assert entry["description"].splitlines() == [
            "Position: u brány",
            "Sraz v 17:30",
            f"Details of the event: http://testserver/events/{event.pk}/",
        ]

    def test_times_are_in_utc(self, person):
        sign_up(person)
        entry = own(person)[0]
        assert entry["dtstart"].to_ical() == EVENING.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ").encode()
        assert entry["dtend"].dt - entry["dtstart"].dt == timedelta(hours=4)

    def test_changes_with_the_event(self, person):
        event = sign_up(person)
        before = own(person)[0]
        event.raise_version()
        event.name = "Nový název"
        event.save()
        after = own(person)[0]
        assert after["uid"] == before["uid"]
        assert after["sequence"] == before["sequence"] + 1
        assert after["last-modified"].dt == after["dtstamp"].dt == event.updated.replace(microsecond=0)

    def test_has_one_identity_in_both_feeds(self, person):
        sign_up(person)
        assert own(person)[0]["uid"] == everything(person)[0]["uid"]

    def test_leaves_out_what_is_not_known(self, person):
        event = sign_up(person)
        entry = own(person)[0]
        assert "location" not in entry
        assert entry["description"] == f"Details of the event: http://testserver/events/{event.pk}/"

    def test_any_text_arrives_as_it_was(self, person):
        text = 'Čáry, středníky; zpětná \\ "uvozovky" 👩‍⚕️\n\ndruhý odstavec\nEND:VEVENT'
        sign_up(person, 'A, "B"; C', name="Ples, tančíme; 🚑", address="Dům, č. 1\nvchod B", description=text)
        entry = own(person)[0]
        assert entry["summary"] == "Ples, tančíme; 🚑"
        assert entry["location"] == "Dům, č. 1\nvchod B"
        assert text in entry["description"]
        assert 'A, "B"; C' in entry["description"]

    def test_control_characters_are_dropped(self, person):
        sign_up(person, name="Ples\x07", description="a\x0bb\r\nc")
        entry = own(person)[0]
        assert entry["summary"] == "Ples"
        assert entry["description"].splitlines()[:2] == ["ab", "c"]

    def test_a_name_cannot_smuggle_lines_into_the_calendar(self):
        person = make_member(name="Petr\r\nX-EVIL:1, 2")
        assert "x-evil" not in read(person.ical_token)

    def test_lines_are_folded(self, person):
        sign_up(person, description="ř" * 500)
        lines = fetch(person.ical_token).content.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75


class TestOwnDuties:
    def test_holds_what_one_is_signed_up_for_drafts_included(self, person):
        for status in (Status.DRAFT, Status.PUBLISHED, Status.OPEN, Status.CLOSED):
            sign_up(person, name=status.value)
        assert sorted(names(own(person))) == ["closed", "draft", "open", "published"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": Status.COMPLETED},
            {"is_archived": True},
            {"status": Status.CANCELLED, "is_archived": True, "start": PAST},
        ],
    )
    def test_nothing_that_is_over(self, person, fields):
        sign_up(person, **fields)
        assert own(person) == []

    def test_says_that_a_coming_one_was_cancelled(self, person):
        sign_up(person, status=Status.CANCELLED, is_archived=True)
        sign_up(person, status=Status.DRAFT)
        sign_up(person, status=Status.CLOSED)
        assert [str(entry["status"]) for entry in own(person)] == ["CANCELLED", "TENTATIVE", "CONFIRMED"]

    def test_nothing_of_others(self, person):
        sign_up(make_member())
        EventFactory(responsible_person=person)
        assert own(person) == []

    def test_in_order_of_time(self, person):
        for days in (3, 1, 2):
            start = EVENING + timedelta(days=days)
            sign_up(person, start=start, name=str(days))
        assert names(own(person)) == ["1", "2", "3"]

    def test_a_duty_without_a_place_of_its_own(self, person):
        event = make_capacity_event({QualificationFactory(name="Lékař"): 1}, description="Sraz v 17:30")
        place(event, person)
        assert own(person)[0]["description"].splitlines() == [
            "Sraz v 17:30",
            f"Details of the event: http://testserver/events/{event.pk}/",
        ]


class TestAllEvents:
    def test_holds_what_is_published_also_when_completed(self, person):
        for status in Status:
            EventFactory(status=status, name=status.value)
        EventFactory(name="archived", is_archived=True)
        EventFactory(name="long ago", status=Status.CANCELLED, is_archived=True, start=PAST)
        found = {str(entry["summary"]): str(entry["status"]) for entry in everything(person)}
        assert found == {
            "published": "CONFIRMED", "open": "CONFIRMED", "closed": "CONFIRMED", "completed": "CONFIRMED",
            "cancelled": "CANCELLED",
        }  # fmt: skip

    def test_in_order_of_start(self, person):
        for days in (3, 1, 2):
            start = EVENING + timedelta(days=days)
            EventFactory(start=start, name=str(days))
        assert names(everything(person)) == ["1", "2", "3"]

    def test_tells_status_leader_and_places(self, person):
        medic, driver = QualificationFactory(name="Zdravotník"), QualificationFactory(name="Řidič")
        gone = QualificationFactory(name="Zrušená", is_deleted=True, deleted_at=timezone.now())
        event = EventFactory(description="Sraz v 17:30", responsible_person=person)
        put(person, PositionFactory(event=event, description="u brány", qualifications=[medic, driver, gone]))
        PositionFactory(event=event, description="", is_optional=True)
        status, leader, heading, first, second, *rest = everything(person)[0]["description"].splitlines()
        assert (status, leader) == ("Status: Sign-ups open", "Responsible person: Dvořák Petr")
        assert heading == "Positions:"
        assert first in {
            "- u brány [Zdravotník, Řidič] → Dvořák Petr",
            "- u brány [Řidič, Zdravotník] → Dvořák Petr",
        }
        assert second == "- Position → vacant"
        assert rest == ["Sraz v 17:30", f"Details of the event: http://testserver/events/{event.pk}/"]

    def test_says_that_nobody_leads(self, person):
        EventFactory()
        assert "Responsible person: nobody" in everything(person)[0]["description"]

    def test_of_an_event_staffed_by_conditions_tells_the_people_and_how_far_they_cover_it(self, person):
        doctor, driver = QualificationFactory(name="Lékař"), QualificationFactory(name="Řidič")
        hold(person, doctor)
        event = make_capacity_event({driver: 1, doctor: 2}, description="Sraz v 17:30")
        place(event, person, make_member(name="Čapek Vojtěch"))
        _status, _leader, *rest = everything(person)[0]["description"].splitlines()
        assert rest == [
            "Participants:",
            "- Čapek Vojtěch",
            "- Dvořák Petr",
            "Conditions:",
            "- Řidič: 0/1",
            "- Lékař: 1/2",
            "Sraz v 17:30",
            f"Details of the event: http://testserver/events/{event.pk}/",
        ]

    def test_is_empty_for_who_may_not_see_events(self):
        EventFactory()
        assert everything(UserFactory(roles=[])) == []


class TestQueries:
    @pytest.mark.parametrize(("feed", "most"), [("ical_token", 4), ("ical_all_token", 11)])
    def test_their_number_does_not_grow_with_the_events(self, person, feed, most):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                fetch(getattr(person, feed))
            return len(captured)

        def add() -> None:
            event = sign_up(person, "u brány", responsible_person=person)
            for _ in range(3):
                put(make_member(), PositionFactory(event=event, qualifications=[QualificationFactory()]))
            place(make_capacity_event({QualificationFactory(): 1}), person, make_member())

        add()
        queries()  # the first request of all makes the settings row
        few = queries()
        for _ in range(5):
            add()
        assert queries() <= few <= most

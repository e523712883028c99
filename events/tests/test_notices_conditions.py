"""What the mails about events staffed by conditions say."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.mails import Balance, both_parts, configure, html_of, mail_about, words
from events.tests.stories import NOW, able, make_capacity_event, place
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


CONFIRMED = {
    "assignment_confirmed": "signed up for the event.",
    "assignment_released": "signed off from the event.",
}


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def event(doctor, driver):
    return make_capacity_event({doctor: 1, driver: 2}, minimum=3, maximum=5)


@pytest.fixture
def reader():
    return make_member(language="en")


def seen_by(reader: User, event: Event, code: str = "assignments_opened") -> str:
    text, html = both_parts(mail_about(event, code, reader))
    checker = Balance()
    checker.feed(html_of(mail_about(event, code, reader)))
    assert checker.open == []
    for part in (text, html):
        assert "Taken" not in part
    return text


class TestOffers:
    @pytest.mark.parametrize("code", ["event_published", "assignments_opened"])
    def test_list_the_conditions_and_the_free_seats(self, event, doctor, reader, code):
        place(event, able(doctor, name="Tajná Osoba"))
        mail = mail_about(event, code, reader)
        text, html = both_parts(mail)
        assert "Free seats: 4 of 5, people needed at least: 3." in text
        assert "Free seats: 4 of 5, people needed at least: 3." in html
        assert "- Lékař: needed 1, still missing 0 - Řidič: needed 2, still missing 2" in text
        assert "Lékař 1 0 Řidič 2 2" in html
        assert "Tajná" not in mail.body + html_of(mail)
        assert "\n\n\n" not in mail.body
        assert "<" not in mail.body

    def test_say_that_there_is_a_seat(self, event, reader):
        assert "There is a seat for you." in seen_by(reader, event)

    def test_say_when_the_reader_has_what_is_missing(self, event, doctor, driver, reader):
        hold(reader, doctor, driver)
        place(event, able(doctor))
        assert "you have what is still missing: Řidič." in seen_by(reader, event)

    def test_say_for_whom_the_seats_are_kept(self, event, reader):
        place(event, make_member(), make_member())
        text = seen_by(reader, event)
        assert "The remaining seats are reserved for missing qualifications (Lékař ×1, Řidič ×2)." in text
        assert "There is a seat" not in text

    def test_say_when_it_is_full(self, event, reader):
        place(event, *(make_member() for _n in range(5)))
        text = seen_by(reader, event)
        assert "All seats are taken." in text
        assert "Free seats: 0 of 5" in text

    def test_say_when_the_reader_is_on_it_already(self, event, reader):
        place(event, reader)
        assert "You are already signed up for this event." in seen_by(reader, event)

    def test_say_when_a_coordinator_signs_people_up(self, event, reader):
        event.master_event = MasterEventFactory(coordinator=make_coordinator())
        event.save()
        assert "by its coordinator" in seen_by(reader, event)

    def test_say_when_sign_ups_will_open(self, event, reader):
        event.status, event.signups_open_at = Status.PUBLISHED, EVENING
        event.save()
        assert "Sign-ups open on 15.05.2027 18:00. There is a seat for you." in seen_by(
            reader, event, "event_published"
        )

    def test_are_in_czech_for_czechs(self, event):
        text = both_parts(mail_about(event, "assignments_opened", make_member()))[0]
        assert "Volná místa: 5 z 5, nejméně potřebujeme lidí: 3." in text
        assert "- Lékař: potřeba 1, ještě chybí 1" in text
        assert "Je tu pro vás volné místo." in text

    def test_the_number_of_queries_does_not_grow_with_people(self, event, doctor, reader):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                mail_about(event, "assignments_opened", reader)
            return len(captured)

        configure()
        few = queries()
        Event.objects.update(max_participants=40)
        place(event, *(able(doctor) for _n in range(20)))
        assert queries() == few <= 6


def test_signing_up_and_off_is_confirmed_without_a_position(event, reader):
    crew.join(event.pk, by=reader, at=NOW)
    crew.leave(event.pk, by=reader)
    for code, sentence in CONFIRMED.items():
        mail = composed(OutboxMessage.objects.get(code=code))
        assert mail is not None
        for part in both_parts(mail):
            assert f"You have been {sentence}" in part
            assert "position" not in words(part)

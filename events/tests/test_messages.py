"""Messages to people of an event: who may write, to whom, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from events.models import Event
from events.rules.lifecycle import Status
from events.services.messages import MAX_TEXT, MOST, possible_recipients, send_message
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.mails import both_parts
from events.tests.pages import inline_parts, logged_in, text_of
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)


@pytest.fixture
def event() -> Event:
    return EventFactory(name="Ples", status=Status.OPEN)


@pytest.fixture
def crew(event) -> list[User]:
    people = [make_member(name=f"{name} Osoba") for name in ("Alena", "Bára")]
    for person in people:
        put(person, PositionFactory(event=event, description="Hlídka"))
    return people


@pytest.fixture
def coordinator() -> User:
    return make_coordinator(name="Koordinátorka Jana", phone="+420 777 123 456")


def keys(*people: User) -> list[str]:
    return [str(person.pk) for person in people]


def waits_for(event: Event, person: User) -> None:
    event.queue.create(person=person)


class TestSending:
    def send(self, event, by, *people, **fields):
        return send_message(event.pk, **{"by": by, "at": NOW, "people": keys(*people), "text": "Sraz v 8.", **fields})

    def test_reaches_those_who_were_chosen_and_leaves_at_once(self, event, crew, coordinator):
        assert self.send(event, coordinator, crew[0]) == 1
        row = OutboxMessage.objects.get()
        assert (row.recipient, row.code, row.send_after) == (crew[0], "event_message", None)

    def test_is_read_in_both_parts_with_its_sender_and_lines(self, event, crew, coordinator):
        self.send(event, coordinator, crew[0], text="Sraz v 8.\n\nVezměte <b>lano</b>.", subject="Změna srazu")
        mail = composed(OutboxMessage.objects.get())
        assert mail.subject == "MedCover — Změna srazu"
        for part in both_parts(mail):
            assert "Koordinátorka Jana" in part
            assert "Sraz v 8." in part
            assert coordinator.email not in part
        assert "Vezměte <b>lano</b>." in mail.body
        assert "&lt;b&gt;lano&lt;/b&gt;" in mail.alternatives[0].content

    def test_names_the_event_without_a_subject(self, event, crew, coordinator):
        self.send(event, coordinator, *crew)
        assert {row.subject for row in OutboxMessage.objects.all()} == {"MedCover — Zpráva k akci: Ples"}

    def test_tells_how_to_answer_when_the_sender_wishes(self, event, crew, coordinator):
        self.send(event, coordinator, crew[0], with_contact=True)
        for part in both_parts(composed(OutboxMessage.objects.get())):
            assert coordinator.email in part
            assert "+420 777 123 456" in part

    def test_two_before_the_mail_left_come_in_one(self, event, crew, coordinator):
        self.send(event, coordinator, crew[0], text="První")
        self.send(event, coordinator, crew[0], text="Druhá", subject="Ještě něco")
        mail = composed(OutboxMessage.objects.get())
        assert mail.body.index("První") < mail.body.index("Druhá")
        assert mail.subject == "MedCover — Zpráva k akci: Ples"

    def test_reaches_those_who_wait_for_a_place_too(self, event, crew, coordinator):
        person = make_member()
        waits_for(event, person)
        assert set(possible_recipients(event)) == {*crew, person}
        assert self.send(event, coordinator, person) == 1

    def test_is_recorded_on_the_event_with_its_text(self, event, crew, coordinator):
        self.send(event, coordinator, *crew, subject="Změna srazu")
        entry = AuditEntry.objects.get(kind="message")
        assert (entry.actor, entry.event_id) == (coordinator, event.pk)
        assert entry.changes == {"message": ["", "Sraz v 8."]}
        assert "Změna srazu" in entry.summary
        assert "(2)" in entry.summary

    def test_cannot_be_declined(self, event, crew, coordinator):
        NotificationSwitch.objects.create(code="event_message", enabled=False)
        self.send(event, coordinator, crew[0])
        assert OutboxMessage.objects.count() == 1


class TestWhoMay:
    def may(self, event, by) -> bool:
        person = event.assignments.first().person
        try:
            send_message(event.pk, by=by, at=NOW, people=keys(person), text="x")
        except NotAllowed:
            return False
        return True

    @pytest.mark.parametrize(
        ("make", "allowed"),
        [(make_admin, True), (make_coordinator, True), (make_member, False), (make_viewer, False)],
    )
    def test_by_role(self, event, crew, make, allowed):
        assert self.may(event, make()) is allowed

    def test_the_responsible_person_on_their_own_event_only(self, event, crew):
        Event.objects.filter(pk=event.pk).update(responsible_person=crew[0])
        other = EventFactory()
        put(make_member(), PositionFactory(event=other))
        assert self.may(event, crew[0])
        assert not self.may(other, crew[0])


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"text": "  \n "}, "Napište"),
            ({"text": "x" * (MAX_TEXT + 1)}, "nejvýše"),
            ({"subject": "x" * 121}, "nejvýše"),
            ({"people": []}, "Vyberte"),
            ({"people": ["nonsense"]}, "už na akci není"),
        ],
    )
    def test_in_words_and_nothing_is_sent(self, event, crew, coordinator, fields, words):
        wanted = {"by": coordinator, "at": NOW, "people": keys(*crew), "text": "x", **fields}
        with pytest.raises(DomainError) as refusal:
            send_message(event.pk, **wanted)
        assert words in str(refusal.value)
        assert not OutboxMessage.objects.exists()
        assert not AuditEntry.objects.filter(kind="message").exists()

    def test_to_strangers(self, event, crew, coordinator):
        with pytest.raises(DomainError):
            send_message(event.pk, by=coordinator, at=NOW, people=keys(crew[0], make_member()), text="x")
        assert not OutboxMessage.objects.exists()

    def test_about_an_archived_event(self, event, crew, coordinator):
        Event.objects.filter(pk=event.pk).update(is_archived=True)
        with pytest.raises(DomainError):
            send_message(event.pk, by=coordinator, at=NOW, people=keys(*crew), text="x")

    def test_after_too_many_in_an_hour(self, event, crew, coordinator):
        send = partial(send_message, event.pk, by=coordinator, people=keys(crew[0]), text="x")
        for _n in range(MOST):
            send(at=NOW)
        with pytest.raises(DomainError):
            send(at=NOW + timedelta(minutes=59))
        send(at=NOW + timedelta(hours=1))

    def test_control_characters_and_headers_do_not_get_through(self, event, crew, coordinator):
        evil = "Sraz\r\nBcc: x@example.org\x00\u202e"
        send_message(event.pk, by=coordinator, at=NOW, people=keys(crew[0]), text=evil, subject=evil)
        mail = composed(OutboxMessage.objects.get())
        assert mail.subject == "MedCover — Sraz Bcc: x@example.org"
        assert mail.message()["Bcc"] is None


class TestThePage:
    def address(self, event: Event) -> str:
        return reverse("events:message", args=[event.pk])

    def test_offers_everybody_signed_up_chosen_and_who_waits_not(self, event, crew, coordinator):
        person = make_member(name="Čekající Osoba")
        waits_for(event, person)
        page = text_of(logged_in(coordinator).get(self.address(event)))
        chosen = [key for key in keys(*crew, person) if f'value="{key}" checked' in " ".join(page.split())]
        assert chosen == keys(*crew)
        assert "Čekající Osoba" in page

    def test_sends_and_goes_back_to_the_event(self, event, crew, coordinator):
        form = {"people": keys(*crew), "text": "Sraz v 8."}
        answer = logged_in(coordinator).post(self.address(event), form, follow=True)
        assert answer.redirect_chain[-1][0] == event.get_absolute_url()
        assert OutboxMessage.objects.count() == 2

    def test_keeps_what_was_typed_when_refused(self, event, crew, coordinator):
        answer = logged_in(coordinator).post(self.address(event), {"text": "Dlouho psaný text", "subject": "Nic"})
        assert answer.status_code == 409
        page = text_of(answer)
        assert "Dlouho psaný text" in page
        assert 'value="Nic"' in page

    def test_is_led_to_from_the_event_by_whoever_may_write(self, event, crew, coordinator):
        assert self.address(event) in text_of(logged_in(coordinator).get(event.get_absolute_url()))
        assert self.address(event) not in text_of(logged_in(crew[0]).get(event.get_absolute_url()))

    def test_is_closed_to_others_and_hidden_with_the_event(self, event, crew, coordinator):
        assert logged_in(crew[0]).get(self.address(event)).status_code == 403
        Event.objects.filter(pk=event.pk).update(status=Status.DRAFT)
        assert logged_in(make_viewer()).get(self.address(event)).status_code == 404

    def test_costs_no_query_for_each_person(self, event, crew, coordinator, django_assert_max_num_queries):
        client = logged_in(coordinator)
        client.get(self.address(event))
        for _n in range(15):
            put(make_member(), PositionFactory(event=event))
        with django_assert_max_num_queries(8):
            client.get(self.address(event))

    def test_keeps_the_content_security_policy(self, event, crew, coordinator):
        assert inline_parts(logged_in(coordinator).get(self.address(event))) == []

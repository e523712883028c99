"""The outbox of whoever is erased: what was for them goes, what names them is masked, a busy moment is said so."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from medcover.common.masking import Mask, address_needle, any_of, name_needle
from notifications.delivery import drain
from notifications.erasing import Busy, forget
from notifications.models import OutboxMessage
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.smtp import PATIENCE, MailServer
from notifications.tests.threads import beside
from roster.tests.factories import make_member

NAME, ADDRESS, PSEUDONYM = "Nováková Jana", "jana@example.org", "Smazaná osoba 3F2A"
MASK = Mask(any_of([name_needle(NAME), address_needle(ADDRESS)]), PSEUDONYM)
Status = OutboxMessage.Status


@pytest.fixture
def person():
    return make_member(name=NAME, email=ADDRESS)


@pytest.fixture
def other():
    return make_member()


def erase(person) -> None:
    forget(person.pk, {person.email}, MASK)


@pytest.mark.django_db
class TestForgetting:
    @pytest.mark.parametrize("status", Status.values)
    def test_messages_to_the_person_go_whatever_became_of_them(self, person, other, status):
        sent_at = timezone.now() if status == Status.SENT else None
        message_to(person, status=status, sent_at=sent_at)
        MessageFactory(to_email=ADDRESS, status=status, sent_at=sent_at)
        kept = message_to(other, status=status, sent_at=sent_at)
        erase(person)
        assert list(OutboxMessage.objects.all()) == [kept]

    def test_messages_that_name_the_person_are_masked_everywhere(self, person, other):
        row = message_to(
            other,
            subject=f"Vystřídá vás {NAME}",
            last_error=f"<{ADDRESS}>",
            payload={"a": ["b", {"c": "Jana\nNováková"}]},
        )
        erase(person)
        row.refresh_from_db()
        assert (row.subject, row.last_error) == (f"Vystřídá vás {PSEUDONYM}", f"<{PSEUDONYM}>")
        assert row.payload == {"a": ["b", {"c": PSEUDONYM}]}
        assert row.to_email == other.email

    def test_a_subject_that_grows_too_long_is_cut(self, person, other):
        room = OutboxMessage._meta.get_field("subject").max_length
        row = message_to(other, subject="x" * (room - len(NAME) - 1) + " " + NAME)
        erase(person)
        row.refresh_from_db()
        assert len(row.subject) == room
        assert "Nováková" not in row.subject

    def test_an_address_that_has_an_account_by_now_keeps_its_messages(self, person, other):
        kept = message_to(other)
        forget(person.pk, {person.email, other.email}, MASK)
        assert OutboxMessage.objects.get() == kept

    def test_the_number_of_queries_does_not_grow_with_messages_to_the_person(
        self, person, django_assert_max_num_queries
    ):
        for _n in range(20):
            message_to(person)
        with django_assert_max_num_queries(16):
            erase(person)


@pytest.mark.django_db(transaction=True)
class TestBusy:
    def test_a_message_that_is_being_sent_stops_it(self, mail_server: MailServer, person):
        row = message_to(person)
        mail_server.hold()
        with beside() as start:
            sending = start(drain)
            mail_server.wait_until_holding()
            with pytest.raises(Busy):
                erase(person)
            mail_server.release()
            sending.result(PATIENCE)
        row.refresh_from_db()
        assert row.status == Status.SENT
        erase(person)
        assert not OutboxMessage.objects.exists()

    def test_one_that_names_the_person_as_well(self, mail_server: MailServer, person, other):
        message_to(other, payload={"who": NAME})
        mail_server.hold()
        with beside() as start:
            sending = start(drain)
            mail_server.wait_until_holding()
            with pytest.raises(Busy):
                erase(person)
            mail_server.release()
            sending.result(PATIENCE)

    def test_one_that_a_dead_worker_left_does_not(self, person):
        message_to(person, status=Status.SENDING, claimed_at=timezone.now())
        erase(person)
        assert not OutboxMessage.objects.exists()

    def test_a_row_that_somebody_is_writing_stops_it(self, person, other):
        row = message_to(other, payload={"who": NAME})
        with transaction.atomic(), beside() as start:
            OutboxMessage.objects.select_for_update().get(pk=row.pk)
            with pytest.raises(Busy):
                start(erase, person).result(PATIENCE)
        erase(person)
        row.refresh_from_db()
        assert row.payload == {"who": PSEUDONYM}

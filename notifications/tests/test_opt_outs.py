"""Each person chooses which optional notifications to get."""

from __future__ import annotations

import pytest

from medcover.common.errors import DomainError
from notifications import registry
from notifications import services as outbox
from notifications.delivery import drain
from notifications.models import NotificationSwitch, OptOut, OutboxMessage
from notifications.tests.factories import message_to
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_member, make_viewer

pytestmark = pytest.mark.django_db

Status = OutboxMessage.Status


def tell(code: str, *people: User) -> set[User]:
    outbox.enqueue(code, recipients=[person.pk for person in people], topic="thing:1")
    return {row.recipient for row in OutboxMessage.objects.filter(code=code) if row.recipient}


def declining(code: str, **fields) -> User:
    person = make_member(**fields)
    OptOut.objects.create(person=person, code=code)
    return person


class TestQueueing:
    def test_leaves_out_whoever_declined_this_type(self):
        keen, other = make_member(), declining("other")
        assert tell("plain", keen, other, declining("plain")) == {keen, other}

    def test_the_site_s_switch_the_role_and_the_person_all_have_to_agree(self):
        willing = make_member()
        assert tell("members", willing, make_viewer(), declining("members")) == {willing}
        outbox.switch("members", enabled=False, by=make_admin())
        assert outbox.enqueue("members", recipients=[willing.pk]) == 0

    def test_what_is_always_sent_comes_whatever_was_declined_before(self):
        person = declining("account")
        assert tell("account", person) == {person}


class TestDelivery:
    def test_skips_what_was_declined_while_it_waited(self, mail_server):
        message = message_to(declining("plain"))
        drain()
        message.refresh_from_db()
        assert message.status == Status.SKIPPED
        assert "nepřeje" in message.last_error
        assert not mail_server.messages

    def test_sends_it_after_all_to_whoever_changed_their_mind_again(self, mail_server):
        person = declining("plain")
        message_to(person)
        outbox.remember_wishes(person.pk, {"plain": True})
        drain()
        assert len(mail_server.messages) == 1

    def test_asks_neither_for_account_mail_nor_for_the_site_s_switch(self, mail_server):
        message_to(declining("account"), code="account")
        NotificationSwitch.objects.create(code="plain", enabled=False)
        message_to(make_member())
        drain()
        assert len(mail_server.messages) == 2


class TestRemembering:
    def test_writes_rows_only_for_what_is_declined_and_tells_what_changed(self):
        person = make_member()
        assert outbox.remember_wishes(person.pk, {"plain": False, "other": True}) == {"plain": False}
        assert OptOut.objects.codes_of(person.pk) == {"plain"}
        assert outbox.remember_wishes(person.pk, {"plain": True, "sum": False}) == {"plain": True, "sum": False}
        assert OptOut.objects.codes_of(person.pk) == {"sum"}

    def test_leaves_types_alone_that_are_not_mentioned(self):
        person = declining("plain")
        outbox.remember_wishes(person.pk, {"other": False})
        assert OptOut.objects.codes_of(person.pk) == {"plain", "other"}

    def test_account_mail_cannot_be_declined(self):
        with pytest.raises(DomainError):
            outbox.remember_wishes(make_member().pk, {"plain": False, "account": False})
        assert not OptOut.objects.exists()


class TestOffer:
    def test_is_what_the_roles_allow_and_can_be_declined(self):
        def offered(person: User) -> set[str]:
            return {notice.code for notice in registry.optional_for(person.role_names)}

        assert {"plain", "members"} <= offered(make_member())
        assert "members" not in offered(make_viewer())
        assert not {"account", "to_inactive"} & offered(make_member())

    def test_every_type_says_when_it_comes(self):
        """Both those of this app's tests and those of the product are in the catalogue; only the latter need words."""
        silent = [
            n.code for n in registry.catalogue() if not n.description and not n.template.startswith("notifications/")
        ]
        assert silent == []

    def test_the_backoffice_counts_living_people_who_decline(self):
        declining("plain"), declining("plain")
        gone = UserFactory(is_active=False)
        OptOut.objects.create(person=gone, code="plain")
        assert OptOut.objects.counts() == {"plain": 2}

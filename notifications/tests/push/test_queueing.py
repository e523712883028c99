"""Who gets what on which device, and at what price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import services as outbox
from notifications.models import OptOut, OutboxMessage, PushChoice, PushSubscription
from notifications.push import keys
from notifications.tests.push.devices import subscribed
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_member, make_viewer

pytestmark = pytest.mark.django_db

Status, Channel = OutboxMessage.Status, OutboxMessage.Channel


def tell(code: str, *people: User, **news) -> int:
    return outbox.enqueue(code, recipients=[person.pk for person in people], **{"topic": "thing:1"} | news)


def pushed() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(channel=Channel.PUSH).order_by("created_at"))


def mailed() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(channel=Channel.MAIL).order_by("created_at"))


class TestWhoGetsIt:
    def test_each_device_has_a_message_of_its_own_beside_the_mail(self):
        person, other = make_member(), make_member()
        devices = {subscribed(person).pk, subscribed(person).pk}
        assert tell("urgent", person, other) == 2
        assert {row.device for row in pushed()} == devices
        assert {row.recipient for row in pushed()} == {person}
        assert {row.recipient for row in mailed()} == {person, other}

    @pytest.mark.parametrize(("code", "begins_on"), [("urgent", True), ("plain", False)])
    def test_a_type_begins_on_or_off_until_one_decides(self, code, begins_on):
        undecided, keen, weary = (make_member() for _n in range(3))
        for person in (undecided, keen, weary):
            subscribed(person)
        PushChoice.objects.create(person=keen, code=code, wanted=True)
        PushChoice.objects.create(person=weary, code=code, wanted=False)
        tell(code, undecided, keen, weary)
        assert {row.recipient for row in pushed()} == ({undecided, keen} if begins_on else {keen})
        assert len(mailed()) == 3

    def test_mails_and_browsers_are_declined_apart(self):
        person = make_member()
        subscribed(person)
        OptOut.objects.create(person=person, code="urgent")
        assert tell("urgent", person) == 1
        assert (len(pushed()), len(mailed())) == (1, 0)
        assert outbox.receives(person.pk, "urgent")

    def test_what_always_comes_by_mail_may_be_declined_in_browsers(self):
        person = make_member()
        subscribed(person)
        PushChoice.objects.create(person=person, code="urgent_always", wanted=False)
        tell("urgent_always", person)
        assert (len(pushed()), len(mailed())) == (0, 1)

    def test_nothing_about_accounts_is_shown_in_browsers(self):
        person = make_member()
        subscribed(person)
        PushChoice.objects.create(person=person, code="account", wanted=True)
        tell("account", person)
        assert not pushed()

    def test_what_the_site_sends_to_nobody_comes_nowhere(self):
        person = make_member()
        subscribed(person)
        outbox.switch("urgent", enabled=False, by=make_admin())
        assert tell("urgent", person) == 0

    def test_roles_and_activity_count_as_for_mails(self):
        viewer, gone = make_viewer(), UserFactory(is_active=False)
        subscribed(viewer), subscribed(gone)
        assert tell("urgent_members", viewer, gone) == 0

    def test_a_device_of_an_older_key_is_left_alone(self, settings):
        person = make_member()
        subscribed(person)
        settings.VAPID_PRIVATE_KEY = keys.new_pair().private
        tell("urgent", person)
        assert not pushed()

    def test_people_given_as_a_query_get_the_same(self):
        person = make_member()
        subscribed(person)
        outbox.enqueue("urgent", recipients=User.objects.values_list("pk", flat=True), topic="thing:1")
        assert len(pushed()) == 1


class TestWhen:
    def test_what_may_wait_by_mail_does_not_in_a_browser(self):
        person = make_member()
        subscribed(person)
        outbox.announce("urgent_in_batch", recipients=[person.pk], topic="t", about=timezone.now() + timedelta(days=60))
        assert mailed()[0].send_after is not None
        assert (pushed()[0].send_after, pushed()[0].batch) == (None, "")

    @pytest.mark.parametrize("has_device", [True, False])
    def test_so_the_worker_is_woken_for_devices_only(self, has_device, django_capture_on_commit_callbacks):
        person = make_member()
        if has_device:
            subscribed(person)
        with django_capture_on_commit_callbacks() as callbacks:
            about = timezone.now() + timedelta(days=60)
            outbox.announce("urgent_in_batch", recipients=[person.pk], topic="t", about=about)
        assert bool(callbacks) is has_device

    def test_a_wanted_moment_holds_for_both(self):
        person, moment = make_member(), timezone.now() + timedelta(days=1)
        subscribed(person)
        tell("urgent", person, send_after=moment)
        assert {row.send_after for row in OutboxMessage.objects.all()} == {moment}

    def test_what_people_do_over_and_over_rests_on_each_device(self):
        person = make_member()
        device = subscribed(person)
        PushChoice.objects.create(person=person, code="rested", wanted=True)
        tell("rested", person, payload={"number": 1})
        OutboxMessage.objects.update(status=Status.SENT, sent_at=timezone.now())
        tell("rested", person, payload={"number": 1})
        (row,) = (row for row in pushed() if row.status == Status.PENDING)
        assert row.device == device.pk
        assert row.send_after > timezone.now()


class TestMerging:
    def test_news_merge_on_each_device_and_in_the_mail_apart(self):
        person = make_member()
        subscribed(person), subscribed(person)
        for _n in range(3):
            tell("urgent_sum", person, payload={"number": 1})
        assert [row.payload["number"] for row in pushed()] == [3, 3]
        assert [row.payload["number"] for row in mailed()] == [3]

    def test_one_device_may_be_ahead_of_another(self):
        person = make_member()
        first, second = subscribed(person), subscribed(person)
        tell("urgent_sum", person, payload={"number": 1})
        OutboxMessage.objects.filter(device=first.pk).update(status=Status.SENT, sent_at=timezone.now())
        tell("urgent_sum", person, payload={"number": 1})
        waiting = {row.device: row.payload["number"] for row in pushed() if row.status == Status.PENDING}
        assert waiting == {first.pk: 1, second.pk: 2}

    def test_what_cancels_itself_out_goes_everywhere(self):
        person = make_member()
        subscribed(person)
        tell("urgent_sum", person, payload={"number": 1})
        tell("urgent_sum", person, payload={"number": -1})
        assert not OutboxMessage.objects.exists()


class TestPrice:
    @pytest.fixture
    def people(self):
        return [make_member() for _n in range(5)]

    def statements(self, people: list[User], topic: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            tell("urgent", *people, topic=topic)
        return [query["sql"] for query in captured.captured_queries]

    def test_is_the_same_with_devices_as_without_a_key(self, people, settings):
        pair, settings.VAPID_PRIVATE_KEY = settings.VAPID_PRIVATE_KEY, ""
        without = self.statements(people, "thing:1")
        settings.VAPID_PRIVATE_KEY = pair
        nobody = self.statements(people, "thing:2")
        for person in people:
            subscribed(person), subscribed(person)
        everybody = self.statements(people, "thing:3")
        assert len(without) == len(nobody) == len(everybody)
        assert len(pushed()) == 10

    def test_without_a_key_no_table_of_it_is_read(self, people, settings):
        settings.VAPID_PRIVATE_KEY = ""
        tables = {PushSubscription._meta.db_table, PushChoice._meta.db_table}
        statements = self.statements(people, "thing:1")
        assert not [sql for sql in statements if any(table in sql for table in tables)]

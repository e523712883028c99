"""Subscribing, removing and choosing: done, repeated, refused, raced."""

from __future__ import annotations

import pytest
from django.db import transaction

from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications.models import PushChoice, PushSubscription
from notifications.push import keys, services
from notifications.push.services import MOST_DEVICES, choose, subscribe, unsubscribe
from notifications.tests.push.devices import Browser, in_base64, subscribed
from notifications.tests.push.test_rules import CHROME, FIREFOX
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside, wait_until_somebody_waits_for_us
from roster.tests.factories import make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_member(name="Nováková Jana")


def entries(person) -> list[str]:
    return list(AuditEntry.objects.filter(object_pk=str(person.pk)).order_by("id").values_list("summary", flat=True))


class TestSubscribing:
    def test_keeps_the_secrets_where_nobody_reads_them(self, person):
        browser = Browser()
        row = subscribe(browser.sent, by=person, user_agent=FIREFOX)
        assert (row.person, row.label) == (person, "Firefox, Android")
        assert (row.endpoint, row.auth) == (browser.endpoint, browser.sent.auth)
        stored = PushSubscription.objects.filter(pk=row.pk).values().get()
        assert browser.endpoint not in str(stored)
        assert browser.sent.auth not in str(stored)

    def test_is_recorded_without_them(self, person):
        browser = Browser()
        subscribe(browser.sent, by=person, user_agent=FIREFOX)
        entry = AuditEntry.objects.filter(object_pk=str(person.pk)).latest("id")
        assert entry.actor == person
        assert "Nováková Jana" in entry.summary
        assert "Firefox, Android" in entry.summary
        written = str(AuditEntry.objects.order_by("id").values())
        assert browser.endpoint not in written
        assert browser.sent.auth not in written
        assert browser.sent.p256dh not in written

    def test_again_makes_no_second_device_and_no_second_entry(self, person):
        browser = Browser()
        first = subscribe(browser.sent, by=person)
        before = len(entries(person))
        assert subscribe(browser.sent, by=person).pk == first.pk
        assert PushSubscription.objects.count() == 1
        assert len(entries(person)) == before

    def test_a_browser_may_have_new_keys(self, person):
        browser, other = Browser(), Browser()
        subscribe(browser.sent, by=person)
        subscribe(other.sent._replace(endpoint=browser.endpoint), by=person)
        row = PushSubscription.objects.get()
        assert (row.p256dh, row.auth) == (other.sent.p256dh, other.sent.auth)

    def test_a_shared_browser_belongs_to_whoever_switched_it_on_last(self, person):
        browser, second = Browser(), make_member()
        old = subscribe(browser.sent, by=person)
        new = subscribe(browser.sent, by=second)
        assert PushSubscription.objects.get() == new
        assert (new.person, new.pk == old.pk) == (second, False)
        assert "někomu jinému" in entries(person)[-1]

    def test_an_endpoint_found_somewhere_takes_nothing_away(self, person):
        browser = Browser()
        subscribe(browser.sent, by=person)
        with pytest.raises(DomainError):
            subscribe(Browser().sent._replace(endpoint=browser.endpoint), by=make_member())
        assert PushSubscription.objects.get().person == person

    @pytest.mark.parametrize(
        "wrong",
        [
            {"endpoint": "https://127.0.0.1/x"},
            {"endpoint": "http://push.example.org/x"},
            {"endpoint": ""},
            {"endpoint": "x" * 1_000_000},
            {"p256dh": "garbage"},
            {"p256dh": "A" * 1_000_000},
            {"p256dh": in_base64(b"\4" + b"\1" * 64)},
            {"auth": ""},
            {"auth": "short"},
            {"auth": "A" * 1_000_000},
        ],
    )
    def test_what_no_browser_sends_is_refused_in_words(self, person, wrong):
        with pytest.raises(DomainError) as refusal:
            subscribe(Browser().sent._replace(**wrong), by=person)
        assert str(refusal.value)
        assert not PushSubscription.objects.exists()

    def test_nobody_has_endless_devices(self, person):
        for _n in range(MOST_DEVICES):
            subscribe(Browser().sent, by=person)
        with pytest.raises(DomainError, match="Odeberte"):
            subscribe(Browser().sent, by=person)
        subscribe(Browser().sent, by=make_member())

    def test_devices_of_an_older_key_make_room(self, person, settings):
        old = [subscribed(person) for _n in range(MOST_DEVICES)]
        settings.VAPID_PRIVATE_KEY = keys.new_pair().private
        row = subscribe(Browser().sent, by=person)
        assert list(PushSubscription.objects.all()) == [row]
        assert row not in old

    def test_the_same_browser_comes_back_with_a_new_key(self, person, settings):
        browser = Browser()
        old = subscribe(browser.sent, by=person)
        settings.VAPID_PRIVATE_KEY = keys.new_pair().private
        assert not PushSubscription.objects.working().exists()
        assert subscribe(browser.sent, by=person).pk == old.pk
        assert PushSubscription.objects.working().get() == old

    def test_is_refused_without_a_key(self, person, settings):
        settings.VAPID_PRIVATE_KEY = ""
        with pytest.raises(DomainError):
            subscribe(Browser().sent, by=person)


class TestRemoving:
    def test_forgets_the_device_and_records_it(self, person):
        row = subscribe(Browser().sent, by=person, user_agent=CHROME)
        unsubscribe(row.pk, by=person)
        assert not PushSubscription.objects.exists()
        assert "Chrome, Windows" in entries(person)[-1]

    def test_twice_is_refused(self, person):
        row = subscribed(person)
        unsubscribe(row.pk, by=person)
        with pytest.raises(DomainError):
            unsubscribe(row.pk, by=person)

    def test_somebody_else_s_is_refused_as_if_it_were_not_there(self, person):
        row = subscribed(make_member())
        with pytest.raises(DomainError):
            unsubscribe(row.pk, by=person)
        assert PushSubscription.objects.get() == row


class TestChoosing:
    def test_remembers_what_differs_and_records_it(self, person):
        before = len(entries(person))
        assert choose({"urgent": False, "plain": True, "other": False, "urgent_always": True}, by=person)
        assert PushChoice.objects.of(person.pk) == {"urgent": False, "plain": True}
        assert len(entries(person)) == before + 2

    def test_a_mind_changed_back_is_remembered_as_a_decision(self, person):
        choose({"urgent": False}, by=person)
        choose({"urgent": True}, by=person)
        assert PushChoice.objects.of(person.pk) == {"urgent": True}

    def test_the_same_again_leaves_no_trace(self, person):
        choose({"urgent": False}, by=person)
        before = len(entries(person))
        assert not choose({"urgent": False}, by=person)
        assert len(entries(person)) == before

    @pytest.mark.parametrize("code", ["account", "unknown"])
    def test_what_no_browser_gets_is_refused(self, person, code):
        with pytest.raises(DomainError):
            choose({"urgent": False, code: True}, by=person)
        assert not PushChoice.objects.exists()

    def test_so_is_what_the_roles_do_not_get(self):
        with pytest.raises(DomainError):
            choose({"urgent_members": False}, by=make_viewer())


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_windows_of_one_browser_make_one_device(self, person):
        browser = Browser()
        with beside() as start:
            with transaction.atomic():
                subscribe(browser.sent, by=person)
                second = start(subscribe, browser.sent, by=person)
                wait_until_somebody_waits_for_us()
            second.result(PATIENCE)
        assert PushSubscription.objects.count() == 1

    def test_two_people_at_one_browser_make_one_device(self, person):
        browser, other = Browser(), make_member()
        with beside() as start:
            with transaction.atomic():
                subscribe(browser.sent, by=person)
                second = start(subscribe, browser.sent, by=other)
                wait_until_somebody_waits_for_us()
            second.result(PATIENCE)
        assert PushSubscription.objects.get().person == other

    def test_two_forms_choose_one_after_the_other(self, person):
        with beside() as start:
            with transaction.atomic():
                choose({"urgent": False}, by=person)
                second = start(choose, {"urgent": True}, by=person)
                wait_until_somebody_waits_for_us()
            second.result(PATIENCE)
        assert PushChoice.objects.of(person.pk) == {"urgent": True}

    def test_the_last_free_device_is_taken_once(self, person, monkeypatch):
        monkeypatch.setattr(services, "MOST_DEVICES", 1)
        with beside() as start:
            with transaction.atomic():
                subscribe(Browser().sent, by=person)
                second = start(subscribe, Browser().sent, by=person)
                wait_until_somebody_waits_for_us()
            with pytest.raises(DomainError):
                second.result(PATIENCE)
        assert PushSubscription.objects.count() == 1

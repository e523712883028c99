"""„Upozornění v tomto prohlížeči“ on the own profile."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications import registry
from notifications import services as outbox
from notifications.models import PushChoice, PushSubscription
from notifications.push import keys
from notifications.tests.push.devices import Browser, subscribed
from notifications.tests.push.test_rules import FIREFOX
from roster.tests.factories import make_admin, make_member, make_viewer

pytestmark = pytest.mark.django_db

PROFILE, CHOICES, SUBSCRIBE = "/profile/", "/profile/push/", "/profile/push/subscribe/"


@pytest.fixture
def person():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


def form_of(person) -> dict[str, list[str]]:
    """What a browser would send back of the form as it is shown."""
    offered = registry.by_push_for(person.role_names)
    decided = PushChoice.objects.of(person.pk)
    return {
        "shown": [notice.code for notice in offered],
        "wanted": [notice.code for notice in offered if decided.get(notice.code, notice.by_push)],
    }


def levels(answer) -> list[str]:
    return [message.level_tag for message in answer.context["messages"]]


class TestCard:
    def test_offers_the_browser_with_the_public_key(self, client):
        page = client.get(PROFILE).content.decode()
        assert "Upozornění v tomto prohlížeči" in page
        assert f'data-push-key="{keys.public_key()}"' in page

    def test_without_scripts_there_is_nothing_before_the_first_device(self, client):
        page = client.get(PROFILE).content.decode()
        assert '<div class="landing js-only" id="push">' in page
        assert "data-push-device" not in page

    def test_lists_the_own_devices_and_no_secret(self, client, person):
        own, browser = subscribed(person), Browser()
        other = subscribed(make_member(), browser, label="Chrome, Windows")
        page = client.get(PROFILE).content.decode()
        assert "Firefox, Android" in page
        assert f"/profile/push/{own.pk}/remove/" in page
        assert str(other.pk) not in page
        for secret in (own.endpoint, own.auth, own.p256dh, "Chrome, Windows"):
            assert secret not in page

    def test_whoever_gets_no_notification_is_offered_none(self, monkeypatch):
        monkeypatch.setattr(registry, "_types", {code: registry.get(code) for code in ("account", "members")})
        client = Client()
        client.force_login(make_viewer())
        assert "data-push" not in client.get(PROFILE).content.decode()

    def test_costs_the_same_for_many_devices(self, client, person):
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(PROFILE)
            return len(captured)

        client.get(PROFILE)
        subscribed(person)
        one = cost()
        for _n in range(8):
            subscribed(person)
        assert cost() <= one

    def test_what_the_site_sends_to_nobody_cannot_be_chosen(self, client, person):
        subscribed(person)
        outbox.switch("event_cancelled", enabled=False, by=make_admin())
        page = client.get(PROFILE).content.decode()
        box = page[page.index('id="push-event_cancelled"') :]
        assert "disabled" in box[: box.index(">")]


class TestDefaults:
    def test_what_is_urgent_to_act_on_begins_on(self):
        on = {notice.code for notice in registry.catalogue() if notice.by_push and not notice.code.startswith("urgent")}
        assert on == {
            "drop_out_alarm", "duty_reminder", "event_cancelled", "event_message", "handover_accepted",
            "handover_declined", "handover_proposed", "handover_withdrawn", "offer_withdrawn", "place_offered",
        }  # fmt: skip

    def test_what_always_comes_by_mail_is_a_choice_here(self, client, person):
        subscribed(person)
        assert 'id="push-place_offered"' in client.get(PROFILE).content.decode()

    def test_what_no_browser_can_show_in_a_line_is_none(self):
        assert {notice.code for notice in registry.catalogue() if not notice.can_be_pushed} >= {
            "account", "admin_digest", "qualifications_expiring",
        }  # fmt: skip

    def test_nothing_about_accounts_is(self, client, person):
        subscribed(person)
        assert 'id="push-password_reset"' not in client.get(PROFILE).content.decode()


class TestSwitchingOn:
    def test_remembers_the_browser_by_what_people_call_it(self, client, person):
        answer = client.post(SUBSCRIBE, Browser().sent._asdict(), headers={"user-agent": FIREFOX}, follow=True)
        assert answer.redirect_chain == [("/profile/#push", 302)]
        assert levels(answer) == ["success"]
        row = PushSubscription.objects.get()
        assert (row.person, row.label) == (person, "Firefox, Android")

    def test_again_changes_nothing(self, client):
        sent = Browser().sent._asdict()
        client.post(SUBSCRIBE, sent)
        client.post(SUBSCRIBE, sent)
        assert PushSubscription.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"endpoint": "https://169.254.169.254/"},
            {"endpoint": "javascript:alert(1)"},
            {"p256dh": "A" * 500_000},
            {"auth": "<script>"},
            {"auth": "ř"},
        ],
    )
    def test_garbage_is_answered_by_a_sentence(self, client, wrong):
        answer = client.post(SUBSCRIBE, {**Browser().sent._asdict(), **wrong}, follow=True)
        assert levels(answer) == ["error"]
        assert not PushSubscription.objects.exists()

    def test_so_is_nothing(self, client):
        assert levels(client.post(SUBSCRIBE, {}, follow=True)) == ["error"]

    def test_needs_the_token_of_a_form(self, person):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        assert client.post(SUBSCRIBE, Browser().sent._asdict()).status_code == 403
        assert not PushSubscription.objects.exists()


class TestRemoving:
    def test_takes_the_device_off(self, client, person):
        row = subscribed(person)
        assert levels(client.post(f"/profile/push/{row.pk}/remove/", follow=True)) == ["success"]
        assert not PushSubscription.objects.exists()

    def test_somebody_else_s_stays(self, client):
        row = subscribed(make_member())
        assert levels(client.post(f"/profile/push/{row.pk}/remove/", follow=True)) == ["error"]
        assert PushSubscription.objects.get() == row


class TestChoosing:
    def test_is_apart_from_mails(self, client, person):
        form = form_of(person)
        form["wanted"] = [*form["wanted"], "event_published"]
        form["wanted"].remove("event_cancelled")
        assert levels(client.post(CHOICES, form, follow=True)) == ["success"]
        assert PushChoice.objects.of(person.pk) == {"event_published": True, "event_cancelled": False}
        assert not person.notice_opt_outs.exists()

    def test_nothing_changed_leaves_no_trace(self, client, person):
        assert levels(client.post(CHOICES, form_of(person), follow=True)) == ["info"]
        assert not PushChoice.objects.exists()

    def test_a_type_that_the_page_did_not_show_stays_as_it_was(self, client, person):
        client.post(CHOICES, {"shown": ["event_published"], "wanted": []})
        assert not PushChoice.objects.exists()

    @pytest.mark.parametrize("code", ["password_reset", "unknown", "\x00"])
    def test_what_is_no_choice_is_left_out(self, client, code):
        answer = client.post(CHOICES, {"shown": [code], "wanted": [code]}, follow=True)
        assert answer.status_code in (200, 400)
        assert not PushChoice.objects.exists()

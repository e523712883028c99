"""Posts leave through the outbox: outages, rate limits, copies, giving up, sending again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from medcover.common.errors import DomainError
from medcover.common.masking import Mask, name_needle
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import delivery, services
from notifications.erasing import forget
from notifications.models import OutboxMessage, SlackRequest
from notifications.rules import SLACK_BACK_OFF
from notifications.slack import posting, registry
from notifications.slack.registry import Post
from notifications.slack.transport import LONGEST_WAIT, SlackFailed, call
from notifications.tests.slack.workspace import TOKEN, Answer
from roster.tests.factories import UserFactory, make_admin, make_member

pytestmark = pytest.mark.django_db

Status = OutboxMessage.Status
DOWN = Answer(status=503, body={})


@pytest.fixture(autouse=True)
def _post(monkeypatch):
    """A kind of post that says what it was given."""
    monkeypatch.setitem(registry.posts, "said", Post("said", "řečeno", lambda payload, _mention: payload["text"]))


def queue(text: str = "ahoj", **where) -> OutboxMessage:
    return posting.post("said", {"text": text}, **where)


def fresh(row: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=row.pk)


def drain(at=None) -> None:
    now = at or timezone.now()
    delivery.drain(clock=lambda: now)


class TestPosting:
    def test_without_slack_nothing_is_queued(self):
        assert queue() is None
        assert not OutboxMessage.objects.exists()

    def test_a_post_is_sent_once_with_the_token_of_the_bot(self, workspace):
        row = queue("x" * 5000, channel=" Zavady ")
        drain()
        drain()
        assert [(channel, len(text)) for channel, text in workspace.posts][:1] == [("#zavady", 3900)]
        assert workspace.calls[0][2] == f"Bearer {TOKEN}"
        assert (fresh(row).status, fresh(row).attempts) == (Status.SENT, 0)
        assert len(workspace.posts) == 2, "The post and its copy."

    def test_a_word_to_one_person_is_copied_nowhere(self, workspace):
        posting.answer("U1", "jen vám", to=make_member())
        drain()
        assert workspace.posts == [("U1", "jen vám")]

    def test_what_says_nothing_any_more_is_skipped(self, workspace):
        row = queue("")
        drain()
        assert fresh(row).status == Status.SKIPPED
        assert workspace.posts == []

    def test_slack_was_switched_off_meanwhile(self, workspace, settings):
        row = queue()
        settings.SLACK_BOT_TOKEN = ""
        drain()
        assert (fresh(row).status, fresh(row).last_error) == (Status.SKIPPED, "Slack je vypnutý.")

    def test_the_development_block_holds(self, workspace):
        row, other = queue(channel="#a"), queue(channel="#b")
        SiteSettings.objects.update_or_create(pk=1, defaults={"mail_block": True, "mail_block_allowed": "#b"})
        drain()
        assert (fresh(row).status, fresh(other).status) == (Status.SKIPPED, Status.SENT)

    def test_mails_have_their_limit_alone(self, workspace):
        SiteSettings.objects.update_or_create(pk=1, defaults={"mails_per_minute": 1})
        rows = [queue() for _number in range(4)]
        drain()
        assert {fresh(row).status for row in rows} == {Status.SENT}

    def test_a_post_in_a_channel_is_in_the_language_of_the_site_a_word_in_that_of_its_reader(
        self, workspace, monkeypatch
    ):
        from django.utils.translation import get_language

        monkeypatch.setitem(registry.posts, "said", Post("said", "x", lambda _payload, _mention: get_language()))
        queue(channel="#a")
        posting._put("said", {}, to="U1", recipient=make_member(language="en"))
        drain()
        assert [text for channel, text in workspace.posts if channel != "#oops"] == ["cs", "en"]


class TestFailures:
    def test_it_is_tried_again_by_the_back_off_and_given_up_after_the_tenth(self, workspace):
        row, now, waits = queue(channel="#a"), timezone.now(), []
        workspace.answers["chat.postMessage"] = [DOWN] * 10
        for _attempt in range(10):
            drain(now)
            waits.append(fresh(row).send_after and fresh(row).send_after - now)
            now += waits[-1] or timedelta(0)
        minutes = [0.5, 1, 2, 5, 15, 60, 60, 60, 60]
        assert waits == [*(timedelta(minutes=minute) for minute in minutes), None]
        assert list(SLACK_BACK_OFF) == waits[:-1]
        assert (fresh(row).status, fresh(row).attempts, fresh(row).last_error) == (Status.FAILED, 10, "HTTP 503")
        assert AuditEntry.objects.filter(kind=AuditEntry.Kind.MAIL_FAILED).exists()
        drain(now + timedelta(days=1))
        assert len(workspace.posts) == 10

    def test_before_its_time_it_is_left_alone(self, workspace):
        row, now = queue(), timezone.now()
        workspace.answers["chat.postMessage"] = [DOWN]
        drain(now)
        drain(now + timedelta(seconds=29))
        assert fresh(row).attempts == 1
        drain(now + timedelta(seconds=30))
        assert fresh(row).status == Status.SENT

    def test_a_rate_limit_is_kept_by_all_of_the_drain(self, workspace):
        first, second, now = queue("1"), queue("2"), timezone.now()
        limited = Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "240"})
        workspace.answers["chat.postMessage"] = [limited]
        drain(now)
        assert fresh(first).send_after == now + timedelta(seconds=240)
        assert (fresh(first).last_error, len(workspace.posts)) == ("HTTP 429 ratelimited", 1)
        assert (fresh(second).status, fresh(second).attempts) == (Status.PENDING, 0)
        drain(now + timedelta(seconds=239))
        assert fresh(second).status == Status.SENT
        assert fresh(first).status == Status.PENDING

    def test_nobody_makes_us_wait_for_ever(self, workspace):
        row, now = queue(), timezone.now()
        workspace.answers["chat.postMessage"] = [Answer(429, {}, {"Retry-After": "999999999"})]
        drain(now)
        assert fresh(row).send_after == now + LONGEST_WAIT

    def test_one_that_slack_refuses_keeps_no_other(self, workspace):
        bad, good = queue(channel="#gone"), queue(channel="#here")
        workspace.answers["chat.postMessage"] = [Answer(body={"ok": False, "error": "channel_not_found"})]
        drain()
        assert (fresh(bad).status, fresh(bad).last_error) == (Status.PENDING, "HTTP 200 channel_not_found")
        assert fresh(good).status == Status.SENT

    def test_mails_leave_though_slack_does_not_answer(self, workspace, settings):
        settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
        row = queue()
        services.enqueue_to("x@example.org", "invitation", payload={"invitation": 0})
        drain()
        assert (fresh(row).attempts, fresh(row).last_error) == (1, "URLError")
        assert OutboxMessage.objects.get(channel="mail").status != Status.PENDING
        assert mail.outbox == []

    def test_what_a_worker_died_over_is_taken_up_and_keeps_no_mail(self, workspace):
        row = queue()
        OutboxMessage.objects.update(status=Status.SENDING, mail_id=row.pk)
        workspace.answers["chat.postMessage"] = [DOWN]
        services.enqueue_to("x@example.org", "invitation", payload={"invitation": 0})
        drain()
        assert (fresh(row).status, fresh(row).attempts) == (Status.PENDING, 1)
        assert OutboxMessage.objects.get(channel="mail").status == Status.SKIPPED
        OutboxMessage.objects.filter(pk=row.pk).update(status=Status.SENDING, mail_id=row.pk)
        drain()
        assert fresh(row).status == Status.SENT

    def test_a_post_that_cannot_be_written_keeps_no_other(self, workspace):
        bad, good = posting.post("said", {}), queue()
        drain()
        assert (fresh(bad).status, fresh(bad).attempts) == (Status.PENDING, 1)
        assert "KeyError" in fresh(bad).last_error
        assert fresh(good).status == Status.SENT

    def test_a_copy_that_fails_is_only_noted(self, workspace, caplog):
        row = queue("Novák", channel="#a")
        workspace.answers["chat.postMessage"] = [Answer(), DOWN]
        drain()
        assert fresh(row).status == Status.SENT
        assert "HTTP 503" in caplog.text
        assert "Novák" not in caplog.text
        drain(timezone.now() + timedelta(days=1))
        assert len(workspace.posts) == 2

    def test_a_kind_that_is_known_no_more_is_skipped(self, workspace, monkeypatch):
        row = queue()
        monkeypatch.delitem(registry.posts, "said")
        drain()
        assert fresh(row).status == Status.SKIPPED

    def test_failures_hold_neither_tokens_nor_texts(self, workspace):
        workspace.answers["chat.postMessage"] = [Answer(200, {"ok": False, "error": "invalid_auth"})]
        with pytest.raises(SlackFailed) as failure:
            call("chat.postMessage", channel="#a", text="Novák Jan")
        assert str(failure.value) == "HTTP 200 invalid_auth"


class TestBackoffice:
    def test_a_failed_post_is_seen_filtered_and_sent_again(self, workspace, client):
        row = queue("vidět", channel="#a")
        OutboxMessage.objects.update(status=Status.FAILED, last_error="HTTP 200 not_in_channel", attempts=10)
        admin = make_admin()
        client.force_login(admin, backend="roster.backends.RoleBackend")
        listed = client.get("/admin/notifications/outboxmessage/?channel__exact=slack").content.decode()
        assert "řečeno" in listed
        assert "#a" in listed
        shown = client.get(f"/admin/notifications/outboxmessage/{row.pk}/change/").content.decode()
        assert "vidět" in shown
        assert "/invite @MedCover" in shown
        services.resend(row.pk, by=admin, at=timezone.now())
        drain()
        assert fresh(row).status == Status.SENT
        assert AuditEntry.objects.filter(kind=AuditEntry.Kind.RESEND, actor=admin).exists()
        with pytest.raises(DomainError):
            services.resend(row.pk, by=admin, at=timezone.now())

    @pytest.mark.parametrize("token", [TOKEN, ""])
    def test_kinds_of_posts_are_filters_where_slack_is(self, client, settings, token):
        settings.SLACK_BOT_TOKEN = token
        client.force_login(make_admin(), backend="roster.backends.RoleBackend")
        page = client.get("/admin/notifications/outboxmessage/").content.decode()
        assert ("type=said" in page) is bool(token)

    def test_settings_about_slack_are_there_where_slack_is(self, workspace, client, settings):
        client.force_login(make_admin(), backend="roster.backends.RoleBackend")
        address = f"/admin/system/sitesettings/{SiteSettings.load().pk}/change/"
        page = client.get(address)
        form = page.context["adminform"].form
        shown = page.content.decode()
        assert 'popovertarget="help-slack"' in shown
        assert "#general" in shown
        assert "#oops" in shown
        values = {name: form[name].value() for name in form.fields if form[name].value() or form[name].value() == ""}
        values |= {name: 0 for name in form.fields if form[name].value() is not False and form[name].value() == 0}
        values |= {"slack_events_channel": " Akce ", "slack_eta": ""}
        answer = client.post(address, values)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        site = SiteSettings.load()
        assert (site.slack_events_channel, site.slack_eta, site.slack_status) == ("#akce", False, True)
        again = client.get(address).content.decode()
        values = {**values, "version": site.version, "slack_events_channel": "dvě slova"}
        assert "slack_events_channel" in client.post(address, values).context["adminform"].form.errors
        settings.SLACK_BOT_TOKEN = ""
        without = client.get(address).content.decode()
        assert "slack_events_channel" not in without
        # What is not drawn is not sent: without its version nobody could save the form.
        assert all(f'name="version" value="{site.version}"' in page for page in (without, again))


def test_an_erased_person_stands_in_no_post(workspace):
    person = UserFactory(name="Zmizelá Anna", email="anna@example.org")
    with audit.unrecorded():
        own = posting.answer("U1", "vám", to=person)
        about = queue("Řeší Zmizelá Anna.")
    SlackRequest.objects.create(key="1", received_at=timezone.now(), work={"say": {"text": "Řeší Anna Zmizelá"}})
    SlackRequest.objects.create(key="2", received_at=timezone.now(), work={"say": {"text": "Řeší Jan"}})
    forget(person.pk, {person.email}, Mask(name_needle(person.name), "Osoba 1"))
    assert not OutboxMessage.objects.filter(pk=own.pk).exists()
    assert fresh(about).payload["text"] == "Řeší Osoba 1."
    assert list(SlackRequest.objects.filter(work__isnull=False).values_list("key", flat=True)) == ["2"]

"""How the installation is doing: the page of administrators, which the start page fetches after itself."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone, translation

from events.rules.lifecycle import Status
from events.tests.factories import EventFactory
from medcover.backoffice.installation import events, users
from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, text_of
from medcover.system import checks_of_services, heartbeat, own_checks
from medcover.system.checks_of_services import Check, Finding, State
from medcover.system.models import Heartbeat, SiteSettings, UserFeedback
from medcover.tests.rows import recorded
from notifications import checks
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

PAGE = reverse("admin:installation")
NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def admin(db):
    return make_admin(language="en")


@pytest.fixture
def registry(monkeypatch):
    """Checks of this test alone."""
    monkeypatch.setattr(checks_of_services, "_checks", {})
    return checks_of_services.register


def found(code: str) -> Finding:
    return next(checked.finding for checked in checks_of_services.run_all() if checked.check.code == code)


class TestJudging:
    @pytest.mark.parametrize(("took", "state"), [(200, State.OK), (201, State.WARNING)])
    def test_a_query(self, took, state):
        assert own_checks.judged_query(took).state is state

    @pytest.mark.parametrize(("took", "state"), [(1000, State.OK), (1001, State.WARNING)])
    def test_a_connection(self, took, state):
        assert own_checks.judged_connection(took).state is state

    @pytest.mark.parametrize(("free", "state"), [(2**30, State.OK), (2**30 - 1, State.WARNING)])
    def test_room(self, free, state):
        assert own_checks.judged_room(free).state is state

    @pytest.mark.parametrize(
        ("seconds", "state"),
        [(29, State.OK), (30, State.WARNING), (299, State.WARNING), (300, State.ERROR), (None, State.UNKNOWN)],
    )
    def test_the_worker(self, seconds, state):
        beat = None if seconds is None else NOW - timedelta(seconds=seconds)
        assert own_checks.judged_worker(beat, None, at=NOW).state is state

    def test_a_worker_that_lives_and_does_nothing(self):
        done_at = NOW - timedelta(minutes=3)
        assert own_checks.judged_worker(NOW, done_at, at=NOW).state is State.WARNING
        assert own_checks.judged_worker(NOW, done_at + timedelta(seconds=1), at=NOW).state is State.OK

    @pytest.mark.parametrize(
        ("newest", "state"), [("sent", State.OK), ("pending", State.WARNING), ("failed", State.ERROR)]
    )
    def test_mails_by_the_newest_one(self, newest, state):
        figures = {"sent": 1, "pending": 1, "failed": 1, "last_sent": None}
        assert checks.judged(newest, figures).state is state

    def test_no_mails_are_no_activity(self):
        assert checks.judged(None, None).state is State.UNKNOWN


class TestServers:
    @pytest.fixture
    def server(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            yield listening.getsockname()[1]

    def test_one_that_answers(self, server):
        assert own_checks.connection_to("127.0.0.1", server).state is State.OK

    def test_one_that_refuses_is_told_in_words(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            assert own_checks.connection_to("127.0.0.1", closed.getsockname()[1]).state is State.ERROR

    def test_a_name_that_nobody_knows_the_address_of_keeps_nobody_waiting(self, monkeypatch):
        waiting = timedelta(seconds=5).total_seconds()
        event = own_checks.threading.Event()
        monkeypatch.setattr(own_checks, "_connected", lambda *_: event.wait(waiting))
        began = timezone.now()
        finding = own_checks.connection_to("nowhere.invalid", 25, seconds=0.05)
        event.set()
        assert finding.state is State.ERROR
        assert timezone.now() - began < timedelta(seconds=4)


@pytest.mark.django_db
class TestChecks:
    def test_everything_that_is_promised_is_checked(self):
        codes = [check.code for check in checks_of_services.registered()]
        assert codes[:5] == ["database", "worker", "smtp", "storage", "outbox"]

    def test_the_database(self):
        assert found("database").state in (State.OK, State.WARNING)

    def test_no_mail_server_is_no_mistake(self):
        assert found("smtp").state is State.UNKNOWN

    def test_a_blocked_one_is_a_warning(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"mail_block": True})
        assert found("smtp").state is State.WARNING

    def test_files_leave_nothing_behind(self, settings):
        assert found("storage").state in (State.OK, State.WARNING)
        assert default_storage.listdir("")[1] == []

    def test_a_place_that_cannot_be_written_is_an_error(self, monkeypatch):
        def refuse(*_args, **_kwargs):
            raise PermissionError("/secret/path")

        monkeypatch.setattr(own_checks.default_storage, "save", refuse, raising=False)
        finding = found("storage")
        assert (finding.state, finding.details) == (State.ERROR, "PermissionError")

    def test_mails_are_counted_by_what_became_of_them(self):
        for status in ("sent", "sent", "pending", "failed"):
            sent_at = timezone.now() if status == "sent" else None
            OutboxMessage.objects.create(
                code="x", to_email="a@example.org", subject="x", status=status, sent_at=sent_at
            )
        old = OutboxMessage.objects.create(code="x", to_email="a@example.org", subject="x", status="failed")
        OutboxMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
        with translation.override("en"):
            assert "2 sent, 1 waiting, 1 failed." in str(found("outbox").details)
        assert found("outbox").state is State.ERROR

    def test_one_that_fails_keeps_none_of_the_others(self, registry):
        def fail() -> Finding:
            raise RuntimeError("password=secret")

        registry(Check("a", "A", "gear", fail))
        registry(Check("b", "B", "gear", lambda: Finding(State.OK, "OK")))
        first, second = checks_of_services.run_all()
        assert (first.finding.state, first.finding.details) == (State.ERROR, "RuntimeError")
        assert second.finding.state is State.OK

    def test_the_same_code_is_registered_once(self, registry):
        for title in ("A", "B"):
            registry(Check("a", title, "gear", lambda: Finding(State.OK, "OK")))
        assert [check.title for check in checks_of_services.registered()] == ["B"]

    def test_a_process_of_the_worker_beats(self):
        assert heartbeat.beat_once()
        assert Heartbeat.objects.get(name="worker").beat_at <= timezone.now()


@pytest.mark.django_db
class TestCounters:
    def test_people_who_have_left_are_counted_apart(self):
        make_member(), make_member(is_active=False), make_member(is_active=False, is_archived=True)
        assert [one.count for one in users()] == [2, 1, 1, 1]

    def test_events_by_status_without_what_there_is_none_of(self):
        EventFactory(status=Status.DRAFT), EventFactory(status=Status.DRAFT), EventFactory(is_archived=True)
        assert [one.count for one in events()] == [2, 2]

    def test_links_lead_to_lists_of_just_these_rows(self, admin):
        make_member(is_active=False), make_member(is_active=False, is_archived=True)
        EventFactory(status=Status.DRAFT, start=timezone.now() - timedelta(days=40))
        client = browser(admin)
        for one in (*users(), *events()):
            listed = client.get(one.url).context["cl"].result_count
            assert listed == one.count, (str(one.label), one.url)


class TestPage:
    def test_shows_what_administrators_look_for(self, admin):
        recorded(EventFactory(name="Půlmaraton"))
        UserFeedback.objects.create(message="Díky", submitted=timezone.now())
        shown = text_of(browser(admin).get(PAGE))
        words = ("Půlmaraton", "Database", "Worker", "Mail server", "Feedback of users: 1", "v0.1.0", "dev")
        assert [word for word in words if word not in shown] == []

    def test_the_start_page_fetches_only_the_part(self, admin):
        client = browser(admin)
        assert f'hx-get="{PAGE}"' in client.get(reverse("admin:index")).content.decode()
        part = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
        assert 'id="installation"' in part
        assert "<html" not in part

    def test_is_not_for_coordinators(self, db):
        assert browser(make_coordinator()).get(PAGE, headers={"HX-Request": "true"}).status_code == 403

    def test_costs_no_more_for_more(self, admin):
        client = browser(admin)
        few = queries_of(client, PAGE)
        for _ in range(9):
            recorded(EventFactory())
            make_member(), make_member(is_active=False)
        assert queries_of(client, PAGE) <= few <= 16

    def test_keeps_the_content_security_policy(self, admin):
        assert inline_parts(browser(admin).get(PAGE)) == []

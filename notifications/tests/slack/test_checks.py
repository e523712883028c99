"""How Slack is doing, as administrators are told: at start, on the start page, in the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from medcover.system import checks_of_services
from medcover.system.checks_of_services import Finding, State
from medcover.system.models import Heartbeat, SiteSettings
from notifications.models import OutboxMessage
from notifications.slack import checks, config
from notifications.slack.troubles import remedy_of

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def slack(settings):
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-1", "tajne"
    settings.SLACK_APP_TOKEN, settings.SLACK_SOCKET_MODE_CONNECT = "", False
    return settings


def by_socket(settings) -> None:
    settings.SLACK_SIGNING_SECRET, settings.SLACK_APP_TOKEN, settings.SLACK_SOCKET_MODE_CONNECT = "", "xapp-1", True


def found() -> Finding:
    return next(one.finding for one in checks_of_services.run_all() if one.check.code == "slack")


class TestAtStart:
    def test_nothing_is_said_without_slack(self, slack):
        slack.SLACK_BOT_TOKEN = slack.SLACK_SIGNING_SECRET = ""
        assert checks.secret_is_there() == []

    def test_a_missing_secret_is_a_warning_that_says_what_is_missing(self, slack):
        assert checks.secret_is_there() == []
        slack.SLACK_SIGNING_SECRET = ""
        (warning,) = checks.secret_is_there(app_configs=None)
        assert warning.id == "notifications.W001"
        assert "SLACK_SIGNING_SECRET" in warning.hint

    def test_socket_mode_needs_none(self, slack):
        by_socket(slack)
        assert checks.secret_is_there() == []


class TestJudging:
    def test_by_address(self, slack):
        assert checks.judged(None, None, at=NOW).state is State.OK
        assert checks.judged("sent", None, at=NOW).state is State.OK
        assert checks.judged("failed", None, at=NOW).state is State.ERROR

    def test_without_a_way_in(self, slack):
        slack.SLACK_SIGNING_SECRET = ""
        assert checks.judged("sent", None, at=NOW).state is State.WARNING

    @pytest.mark.parametrize(("seconds", "state"), [(0, State.OK), (60, State.OK), (61, State.ERROR)])
    def test_by_a_connection(self, slack, seconds, state):
        by_socket(slack)
        assert checks.judged("sent", NOW - timedelta(seconds=seconds), at=NOW).state is state

    def test_a_connection_that_has_never_been_there(self, slack):
        by_socket(slack)
        assert checks.judged("sent", None, at=NOW).state is State.ERROR


@pytest.mark.django_db
class TestFound:
    def test_without_slack_it_costs_nothing(self, slack, django_assert_num_queries):
        slack.SLACK_BOT_TOKEN = ""
        with django_assert_num_queries(0):
            assert checks.slack().state is State.UNKNOWN

    def test_by_one_question(self, slack, django_assert_num_queries):
        by_socket(slack)
        SiteSettings.load()
        Heartbeat.beat(config.HEARTBEAT, at=timezone.now())
        with django_assert_num_queries(1):
            assert checks.slack().state is State.OK

    def test_the_newest_post_of_the_last_day_counts(self, slack):
        SiteSettings.load()
        for status in ("skipped", "failed"):
            OutboxMessage.objects.create(code="x", channel="slack", to_email="#a", subject="x", status=status)
        assert found().state is State.ERROR
        OutboxMessage.objects.update(created_at=timezone.now() - timedelta(hours=25))
        assert found().state is State.OK


@pytest.mark.parametrize(
    ("error", "part"),
    [
        ("HTTP 200 channel_not_found", "/invite"),
        ("HTTP 200 not_in_channel", "/invite"),
        ("HTTP 200 token_revoked", "SLACK_BOT_TOKEN"),
        ("HTTP 429 ratelimited", "sent when Slack"),
        ("HTTP 503", ""),
        ("TimeoutError", ""),
        ("", ""),
    ],
)
def test_what_helps(error, part):
    with translation.override("en"):
        remedy = str(remedy_of(error))
    assert part in remedy
    assert bool(part) == bool(remedy)

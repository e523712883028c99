"""Figures for Prometheus: who may read them, and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from equipment.models import StaticPagePush
from equipment.tests.factories import ItemFactory, repair_of
from medcover.access_log import AccessLog
from medcover.metrics import http
from medcover.system.models import Heartbeat
from notifications.models import OutboxMessage
from notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-some-length"
NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def read(headers: dict[str, str]) -> dict[tuple[str, ...], float]:
    """Return every sample: name and values of labels → value."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


class TestAccess:
    def test_there_are_none_without_configuration(self, client):
        assert client.get("/metrics").status_code == 404

    @pytest.mark.parametrize("given", ["", f"Bearer {TOKEN}x", "Bearer ", "Bearer ž", f"Basic {TOKEN}", TOKEN])
    def test_are_refused_without_the_token(self, client, token, given):
        answer = client.get("/metrics", headers={"Authorization": given} if given else {})
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_are_for_whoever_has_the_token_and_never_cached(self, client, token):
        answer = client.get("/metrics", headers=token)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "no-store" in answer.headers["Cache-Control"]
        assert not answer.cookies

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            ("10.1.2.3", 200),
            ("::ffff:10.1.2.3", 200),
            ("fd00::7", 200),
            ("192.0.2.1", 401),
            ("", 401),
            ("nonsense", 401),
        ],
    )
    def test_are_for_the_networks_that_are_named(self, client, settings, address, status):
        settings.METRICS_NETWORKS = ["10.0.0.0/8", "fd00::/16"]
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == status

    def test_a_stranger_behind_the_proxy_cannot_name_a_network(self, client, settings):
        settings.METRICS_NETWORKS, settings.TRUSTED_PROXIES = ["10.0.0.0/8"], 1
        headers = {"X-Forwarded-For": "10.1.2.3, 192.0.2.1"}
        assert client.get("/metrics", REMOTE_ADDR="10.0.0.1", headers=headers).status_code == 401


class TestGauges:
    def test_say_how_the_installation_does(self, token):
        MessageFactory(code="a.kind")
        MessageFactory(code="a.kind", status=OutboxMessage.Status.SENDING)
        MessageFactory(code="b.kind", status=OutboxMessage.Status.FAILED)
        MessageFactory(code="c.kind", status=OutboxMessage.Status.SENT, sent_at=NOW)
        OutboxMessage.objects.update(created_at=NOW)
        Heartbeat.beat("worker", at=NOW)
        StaticPagePush.objects.create(asked_at=NOW, attempts=2)
        StaticPagePush.objects.create(asked_at=NOW, status="failed", ended_at=NOW)
        item = ItemFactory()
        repair_of(item, severity="down")
        repair_of(item, severity="degraded")
        repair_of(severity="")
        repair_of(severity="down", status="resolved")
        repair_of(ItemFactory(is_archived=True), severity="unsure")
        found = read(token)
        expected: dict[Any, float] = {
            ("medcover_outbox_pending", "a.kind"): 2,
            ("medcover_outbox_pending", "b.kind"): 0,
            ("medcover_outbox_failed", "b.kind"): 1,
            ("medcover_outbox_oldest_pending_timestamp_seconds", "a.kind"): NOW.timestamp(),
            ("medcover_worker_heartbeat_timestamp_seconds", "worker"): NOW.timestamp(),
            ("medcover_static_page_pending",): 1,
            ("medcover_static_page_failing",): 1,
            ("medcover_static_page_oldest_pending_timestamp_seconds",): NOW.timestamp(),
            ("medcover_repairs_open", "down"): 1,
            ("medcover_repairs_open", "degraded"): 1,
            ("medcover_repairs_open", "unsure"): 1,
            ("medcover_repairs_open", "none"): 1,
            ("medcover_items", "operational"): 1,
            ("medcover_items", "degraded"): 1,
            ("medcover_items", "down"): 1,
        }
        assert {name: found.get(name) for name in expected} == expected
        assert ("medcover_outbox_pending", "c.kind") not in found

    @pytest.mark.parametrize("is_on", [True, False])
    def test_a_connection_to_slack_is_missed_only_where_there_should_be_one(self, token, settings, is_on):
        settings.SLACK_BOT_TOKEN, settings.SLACK_APP_TOKEN, settings.SLACK_SOCKET_MODE_CONNECT = (
            "xoxb-1",
            "xapp-1",
            is_on,
        )
        Heartbeat.beat("slack", at=NOW)
        found = read(token)
        assert found["medcover_slack_socket_mode_enabled",] == is_on
        assert (("medcover_worker_heartbeat_timestamp_seconds", "slack") in found) is is_on

    def test_moments_that_never_were_are_missing(self, token):
        Heartbeat.objects.all().delete()
        names = {name for name, *_labels in read(token)}
        assert "medcover_static_page_pending" in names
        assert not [name for name in names if name.endswith("timestamp_seconds")]

    def test_ask_a_fixed_number_of_times(self, token, django_assert_max_num_queries):
        for number in range(10):
            repair_of(severity="down")
            MessageFactory(code=f"kind.{number}")
        with django_assert_max_num_queries(7):  # five, and a savepoint
            read(token)

    def test_are_missing_while_the_database_is_down_and_the_rest_is_there(self, client, token, monkeypatch):
        http.observe(RequestFactory().get("/"), HttpResponse(), 0.01)

        def fail(*_args: Any, **_kwargs: Any) -> None:
            raise OperationalError

        monkeypatch.setattr(connection, "cursor", fail)
        found = read(token)
        assert {name.partition("_bucket")[0] for name, *_labels in found} >= {
            "medcover_http_requests_total", "medcover_http_request_duration_seconds"
        }  # fmt: skip
        assert not [name for name, *_labels in found if "items" in name]


class TestRequests:
    def test_are_counted_by_name_of_the_route_method_and_class(self, token):
        def view(request):
            request.resolver_match = None
            return HttpResponse(status=418)

        before = read(token)
        answer = AccessLog(view)
        for method in ("GET", "GET", "BREW"):
            answer(RequestFactory().generic(method, "/somebody@example.org/"))
        found = read(token)
        assert found["medcover_http_requests_total", "GET", "-", "4xx"] == 2 + before.get(
            ("medcover_http_requests_total", "GET", "-", "4xx"), 0
        )
        assert found["medcover_http_requests_total", "other", "-", "4xx"] >= 1
        assert found["medcover_http_request_duration_seconds_count", "GET", "-"] >= 2
        assert not [name for name in found if "somebody" in "".join(name)]

    def test_are_not_counted_without_anybody_to_read_it(self):
        assert AccessLog(lambda _request: HttpResponse()).observe is None

    def test_of_several_processes_are_added_up(self, tmp_path):
        """Each in a process of its own, as gunicorn has them; a third one reads."""
        count = "from medcover.metrics import http as h; h._requests.labels('r', 'GET', '2xx').inc()"
        show = "from medcover.metrics import http as h; from prometheus_client import generate_latest as g; "
        show += "print(g(h.registry()).decode())"
        environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

        def run(code: str) -> str:
            call = [sys.executable, "-c", code]
            return subprocess.run(
                call, env=environ, cwd=configured.BASE_DIR, check=True, text=True, capture_output=True
            ).stdout

        run(count)
        run(count)
        assert 'medcover_http_requests_total{method="GET",route="r",status="2xx"} 2.0' in run(show)
        assert list(Path(tmp_path).glob("*.db"))

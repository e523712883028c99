"""The address that a load balancer asks."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from medcover.system import views

pytestmark = pytest.mark.django_db


def test_says_ok_to_anybody(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.logs_errors
def test_says_unavailable_when_the_database_does_not_answer(client, monkeypatch):
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", fail)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


def test_asks_the_database_once_and_nothing_else(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        client.get("/healthz")


def test_is_never_cached_and_sets_no_cookie(client):
    answer = client.get("/healthz")
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_answers_a_head_and_refuses_to_be_posted_to(client):
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


class TestReadiness:
    @pytest.fixture(autouse=True)
    def _not_seen_yet(self, monkeypatch):
        monkeypatch.setattr(views, "_seen", set())

    def test_is_ready_with_every_migration_and_does_not_look_for_them_again(self, client, django_assert_num_queries):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert "no-store" in answer.headers["Cache-Control"]
        with django_assert_num_queries(1):
            client.get("/readyz")

    @pytest.mark.logs_errors
    def test_is_not_ready_before_a_migration_has_run(self, client):
        MigrationRecorder.Migration.objects.filter(app="equipment").order_by("-pk")[0].delete()
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200

    @pytest.mark.logs_errors
    def test_is_not_ready_without_a_database(self, client, monkeypatch):
        client.get("/readyz")

        def fail() -> None:
            raise OperationalError

        monkeypatch.setattr(connection, "cursor", fail)
        assert client.get("/readyz").status_code == 503

"""Log lines as JSON: what stands in them, and that neither people nor secrets do."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from io import StringIO
from multiprocessing import Queue, Value

import pytest
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django_q.models import OrmQ
from django_q.tasks import async_task
from django_q.worker import worker

from medcover import urls
from medcover.access_log import AccessLog
from medcover.common.json_lines import JsonLines
from medcover.settings.base import logging_as
from medcover.system import job_log
from roster.models import User
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db


def fail_with_data(_request, token):
    """A view that fails as a database does."""
    raise IntegrityError(f"DETAIL: Key (email)=(tajny@example.org) already exists. {token}")


def warn(_request, token):
    """A view that writes what it should not."""
    logging.getLogger("somebody.else").warning("Mail to %s refused", "Jan <tajny@example.org>", extra={"n": 3})
    return HttpResponse()


urlpatterns = [*urls.urlpatterns, path("fails/<str:token>/", fail_with_data), path("warns/<str:token>/", warn)]
handler500 = urls.handler500


@pytest.fixture
def lines():
    """Everything that is logged, as production writes it; read as objects."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)

    def read() -> list[dict]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    read.raw = stream.getvalue  # type: ignore[attr-defined]
    yield read
    root.removeHandler(handler)


def told(lines, event="request"):
    return [line for line in lines() if line["event"] == event]


class TestRequests:
    def test_each_has_a_line_with_its_route_and_duration(self, client, lines):
        member = make_member()
        client.force_login(member, backend="roster.backends.RoleBackend")
        answer = client.get(f"/people/{member.pk}/?q=tajny", headers={"X-Request-ID": "edge-0123456789"})
        [line] = told(lines)
        assert line["duration_ms"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
        expected = {
            "level": "INFO",
            "logger": "medcover.access",
            "method": "GET",
            "path": "/people/<uuid:pk>/",
            "ids": {"pk": str(member.pk)},
            "status": answer.status_code,
            "request_id": "edge-0123456789",
            "user_id": str(member.pk),
        }
        assert {name: line[name] for name in expected} == expected
        assert answer.headers["X-Request-ID"] == "edge-0123456789"

    @pytest.mark.parametrize("given", ["", "short", "a" * 65, "tajny@example.org", 'x"}\n{"event": "forged"', "ž" * 10])
    def test_a_name_that_is_not_well_formed_is_replaced(self, client, lines, given):
        headers = {"X-Request-ID": given} if given else {}
        name = client.get("/login/", headers=headers).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{16}", name)
        assert told(lines)[0]["request_id"] == name
        assert told(lines)[0]["user_id"] is None

    def test_two_requests_have_two_names_and_nothing_of_one_is_left_in_the_next(self, client, lines):
        for _number in range(2):
            client.get("/login/")
        assert len({line["request_id"] for line in told(lines)}) == 2
        logging.getLogger("after").warning("alone")
        assert "request_id" not in told(lines, "alone")[0]

    def test_probes_and_static_files_have_none(self, client, lines):
        for address in ("/healthz", "/readyz", "/static/favicon.svg"):
            client.get(address)
        assert told(lines) == []

    @pytest.mark.urls(__name__)
    @pytest.mark.logs_errors
    def test_an_error_is_told_by_kind_and_place(self, lines):
        client = Client(raise_request_exception=False)
        client.force_login(make_member(), backend="roster.backends.RoleBackend")
        assert client.get("/fails/marker-token/").status_code == 500
        [error] = [line for line in lines() if "error" in line]
        assert (error["event"], error["level"]) == ("Internal Server Error", "ERROR")
        assert error["error"]["type"] == "django.db.utils.IntegrityError"
        assert error["error"]["at"][-1].endswith("fail_with_data")
        assert error["request_id"] == told(lines)[0]["request_id"]


@pytest.mark.urls(__name__)
@pytest.mark.logs_errors
def test_nothing_of_people_and_no_secret_gets_into_a_line(lines):
    """A story through many pages, each with something in it that must not come out."""
    person = make_admin(name="Tajemná Markéta", email="tajny@example.org", phone="+420777123456")
    client = Client(raise_request_exception=False)
    token = "markertoken" + "0" * 53
    feed = "abcdef0123456789" * 4
    client.post("/login/", {"username": "tajny@example.org", "password": "marker-password"})
    client.force_login(person, backend="roster.backends.RoleBackend")
    for address in (
        f"/ical/{feed}.ics", f"/ical/{token}", f"/register/{token}/", f"/register/{token}", f"/password/new/{token}/",
        f"/password/new/{token}", f"/fails/{token}/", f"/warns/{token}/?email=tajny@example.org",
        f"/nothing/{token}/tajny@example.org", "/people/?q=Tajemn%C3%A1", f"/people/{person.pk}/",
        "/admin/roster/user/?q=tajny@example.org", f"/admin/roster/user/{person.pk}/change/",
    ):  # fmt: skip
        client.get(address, headers={"Authorization": f"Bearer {token}", "User-Agent": "marker-agent"})
    client.post("/password/forgotten/", {"email": "tajny@example.org"})
    client.post("/profile/", {"name": "Tajemná Markéta", "phone": "marker-phone", "email": "tajny@example.org"})
    client.get("/", headers={"Host": "marker-host"})
    Client(enforce_csrf_checks=True).post(f"/register/{token}/", {"name": "Tajemná"})
    session = client.cookies["sessionid"].value
    written = lines.raw()
    assert len(told(lines)) == 18
    secrets = ("tajn", "Tajemn", "Markéta", "777123456", "marker", feed, session)
    assert [secret for secret in secrets if secret.lower() in written.lower()] == []
    assert {line["event"] for line in lines()} >= {"Mail to Jan <***> refused", "Internal Server Error", "Not Found"}


class TestFormatter:
    def make(self, message, *args, **fields):
        record = logging.LogRecord("a.logger", logging.INFO, __file__, 1, message, args, None)
        record.__dict__.update(fields)
        return JsonLines().format(record)

    def test_writes_one_line_whatever_is_said(self):
        line = self.make('first\nsecond\u2028third "quoted" %s', "\x00\x1b[31m")
        assert len(line.splitlines()) == 1
        assert json.loads(line)["event"].startswith("first second third")

    def test_takes_along_plain_values_alone(self):
        line = json.loads(self.make("told", count=3, person=User(name="Tajný"), rows=[1], name2="x"))
        assert (line["count"], line["name2"]) == (3, "x")
        assert "person" not in line

    def test_leaves_out_what_a_job_has_failed_with(self):
        record = logging.LogRecord("django-q", logging.ERROR, __file__, 1, "Failed 'a' (b.c) - tajny : Trace", (), None)
        assert json.loads(JsonLines().format(record))["event"] == "Failed 'a' (b.c)"

    def test_is_what_production_writes_to_standard_output(self):
        settings = logging_as("json")
        handler = settings["handlers"]["stdout"]
        assert settings["formatters"][handler["formatter"]]["()"].endswith("JsonLines")
        assert handler["stream"] == "ext://sys.stdout"


class TestJobs:
    def run(self, function):
        """Run a job as a process of the worker does."""
        tasks, results = Queue(), Queue()
        async_task(function)
        task = OrmQ.objects.get().task
        task["started"] -= timedelta(hours=1)  # it has waited
        tasks.put(task)
        tasks.put("STOP")
        worker(tasks, results, Value("f", -1))
        return task

    def test_each_has_a_line_with_its_duration(self, lines, monkeypatch):
        monkeypatch.setattr("django_q.worker.close_old_django_connections", lambda: None)
        task = self.run("medcover.system.jobs.beat")
        [line] = told(lines, "job")
        assert (line["job"], line["succeeded"], line["job_id"]) == ("medcover.system.jobs.beat", True, task["id"])
        assert 0 <= line["duration_ms"] < timedelta(minutes=50).total_seconds() * 1000
        logging.getLogger("after").warning("alone")
        assert "job_id" not in told(lines, "alone")[0]

    @pytest.mark.logs_errors
    def test_one_that_fails_says_so_and_not_what_it_failed_with(self, lines, monkeypatch):
        monkeypatch.setattr("django_q.worker.close_old_django_connections", lambda: None)
        self.run("medcover.tests.test_log_lines.fail_like_a_database")
        [line] = told(lines, "job")
        assert (line["succeeded"], line["level"]) == (False, "WARNING")
        assert "tajny" not in lines.raw()

    def test_names_functions(self):
        assert job_log.function_name(fail_like_a_database) == "medcover.tests.test_log_lines.fail_like_a_database"


def fail_like_a_database():
    fail_with_data(None, "tajny")


def test_the_middleware_costs_no_statement(django_assert_num_queries):
    answer = AccessLog(lambda _request: HttpResponse())
    with django_assert_num_queries(0):
        answer(RequestFactory().get("/people/"))

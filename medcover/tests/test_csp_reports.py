"""Reports about the content policy: taken from anybody, in small numbers, and passed on without what they say."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from medcover import csp_reports

pytestmark = pytest.mark.django_db

HOST = "http://testserver"
OLD, NEW = "application/csp-report", "application/reports+json"


def old(**changes) -> dict:
    body = {
        "document-uri": f"{HOST}/password/new/tajny-klic/?next=jan@example.org",
        "blocked-uri": "https://cdn.example.com/x.js?token=hush",
        "effective-directive": "script-src-elem",
        "script-sample": "alert('Jan Novak')",
        "line-number": 7,
    }
    return {"csp-report": body | changes}


def send(content, kind=OLD, client=None, **extra):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return (client or Client(enforce_csrf_checks=True)).post("/csp-report", data, content_type=kind, **extra)


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING, "medcover.csp")
    return lambda: [
        (line.directive, line.blocked, line.page, line.line) for line in caplog.records if line.name == "medcover.csp"
    ]


class TestWhatIsTold:
    def test_page_and_source_without_what_may_be_secret(self, told, caplog):
        assert send(old()).status_code == 204
        assert told() == [("script-src-elem", "https://cdn.example.com", "/password/new/<str:token>/", 7)]
        everything = repr([line.__dict__ for line in caplog.records if line.name == "medcover.csp"])
        assert not any(secret in everything for secret in ("tajny", "jan@", "hush", "Novak"))

    def test_the_newer_form_says_the_same(self, told):
        body = {"documentURL": f"{HOST}/login/?a=b", "blockedURL": "inline", "effectiveDirective": "style-src-attr"}
        assert (
            send([{"type": "csp-violation", "body": body}, {"type": "deprecation", "body": {}}], NEW).status_code == 204
        )
        assert told() == [("style-src-attr", "inline", "/login/", None)]

    @pytest.mark.parametrize(
        ("blocked", "expected"),
        [
            (f"{HOST}/x", "self"),
            ("data", "data"),
            ("data:text/plain,Jan", "data"),
            ("chrome-extension://abcdef/x.js", "other"),
            ("https://jan@example.org/", "other"),
            ("https://[", "other"),
            ("Jan Novák", "other"),
            (5, "other"),
        ],
    )
    def test_a_source_is_a_word_or_a_host(self, told, blocked, expected):
        send(old(**{"blocked-uri": blocked}))
        assert [line[1] for line in told()] == [expected]

    @pytest.mark.parametrize("page", ["https://elsewhere.example/login/", f"{HOST}/no/such/Jan/", "", None, ["x"]])
    def test_a_page_is_one_of_ours_or_none(self, told, page):
        send(old(**{"document-uri": page}))
        assert [line[2] for line in told()] == ["-"]

    def test_unknown_directives_have_no_name(self, told):
        send(old(**{"effective-directive": "Jan Novák"}))
        send(old(**{"effective-directive": None, "violated-directive": "img-src 'self'", "line-number": "7"}))
        assert [(line[0], line[3]) for line in told()] == [("other", 7), ("img-src", None)]

    def test_figures_count_by_directive(self, settings):
        settings.METRICS_TOKEN = "a-token-of-some-length"
        send(old(**{"effective-directive": "worker-src"}))
        page = Client().get("/metrics", headers={"Authorization": "Bearer a-token-of-some-length"}).content.decode()
        assert 'medcover_csp_reports_total{directive="worker-src"} 1.0' in page


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "kind", "status"),
        [
            (b"x" * (csp_reports.LARGEST + 1), OLD, 413),
            (b"{", OLD, 400),
            (b"\xff\xfe", OLD, 400),
            (b"[" * 16_000, OLD, 400),
            (b"a=b", "application/x-www-form-urlencoded", 415),
        ],
        ids=["large", "broken", "not text", "deep", "form"],
    )
    def test_with_a_status_and_no_line(self, told, content, kind, status):
        assert send(content, kind).status_code == status
        assert told() == []

    @pytest.mark.parametrize("content", [5, None, "x", [], [5], {}, {"csp-report": []}, [{"type": "csp-violation"}]])
    def test_nothing_is_made_of_what_is_no_report(self, told, content):
        assert send(content).status_code == 204
        assert told() == []

    def test_only_so_many_are_taken_at_once(self, told):
        send([old()] * 50)
        assert len(told()) == csp_reports.MOST_AT_ONCE

    def test_only_so_many_of_one_and_of_all(self, told, monkeypatch):
        monkeypatch.setattr(csp_reports, "MOST_FROM_ONE", 2)
        monkeypatch.setattr(csp_reports, "MOST_OF_ALL", 3)
        ones = [send(old(), REMOTE_ADDR="192.0.2.1").status_code for _ in range(3)]
        others = [send(old(), REMOTE_ADDR=f"192.0.2.{last}").status_code for last in (2, 3)]
        assert (ones, others) == ([204, 204, 429], [204, 429])
        assert len(told()) == 3


class TestTheHeaders:
    @pytest.mark.parametrize("path", ["/login/", "/healthz", "/no/such/page/"])
    def test_every_answer_says_where_reports_go_and_that_is_here(self, client, path):
        answer = client.get(path)
        assert "report-uri /csp-report" in answer["Content-Security-Policy"]
        assert "report-to csp" in answer["Content-Security-Policy"]
        assert answer["Reporting-Endpoints"] == 'csp="/csp-report"'

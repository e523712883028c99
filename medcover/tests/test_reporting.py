"""Sentry and OpenTelemetry, each with a server on this machine that takes what it is sent."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.conf import settings as configured
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

#: A site of two views in a process of its own: both libraries hook into the whole interpreter.
SITE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "medcover.settings.test"
import django
django.setup()
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.contrib.auth.decorators import login_not_required
from django.conf import settings

@login_not_required
def fails(request, token):
    secret = "marker-variable"
    raise ValueError("marker-message tajny@example.org " + token)

@login_not_required
def works(request, token):
    return HttpResponse("ok")

class urls:
    urlpatterns = [path("fails/<str:token>/", fails), path("works/<str:token>/", works)]
    handler500 = "medcover.system.error_pages.server_error"

settings.ROOT_URLCONF = urls
settings.MIDDLEWARE = ["medcover.access_log.AccessLog"]
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "marker-cookie"
headers = {
    "Authorization": "Bearer marker-header", "X-Request-ID": "the-request-id",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
client.get("/works/marker-path/?q=marker-query", headers=headers)
client.post("/fails/marker-path/?q=marker-query", {"password": "marker-body"}, headers=headers)
"""
FLUSH_SENTRY = "import sentry_sdk; sentry_sdk.flush(10)"
FLUSH_TRACES = "from medcover.common import reporting; reporting._tracer.span_processor.force_flush()"
UNUSED = (
    "import sys; assert not [m for m in sys.modules if m.split('.')[0] in ('sentry_sdk', 'opentelemetry', 'boto3')]"
)


class Taker(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.taken.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args):
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    found.taken = []  # type: ignore[attr-defined]
    Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def run(code: str, **environ: str) -> None:
    names = ("SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT")
    plain = {name: value for name, value in os.environ.items() if name not in names}
    call = [sys.executable, "-c", SITE + code]
    done = subprocess.run(
        call, env={**plain, **environ}, cwd=configured.BASE_DIR, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_without_configuration_neither_is_even_imported():
    run(UNUSED)


def test_sentry_gets_the_kind_and_the_place_of_an_error_and_nothing_else(server):
    run(FLUSH_SENTRY, SENTRY_DSN=f"http://key@127.0.0.1:{server.server_port}/1")
    bodies = [body for path, body in server.taken if "/envelope/" in path]
    assert len(bodies) == 1
    event = json.loads(bodies[0].splitlines()[2])
    [error] = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "fails"
    assert event["transaction"] == "POST /fails/<str:token>/"
    assert event["tags"] == {"request_id": "the-request-id"}
    assert event["release"] == configured.VERSION
    sent = bodies[0].decode()
    assert [secret for secret in ("marker", "tajny", 'request":', 'user":', "cookies") if secret in sent] == []


def test_a_collector_gets_a_span_for_each_request_without_its_address(server):
    run(FLUSH_TRACES, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{server.server_port}/")
    assert {path for path, _body in server.taken} == {"/v1/traces"}
    spans = []
    for _path, body in server.taken:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    assert [span.name for span in spans] == ["GET /works/<str:token>/", "POST /fails/<str:token>/"]
    assert {span.trace_id.hex() for span in spans} == {"0af7651916cd43dd8448eb211c80319c"}
    values = {pair.key: pair.value for pair in spans[1].attributes}
    assert values["http.response.status_code"].int_value == 500
    assert values["medcover.request_id"].string_value == "the-request-id"
    assert spans[1].status.code == 2
    assert not [secret for secret in (b"marker", b"tajny") if any(secret in body for _path, body in server.taken)]

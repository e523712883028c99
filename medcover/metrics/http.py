"""Counting requests. Of several processes each has files of its own, which the page adds up (`gunicorn.conf.py`)."""

from __future__ import annotations

import os
from functools import cache

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)

_registry = CollectorRegistry()
_requests = Counter("medcover_http_requests", "Requests answered.", ["route", "method", "status"], registry=_registry)
_seconds = Histogram(
    "medcover_http_request_duration_seconds",
    "Time until the answer begins.",
    ["route", "method"],
    buckets=_BUCKETS,
    registry=_registry,
)
_csp_reports = Counter("medcover_csp_reports", "Reports of browsers.", ["directive"], registry=_registry)


def observe(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Count one request, by the name of its route: the number of rows must not depend on what strangers send."""
    match = request.resolver_match
    route = (match.view_name or match.route) if match is not None else "-"
    method = request.method if request.method in _METHODS else "other"
    requests, durations = _figures_of(route, method, response.status_code // 100)
    requests.inc()
    durations.observe(seconds)


@cache
def _figures_of(route: str, method: str, hundreds: int) -> tuple[Counter, Histogram]:
    """Look the two figures up once: it takes as long as counting."""
    return _requests.labels(route, method, f"{hundreds}xx"), _seconds.labels(route, method)


def count_csp_report(directive: str) -> None:
    """Count one report about the content policy; `directive` is one of the known ones or "other"."""
    _csp_reports.labels(directive).inc()


def registry() -> CollectorRegistry:
    """Return what to read the figures of all processes from."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _registry
    merged = CollectorRegistry()
    MultiProcessCollector(merged)  # type: ignore[no-untyped-call]
    return merged

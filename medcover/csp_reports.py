"""What browsers report: something on a page of ours that our policy does not allow. Told in the log and in `/metrics`.

Anybody may send such reports, so nothing of one is passed on as it came: directives are known words, pages become
patterns of addresses, foreign sources become their host. No queries, no samples of scripts, no addresses of people.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from medcover.metrics.access import are_on
from medcover.system.rate_limits import address_of, allows

logger = logging.getLogger("medcover.csp")

#: Bytes of one request, and reports in it.
LARGEST, MOST_AT_ONCE = 16 * 1024, 10
#: Requests of one network address, and of all together, in an hour: a page that is broken for everybody must not flood
#: the log.
MOST_FROM_ONE, MOST_OF_ALL, WITHIN = 20, 500, timedelta(hours=1)

_KINDS = {"application/csp-report", "application/reports+json", "application/json"}
_DIRECTIVES = frozenset(
    f"{name}-src{end}"
    for name in ("child", "connect", "default", "font", "frame", "img", "manifest", "media", "object", "script",
                 "style", "worker")
    for end in ("", "-elem", "-attr")
) | {"base-uri", "form-action", "frame-ancestors"}  # fmt: skip
_WORDS = {"inline", "eval", "wasm-eval", "data", "blob", "self"}
_HOST = re.compile(r"[a-z0-9.-]{1,100}")


@never_cache
@csrf_exempt
@require_POST
@login_not_required
def csp_report(request: HttpRequest) -> HttpResponse:
    """Take reports: 204; 413 when they are too large, 415 in another form, 400 when unreadable, 429 when too many."""
    if request.content_type not in _KINDS:
        return HttpResponse(status=415)
    if len(body := request.read(LARGEST + 1)) > LARGEST:
        return HttpResponse(status=413)
    try:
        found = list(_reports(json.loads(body)))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    if not _may(request):
        return HttpResponse(status=429, headers={"Retry-After": str(int(WITHIN.total_seconds()))})
    for report in found[:MOST_AT_ONCE]:
        _tell(report, request.get_host())
    return HttpResponse(status=204)


def _may(request: HttpRequest) -> bool:
    from_one = allows("csp report", address_of(request), most=MOST_FROM_ONE, within=WITHIN)
    return from_one and allows("csp report", "all", most=MOST_OF_ALL, within=WITHIN)


def _reports(content: Any) -> Iterator[dict[str, Any]]:
    """Yield reports with the names of `report-uri`, whichever of the two forms they have; skip what is neither."""
    if isinstance(content, dict):
        content = [content]
    for entry in content if isinstance(content, list) else []:
        if not isinstance(entry, dict):
            continue
        if isinstance(old := entry.get("csp-report"), dict):
            yield old
        elif entry.get("type") == "csp-violation" and isinstance(new := entry.get("body"), dict):
            yield {
                "document-uri": new.get("documentURL"),
                "blocked-uri": new.get("blockedURL"),
                "effective-directive": new.get("effectiveDirective"),
                "line-number": new.get("lineNumber"),
            }


def _tell(report: dict[str, Any], host: str) -> None:
    directive, line = _directive(report), report.get("line-number")
    extra = {
        "event": "csp_report",
        "directive": directive,
        "blocked": _source(_text(report, "blocked-uri"), host),
        "page": _page(_text(report, "document-uri"), host),
        "line": line if isinstance(line, int) and 0 < line < 1_000_000 else None,
    }
    logger.warning("Content policy: %s", directive, extra=extra)
    if are_on():
        from medcover.metrics.http import count_csp_report

        count_csp_report(directive)


def _directive(report: dict[str, Any]) -> str:
    words = (_text(report, "effective-directive") or _text(report, "violated-directive")).split()
    return words[0] if words and words[0] in _DIRECTIVES else "other"


def _page(address: str, host: str) -> str:
    """Return the pattern of an address of ours; "-" for any other."""
    parts = _split(address)
    if parts is None or parts[1] != host:
        return "-"
    try:
        return f"/{resolve(parts[2]).route}"
    except Resolver404:
        return "-"


def _source(address: str, host: str) -> str:
    """Return what was kept out: a word such as "inline", "self" for ourselves, or scheme and host of a stranger."""
    if address in _WORDS:
        return address
    parts = _split(address)
    if parts is None:
        return "other"
    scheme, where, _path = parts
    if where == host:
        return "self"
    if scheme in ("http", "https", "ws", "wss") and _HOST.fullmatch(where.partition(":")[0]):
        return f"{scheme}://{where.partition(':')[0]}"
    return scheme if scheme in _WORDS else "other"


def _split(address: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.scheme, parts.netloc, parts.path


def _text(report: dict[str, Any], name: str) -> str:
    value = report.get(name)
    return value if isinstance(value, str) else ""

"""What is being done at the moment, for log lines: the request that is answered or the job that runs, and by whom."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.http import HttpRequest

#: The request that this thread answers.
current_request: ContextVar[HttpRequest | None] = ContextVar("request being answered", default=None)
#: The key of the job that this process runs.
current_job: ContextVar[str] = ContextVar("job being run", default="")

#: What a proxy may have named a request; anything else could be an address of somebody, or a forged line.
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


def request_id_of(request: HttpRequest) -> str:
    """Return how a request is called: as the proxy has named it (X-Request-ID), or else by a new name."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def user_id_of(request: HttpRequest) -> str | None:
    """Return the key of whoever is logged in, as far as the request has asked; looking it up is not worth a query."""
    user = getattr(request, "_cached_user", None)
    return str(user.pk) if user is not None and user.pk is not None else None


def route_of(request: HttpRequest) -> str:
    """Return the pattern of the address, "-" where none fits: addresses may be secrets, patterns never are."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else "-"


def ids_of(request: HttpRequest) -> dict[str, Any]:
    """Return which rows the address names, by their keys alone: texts may be secrets."""
    match = request.resolver_match
    found = match.kwargs if match is not None else {}
    return {name: _plain(value) for name, value in found.items() if isinstance(value, int | UUID)}


def _plain(value: int | UUID) -> int | str:
    return str(value) if isinstance(value, UUID) else value

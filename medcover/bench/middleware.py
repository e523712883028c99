"""Middleware of the measured server: it counts statements, and answers two addresses as floors.

A floor is the least that any page could cost here: nothing at all, and a session with its user and one SELECT.
Neither passes through what the rest of the site does around a page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from medcover.system.models import SiteSettings

EMPTY, ONE_SELECT = "/bench/empty/", "/bench/select/"
STATEMENTS, DATABASE_MS = "X-Bench-Statements", "X-Bench-Database-Ms"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Statements:
    """Counts what is sent to the database and how long that takes; goes into `connection.execute_wrapper`."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Run one statement."""
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.seconds += time.perf_counter() - begun
            self.count += 1


class Measured:
    """Middleware that puts into the head of every answer what it has cost the database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual."""
        statements = Statements()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        response.headers[STATEMENTS] = str(statements.count)
        response.headers[DATABASE_MS] = f"{statements.seconds * 1000:.3f}"
        return response


class Floors:
    """Middleware that answers the two floors before anything else of the site is asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._select: Any = SessionMiddleware(AuthenticationMiddleware(_one_select))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let everything else through."""
        if request.path == EMPTY:
            return HttpResponse("ok")
        if request.path == ONE_SELECT:
            response: HttpResponseBase = self._select(request)
            return response
        return self.get_response(request)


def _one_select(request: HttpRequest) -> HttpResponse:
    site = SiteSettings.objects.get(pk=1)
    return HttpResponse(f"{request.user.pk} {site.organisation_name}")

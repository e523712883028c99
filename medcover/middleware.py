"""Middleware that sets headers which neither Django nor a library sets."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from medcover.common.permissions_policy import NOTHING


class PermissionsPolicyMiddleware:
    """Deny our pages, and whatever might get into them, the camera, microphone and position."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual; a view that set its own policy keeps it."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NOTHING)
        return response


class ReportingEndpointsMiddleware:
    """Tell browsers where the `report-to` of our content policy leads; to ourselves, never to others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual."""
        response = self.get_response(request)
        response.headers.setdefault("Reporting-Endpoints", 'csp="/csp-report"')
        return response

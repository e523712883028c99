"""Middleware for a `DomainError` that no view has answered itself: a friendly page instead of an error."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from medcover.common.errors import DomainError, NotAllowed
from medcover.system.error_pages import bad_request
from medcover.system.uploads import record_refusal


class RefusalMiddleware:
    """Middleware that answers a DomainError of a view with its sentence: 403 for a lacking right, otherwise 409.

    What the database cannot hold (NUL, a number without end) has not been understood: 400. Nothing was changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual, and record afterwards what the disk has refused."""
        response = self.get_response(request)
        record_refusal(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a refusal into an answer; everything else is somebody else's."""
        if isinstance(exception, DataError):
            return bad_request(request, exception)
        if not isinstance(exception, DomainError):
            return None
        if getattr(request, "htmx", False):
            return _message(request, exception)
        if isinstance(exception, NotAllowed):
            return _page(request, "403.html", exception, HTTPStatus.FORBIDDEN)
        return _page(request, "refused.html", exception, HTTPStatus.CONFLICT)


def _page(request: HttpRequest, template: str, refusal: DomainError, status: HTTPStatus) -> HttpResponse:
    return render(request, template, {"exception": str(refusal)}, status=status)


def _message(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """The sentence alone, for the page's region of messages; what the request was to replace stays as it is."""
    context: dict[str, Any] = {"level": "error", "text": str(refusal), "extra_class": ""}
    answer = render(request, "components/message.html", context, status=HTTPStatus.CONFLICT)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#messages", "beforeend"
    return answer

"""Limit of the request body: too large a request gets a friendly page, before anything of it is read."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

from medcover.common.redirects import safe_next


class BodyLimit:
    """Middleware that refuses requests whose announced length is above REQUEST_BODY_LIMIT.

    Of a request that announces no length Django reads nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual, or say how much is taken."""
        return too_large(request) if _announced(request) > settings.REQUEST_BODY_LIMIT else self.get_response(request)


def too_large(request: HttpRequest) -> HttpResponse:
    """Say how much is taken, and lead back to the form."""
    context = {"limit": settings.REQUEST_BODY_LIMIT, "back": _page_of_form(request)}
    page = loader.get_template("413.html").render(context)
    return HttpResponse(page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _page_of_form(request: HttpRequest) -> str:
    """Return the page on which the form stood, as far as the browser says and it is ours; otherwise nothing."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    here = came_from.netloc == request.get_host()
    return safe_next(request.get_host(), came_from.path if here else None, "")

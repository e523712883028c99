"""Requests with the one character that no text in the database may hold: NUL.

Browsers do not send it; whoever does is trying what happens. What is looked for with it is found nowhere, and a form
that brings it is refused as a whole, in this one place for all filters, fields and parts of addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict

NUL = "\0"
#: What takes its place in addresses: the sign for what cannot be read, which is in no text of ours.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class UnstorableCharacters:
    """Let addresses with NUL find nothing, and refuse forms with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as if the character were an unreadable one."""
        if NUL in request.path_info:
            request.path_info = request.path_info.replace(NUL, UNREADABLE)
        if "%00" in request.META.get("QUERY_STRING", "") or NUL in request.META.get("QUERY_STRING", ""):
            request.GET = _readable(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Refuse a form that could not be stored. Raises BadRequest."""
        if request.method == "POST" and any(NUL in text for pair in _pairs(request.POST) for text in pair):
            raise BadRequest("NUL in a form")


def _readable(query: QueryDict) -> QueryDict:
    readable = QueryDict(mutable=True)
    for name, value in _pairs(query):
        readable.appendlist(name.replace(NUL, UNREADABLE), value.replace(NUL, UNREADABLE))
    return readable


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in query.lists() for value in values]

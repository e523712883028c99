"""Middleware for requests with NUL, the one character that no text in the database may hold.

Browsers do not send it; whoever does is trying what happens. What is looked for with it is found nowhere: one place for
all filters and parts of addresses. Fields of forms refuse it by themselves; what a view reads past a form the database
refuses, and `refusals` answers.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict

NUL = "\0"
#: What takes its place in addresses: the sign for what cannot be read, which is in no text of ours.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class UnstorableCharacters:
    """Middleware that lets addresses and cookies with NUL find nothing, and refuses encodings that no browser uses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as if the character were an unreadable one. Raises BadRequest for the encoding."""
        if not _is_utf8(request):
            raise BadRequest("encoding")
        if "\\000" in request.META.get("HTTP_COOKIE", ""):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in name + value}
        if NUL in request.path_info:
            request.path_info = request.path_info.replace(NUL, UNREADABLE)
        if "%00" in request.META.get("QUERY_STRING", "") or NUL in request.META.get("QUERY_STRING", ""):
            request.GET = _readable(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _is_utf8(request: HttpRequest) -> bool:
    """Say whether the request names no encoding, or the one that browsers send; others may not even be of text."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    try:
        return codecs.lookup(charset).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


def _readable(query: QueryDict) -> QueryDict:
    readable = QueryDict(mutable=True)
    for name, values in query.lists():
        for value in values:
            readable.appendlist(name.replace(NUL, UNREADABLE), str(value).replace(NUL, UNREADABLE))
    return readable

"""Requests with the one character that no text in the database may hold: NUL.

Browsers do not send it; whoever does is trying what happens. What is looked for with it is found nowhere: one place for
all filters and parts of addresses. Fields of forms refuse it by themselves; what a view reads past a form the database
refuses, and `refusals` answers.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, QueryDict

NUL = "\0"
#: What takes its place in addresses: the sign for what cannot be read, which is in no text of ours.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class UnstorableCharacters:
    """Let addresses with NUL find nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as if the character were an unreadable one."""
        if NUL in request.path_info:
            request.path_info = request.path_info.replace(NUL, UNREADABLE)
        if "%00" in request.META.get("QUERY_STRING", "") or NUL in request.META.get("QUERY_STRING", ""):
            request.GET = _readable(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _readable(query: QueryDict) -> QueryDict:
    readable = QueryDict(mutable=True)
    for name, values in query.lists():
        for value in values:
            readable.appendlist(name.replace(NUL, UNREADABLE), str(value).replace(NUL, UNREADABLE))
    return readable

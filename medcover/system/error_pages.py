"""Error pages: what is answered when a view could not.

Django's own views for errors see to a token against forged requests, and for that read the form again, whose reading
may be the error. These pages hold no form and never touch the body of a request.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.encoding import force_str

from medcover.system.body_limit import too_large


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django cannot read; fields whose text is too long get the page of what is too large."""
    return too_large(request) if isinstance(exception, RequestDataTooBig) else _page("400.html", 400)


def permission_denied(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer somebody who lacks the right, with the sentence of the refusal where there is one."""
    return _page("403.html", 403, exception=force_str(exception))


def page_not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (so Django calls it)
    """Answer for what is not there, or not to be known of."""
    return _page("404.html", 404)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer when something broke."""
    return _page("500.html", 500)


def _page(template: str, status: int, **context: Any) -> HttpResponse:
    return HttpResponse(loader.get_template(template).render(context), status=status)

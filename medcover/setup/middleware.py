"""Middleware that sends every request to the set-up wizard until somebody has finished it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from medcover.setup import state
from medcover.system.addresses import BARE_PATHS

#: The pages of the wizard, in their order.
STEPS = ("setup:organisation", "setup:mail", "setup:administrator")


class SetupGuard:
    """Middleware that sends every request to an installation that nobody has set up to the first step of the wizard.

    Stands behind SiteMiddleware, whose settings row it reads. Nobody can log in meanwhile: the login page is
    one of the others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the wizard and what needs no installation through."""
        if request.path.startswith(BARE_PATHS) or request.path in _wizard():
            return self.get_response(request)
        if not state.is_complete(getattr(request, "site_settings", None)):
            return HttpResponseRedirect(reverse(STEPS[0]))
        return self.get_response(request)


@cache
def _wizard() -> frozenset[str]:
    return frozenset(reverse(step) for step in STEPS)

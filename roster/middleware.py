"""Middleware about the person: login required, language, fewer rights without a second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.functional import LazyObject

from medcover.common.redirects import safe_next
from medcover.system.addresses import BARE_PATHS
from roster.restricted_rights import held_back
from roster.second_step import lacks_factor

_READING = {"GET", "HEAD"}


class LanguageMiddleware:
    """Middleware that answers people in the language of their profile, and everybody else in the site's own.

    What the browser prefers is not asked: it says little about the organisation's language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the language active, and say in a header which one it is."""
        language = settings.LANGUAGE_CODE
        if not request.path.startswith(BARE_PATHS):
            language = getattr(request.user, "language", language)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Middleware that wants a logged-in person on every page, except on views marked `login_not_required`."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        """Send strangers to the login page; views open to everybody do not even ask who it is."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """Redirect to the login page, which leads back to where the person wanted to go."""
        return redirect_to_login(_wanted(request), settings.LOGIN_URL)


def _wanted(request: HttpRequest) -> str:
    """The page to return to: where only a form could be sent, the page on which the form stood."""
    if request.method in _READING:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    here = came_from.netloc == request.get_host()
    return safe_next(request.get_host(), came_from.path if here else None, settings.LOGIN_REDIRECT_URL)


class SecondFactorMiddleware:
    """Middleware that leaves whoever lacks a required second factor only a member's rights, on all pages.

    Coordinators open sign-ups and place people on the member pages, too; a door that stands beside an open gate
    protects nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the rights that count."""
        if request.path.startswith(BARE_PATHS) or not request.user.is_authenticated:
            return self.get_response(request)
        request.user = _itself(request.user)
        with held_back(request.user.pk if lacks_factor(request) else None):
            return self.get_response(request)


def _itself(user: Any) -> Any:
    """The person, without what has put off reading them: a page asks them for hundreds of attributes, and each would
    go through two layers.
    """
    while isinstance(user, LazyObject):
        user = user._wrapped  # noqa: SLF001 - read by now; there is no other way to it
    return user

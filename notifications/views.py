"""Notifications in browsers: what a browser fetches, subscribing it, removing devices, and the choice of types.

Nothing of it is there without a key. The page with the forms is the own profile (`templatetags/push.py`). And the
address to which Slack sends its requests, which is not there without its secret.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from medcover.common.errors import DomainError
from notifications.forms import PushChoicesForm
from notifications.push import keys, services
from notifications.slack import config as slack_config
from notifications.slack.requests import is_readable

#: The accent of the pages, for the frame of the installed application.
_ACCENT, _PAPER = "#9b1b30", "#ffffff"


def only_with_key(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer "not found" as long as the installation has no key."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not keys.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@csrf_exempt
@never_cache
@sensitive_post_parameters()
def slack_events(request: HttpRequest) -> HttpResponseBase:
    """Take commands, windows and events of Slack, which signs them; 401 for what it has not signed just now.

    Nothing that was not signed is read: the signature is of the body as it came.
    """
    if not slack_config.takes_requests():
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not _is_signed(request):
        return HttpResponse(status=401)
    if not is_readable(request.body, request.content_type or ""):
        return HttpResponse(status=400)
    from slack_bolt.adapter.django import SlackRequestHandler

    from notifications.slack.app import application

    return SlackRequestHandler(application()).handle(request)


def _is_signed(request: HttpRequest) -> bool:
    from slack_sdk.signature import SignatureVerifier

    verifier = SignatureVerifier(settings.SLACK_SIGNING_SECRET)
    try:
        return verifier.is_valid_request(request.body, dict(request.headers))
    except (ValueError, TypeError):
        return False


@only_with_key
@require_safe
@cache_control(no_cache=True)
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Give out the script that shows notifications; browsers ask each time whether it has changed."""
    found = finders.find("build/sw.js")
    if found is None:
        raise Http404
    script = Path(str(found)).read_bytes()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Service-Worker-Allowed": "/"})


@only_with_key
@require_safe
@cache_control(public=True, max_age=3600)
def manifest(_request: HttpRequest) -> JsonResponse:
    """Describe the site as an application: iPhones show notifications only of what stands on their home screen."""
    described = {
        "id": "/",
        "name": "MedCover",
        "short_name": "MedCover",
        "lang": "cs",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": _ACCENT,
        "background_color": _PAPER,
        "icons": [
            _icon("app-192.png", 192),
            _icon("app-512.png", 512),
            _icon("app-maskable-512.png", 512, purpose="maskable"),
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")


def _icon(name: str, size: int, **more: str) -> dict[str, str]:
    return {"src": static(f"icons/{name}"), "sizes": f"{size}x{size}", "type": "image/png", **more}


@only_with_key
@require_POST
@never_cache
@sensitive_post_parameters()
def subscribe(request: HttpRequest) -> HttpResponse:
    """Remember the browser that sends this."""
    sent = services.SentKeys(*(request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")))
    user_agent = request.headers.get("User-Agent", "")
    return _done(
        request,
        lambda: services.subscribe(sent, by=request.user, user_agent=user_agent),
        _("Notifications are switched on in this browser."),
    )


@only_with_key
@require_POST
@never_cache
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget one of the person's devices."""
    return _done(request, lambda: services.unsubscribe(pk, by=request.user), _("The device has been removed."))


def _done(request: HttpRequest, change: Callable[[], object], words: str) -> HttpResponse:
    """Make a change, say how it went, and return to the card; what is refused is a sentence there as well."""
    try:
        change()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words)
    return _back()


def _back() -> HttpResponse:
    return redirect(f"{reverse('roster:profile')}#push")


@method_decorator(only_with_key, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class ChoicesView(View):
    """Takes the choice of types; reading its address leads to the page."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Lead to the page."""
        return _back()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write what was decided."""
        form = PushChoicesForm(request.POST, person=request.user)
        if not form.is_valid():
            return _back()
        if services.choose(form.decided(), by=request.user):
            messages.success(request, _("Your choice of notifications has been saved."))
        else:
            messages.info(request, _("There was nothing to change."))
        return _back()

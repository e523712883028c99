"""Login and logout through an OpenID Connect provider."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from medcover.common.redirects import safe_next
from medcover.system.addresses import absolute
from roster import oidc
from roster.oidc import LoginFailed
from roster.services import admission
from roster.services.admission import Refused

BACKEND = "roster.backends.ProviderBackend"

View = Callable[..., HttpResponseBase]


def only_in(mode: str) -> Callable[[View], View]:
    """Answer "not found" while the installation logs people in another way than `mode`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if mode != settings.AUTH_MODE:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def begin(request: HttpRequest, wanted: str) -> HttpResponseBase:
    """Send to the provider's login page."""
    callback = absolute(request, reverse("oidc_callback"))
    try:
        return redirect(oidc.begin(request, callback=callback, wanted=wanted))
    except LoginFailed:
        return _failed(request, HTTPStatus.SERVICE_UNAVAILABLE)


@login_not_required
@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponseBase:
    """Let in whoever comes back from the provider, or say why not."""
    try:
        arrival = oidc.finish(request)
        person = admission.admit(arrival.claims, at=timezone.now())
    except LoginFailed:
        return _failed(request, HTTPStatus.BAD_REQUEST)
    except Refused as refusal:
        oidc.keep(request, arrival.id_token)
        return render(request, "registration/oidc_refused.html", {"reason": refusal}, status=HTTPStatus.FORBIDDEN)
    login(request, person, backend=BACKEND)
    oidc.keep(request, arrival.id_token)
    return redirect(safe_next(request.get_host(), arrival.wanted, resolve_url(settings.LOGIN_REDIRECT_URL)))


def _failed(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    return render(request, "registration/oidc_failed.html", status=status)


def leave(request: HttpRequest, address: str) -> HttpResponse:
    """Go on to the provider's logout.

    A page that forwards by itself, because browsers let a form lead only to this site.
    """
    answer = render(request, "registration/oidc_leaving.html", {"address": address})
    answer["Refresh"] = f"0; url={address}"
    return answer


@login_not_required
@require_GET
def logged_out(request: HttpRequest) -> HttpResponseBase:
    """Say that it is done; the login page itself would lead straight back in."""
    return render(request, "registration/oidc_logged_out.html")


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def backchannel_logout(request: HttpRequest) -> HttpResponseBase:
    """End all sessions of a person because the provider says so, server to server; a signed token proves it."""
    try:
        subject = oidc.subject_of_logout(request.POST.get("logout_token", ""))
    except LoginFailed:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    admission.end_sessions_of_subject(subject)
    return HttpResponse(status=HTTPStatus.OK)

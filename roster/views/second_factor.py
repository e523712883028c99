"""Second factor in the profile: switching on, recovery codes, switching off."""

from __future__ import annotations

import time
from base64 import b64encode
from http import HTTPStatus
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as mark_verified

from medcover.common.errors import DomainError
from roster.forms.second_factor import CodeForm, PasswordAgainForm
from roster.models import Authenticator, User
from roster.services import second_factor

#: For so long after the password the set-up may show the secret, in seconds.
SETUP_LASTS = 600

_SETUP_KEY = "second_factor_setup"

WRONG_CODE = gettext_lazy("This code is not right. Check that the clock of your phone is set by itself.")


def state_of(person: Any) -> dict[str, Any]:
    """Return what the card and the page say about the person's second factor."""
    on = second_factor.is_on(person)
    return {"on": on, "codes_left": second_factor.codes_left(person) if on else 0}


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class GuardedView(View):
    """A page about the second factor; every change begins with the own password."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Redirect to the page."""
        return redirect("roster:second_factor")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Check the password, then call `allowed`."""
        form = PasswordAgainForm(request.POST, request=request)
        if not form.is_valid():
            return overview(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return self.allowed(request)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("roster:second_factor")

    def allowed(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request with the right password."""
        raise NotImplementedError


def overview(request: HttpRequest, form: PasswordAgainForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    """Show how things stand."""
    context = {"second_factor": state_of(request.user), "form": form}
    return render(request, "roster/second_factor.html", context, status=status)


class SecondFactorView(GuardedView):
    """The page itself; takes the password with which the set-up begins."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the page."""
        return overview(request, PasswordAgainForm(request=request))

    def allowed(self, request: HttpRequest) -> HttpResponseBase:
        """Begin the set-up."""
        second_factor.begin(request.user.pk)
        request.session[_SETUP_KEY] = int(time.time())
        return redirect("roster:second_factor_setup")


class RenewCodesView(GuardedView):
    """Replaces the recovery codes and shows the new ones once."""

    def allowed(self, request: HttpRequest) -> HttpResponseBase:
        """Show the new codes."""
        return _codes_page(request, second_factor.renew_codes(request.user.pk, by=request.user))


class SwitchOffView(GuardedView):
    """Switches the second factor off."""

    def allowed(self, request: HttpRequest) -> HttpResponseBase:
        """Go back to the page, which offers to switch it on again."""
        second_factor.switch_off(request.user.pk, by=request.user)
        messages.success(request, _("Two-step verification is off."))
        return redirect("roster:second_factor")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SetupView(View):
    """The QR code, and the first code from the app, which switches the factor on."""

    device: Authenticator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the secret only shortly after the password, and never again once it is in use."""
        device = second_factor.authenticator_of(request.user) if _is_fresh(request) else None
        if device is None or device.confirmed:
            messages.info(request, _("Start the set-up again, please."))
            return redirect("roster:second_factor")
        self.device = device
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self._page(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Switch the factor on and show the recovery codes, this once."""
        form = CodeForm(request.POST)
        codes = self._confirmed(form) if form.is_valid() else None
        if codes is None:
            return self._page(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        del request.session[_SETUP_KEY]
        self._keep_session()
        messages.success(request, _("Two-step verification is on. You have been logged out on your other devices."))
        return _codes_page(request, codes)

    def _confirmed(self, form: CodeForm) -> list[str] | None:
        codes = second_factor.confirm(self.request.user.pk, form.cleaned_data["code"], by=self.request.user)
        if codes is None:
            form.add_error("code", WRONG_CODE)
        return codes

    def _keep_session(self) -> None:
        """The session in use has just proven the factor; all others have ended."""
        person = User.objects.get(pk=self.request.user.pk)
        update_session_auth_hash(self.request, person)
        self.device.refresh_from_db()
        mark_verified(self.request, self.device)

    def _page(self, form: CodeForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        secret = self.device.secret or ""
        context = {
            "form": form,
            "qr": segno.make(self.device.config_url, error="m").svg_data_uri(scale=5, border=3, light="#fff"),
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "config_url": self.device.config_url,
        }
        return render(self.request, "roster/second_factor_setup.html", context, status=status)


def _is_fresh(request: HttpRequest) -> bool:
    return bool(time.time() - request.session.get(_SETUP_KEY, 0) < SETUP_LASTS)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show the codes; the file to keep is part of the page, so that the server need not remember them."""
    text = "\r\n".join([_("MedCover – recovery codes"), request.user.get_username(), "", *codes, ""])
    data = b64encode(text.encode()).decode("ascii")
    context = {"codes": codes, "file": f"data:text/plain;charset=utf-8;base64,{data}"}
    return render(request, "roster/recovery_codes.html", context)

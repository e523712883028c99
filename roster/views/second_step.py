"""Second step of the login: sign-in with a TOTP code or a recovery code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from medcover.common.redirects import safe_next
from roster import lockout, second_step
from roster.forms.second_factor import RecoveryCodeForm, SecondStepForm
from roster.models import User
from roster.services import second_factor
from roster.services.second_factor import Verdict

BACKEND = "roster.backends.RoleBackend"


def start(request: HttpRequest, person: User, wanted: str) -> HttpResponse:
    """Lead whoever gave the right password to the second step; nobody is logged in yet."""
    second_step.remember(request, person)
    return redirect(_with_next("second_step", wanted))


def _with_next(name: str, wanted: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': wanted})}" if wanted else reverse(name)


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class SecondStepView(View):
    """Asks for a code of the app, or for a recovery code."""

    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever has just given a password."""
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        person = second_step.person_of(request)
        if person is None:
            return self._again(_("Please log in again; the code has to follow within 10 minutes."))
        if lockout.is_locked(person):
            return self._again(_locked())
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self._page(SecondStepForm(), RecoveryCodeForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Log in with the right code; a wrong one counts like a wrong password."""
        recovering = "recovery_code" in request.POST
        form = RecoveryCodeForm(request.POST) if recovering else SecondStepForm(request.POST)
        if not lockout.begin_attempt(self.person.email):
            return self._again(_locked())
        verdict = self._judge(form)
        if verdict is Verdict.RIGHT:
            return self._log_in()
        if verdict is not Verdict.WRONG:
            lockout.end_attempt(self.person.email)
        elif lockout.is_locked(self.person):
            return self._again(_locked())
        pages = (SecondStepForm(), form) if recovering else (form, RecoveryCodeForm())
        return self._page(*pages, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _judge(self, form: SecondStepForm | RecoveryCodeForm) -> Verdict | None:
        """Return what the code is worth, None when there was none; the form says what is wrong."""
        if not form.is_valid():
            return None
        if isinstance(form, RecoveryCodeForm):
            verdict = second_factor.check_recovery_code(self.person.pk, form.cleaned_data["recovery_code"])
        else:
            verdict = second_factor.check_code(self.person.pk, form.cleaned_data["code"])
        if verdict is not Verdict.RIGHT:
            form.add_error(next(iter(form.fields)), self._why(verdict))
        return verdict

    def _why(self, verdict: Verdict) -> str:
        if verdict is Verdict.WRONG:
            return _("This code is not right, or it has been used already.")
        seconds = max(1, second_factor.pause_of(self.person))
        words = ngettext(
            "After a wrong code please wait %d second, then try a new one.",
            "After a wrong code please wait %d seconds, then try a new one.",
            seconds,
        )
        return words % seconds

    def _log_in(self) -> HttpResponseBase:
        second_step.forget(self.request)
        # The session remembers which device has proven that it is really them.
        self.person.otp_device = second_factor.authenticator_of(self.person)  # type: ignore[attr-defined]
        login(self.request, self.person, backend=BACKEND)
        return redirect(self._wanted() or resolve_url(settings.LOGIN_REDIRECT_URL))

    def _page(self, code_form: SecondStepForm, recovery_form: RecoveryCodeForm, *, status: int = 200) -> HttpResponse:
        context = {"code_form": code_form, "recovery_form": recovery_form, "next": self._wanted()}
        return render(self.request, "registration/second_step.html", context, status=status)

    def _again(self, why: str) -> HttpResponseBase:
        second_step.forget(self.request)
        messages.error(self.request, why)
        return redirect(_with_next("login", self._wanted()))

    def _wanted(self) -> str:
        wanted = self.request.POST.get("next", self.request.GET.get("next"))
        return safe_next(self.request.get_host(), wanted, "")


def _locked() -> str:
    return _("After five failed attempts in a row the account is locked for 15 minutes. Please try again later.")

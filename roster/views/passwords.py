"""Forgotten password: asking for a link, and setting a new one."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from medcover.common.errors import StaleRecord
from medcover.system.rate_limits import address_of
from roster.forms import ForgottenPasswordForm, NewPasswordForm, focus_first_error
from roster.models import User
from roster.services import passwords
from roster.services.passwords import LinkDead

#: Where the session keeps the secret of a link, so that no address shows it.
SESSION_TOKEN = "password_reset_token"  # noqa: S105 - the name of a place

#: Said whether or not there is an account.
SAME_ANSWER = gettext_lazy(
    "If there is an account with this e-mail, a link to a new password is on its way. It works for 10 minutes."
)


@method_decorator([login_not_required, never_cache], name="dispatch")
class ForgottenPasswordView(View):
    """Asks for an address; the answer never tells whether it has an account."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form."""
        return _forgotten(request, ForgottenPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Have the link sent, if there is anybody to send it to."""
        form = ForgottenPasswordForm(request.POST)
        if not form.is_valid():
            focus_first_error(form)
            return _forgotten(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        passwords.have_reset_requested(form.cleaned_data["email"], sender=address_of(request))
        messages.info(request, SAME_ANSWER)
        return redirect("login")


def _forgotten(request: HttpRequest, form: ForgottenPasswordForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "registration/forgotten_password.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_GET
def reset_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the secret out of the address and into the session, where no Referer finds it."""
    try:
        passwords.person_of(token)
    except LinkDead:
        return link_dead(request)
    # A session that somebody has planted in this browser must not come to hold the secret.
    request.session.cycle_key()
    request.session[SESSION_TOKEN] = token
    return redirect("new_password")


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class NewPasswordView(View):
    """The new password of whoever came by a link."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form."""
        try:
            person = passwords.person_of(request.session.get(SESSION_TOKEN, ""))
        except LinkDead:
            return link_dead(request)
        return _new(request, person, NewPasswordForm(person=person))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Set the password; the link is used up, and all sessions of the person end."""
        token = request.session.get(SESSION_TOKEN, "")
        try:
            person = passwords.person_of(token)
            form = NewPasswordForm(request.POST, person=person)
            if not form.is_valid():
                focus_first_error(form)
                return _new(request, person, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except LinkDead:
            return link_dead(request)
        return self._set(request, token, form.cleaned_data["new"])

    def _set(self, request: HttpRequest, token: str, password: str) -> HttpResponseBase:
        try:
            passwords.reset_password(token, password)
        except LinkDead:  # it worked a moment ago: somebody has used it in the meantime
            messages.error(request, str(StaleRecord()))
            return link_dead(request)
        del request.session[SESSION_TOKEN]
        messages.success(request, _("Your password has been changed. Log in with the new one."))
        return redirect("login")


def _new(request: HttpRequest, person: User, form: NewPasswordForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"form": form, "email": person.email}
    return render(request, "registration/new_password.html", context, status=status)


def link_dead(request: HttpRequest) -> HttpResponse:
    """Say that the link does not work, and offer a new one."""
    request.session.pop(SESSION_TOKEN, None)
    return render(request, "registration/link_dead.html", status=HTTPStatus.BAD_REQUEST)

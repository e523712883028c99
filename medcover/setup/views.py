"""The pages of the set-up wizard."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import load_backend, login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from medcover.common.errors import DomainError
from medcover.setup import services, state
from medcover.setup.forms import AdministratorForm, MailForm, OrganisationForm
from medcover.setup.services import SetupOver
from medcover.system.models import SiteSettings
from notifications.trial import send_trial
from roster.backends import RoleBackend

#: Set in the session of whoever has just finished, for one look at the last page.
JUST_DONE = "setup_just_done"

TITLES: dict[int, Promise] = {
    1: gettext_lazy("Organisation"),
    2: gettext_lazy("Outgoing e-mail (SMTP)"),
    3: gettext_lazy("Administrator's account"),
}


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class Step(View):
    """View of one page of the wizard; gone once set-up is over."""

    number: int

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Redirect from a step that is no longer, or not yet, to be taken."""
        if state.is_complete(_site(request)):
            return redirect(settings.LOGIN_REDIRECT_URL)
        if self.number > 1 and not _site(request).organisation_name:
            return redirect("setup:organisation")
        try:
            return super().dispatch(request, *args, **kwargs)
        except SetupOver as refusal:
            messages.error(request, str(refusal))
            return redirect(settings.LOGIN_REDIRECT_URL)

    def form(self, data: Any = None) -> forms.BaseForm:
        """Return the form of this step, filled in with what is known."""
        raise NotImplementedError

    def take(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        """Save the valid form and redirect to the next step."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form."""
        return self._page(request, self.form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Save a valid form, or show its errors."""
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self.take(request, form)
            except ValidationError as refusal:
                _show(form, refusal)
        return self._page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _page(self, request: HttpRequest, form: forms.BaseForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        context = {"form": form, "number": self.number, "titles": TITLES, "title": TITLES[self.number]}
        return render(request, f"setup/step{self.number}.html", context, status=status)


class OrganisationStep(Step):
    """First page: whose installation this is."""

    number = 1

    def form(self, data: Any = None) -> forms.BaseForm:
        """Show what was saved when somebody comes back."""
        return OrganisationForm(data, instance=SiteSettings.load())

    def take(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        """Save and go on."""
        services.save_step(**form.cleaned_data)
        return redirect("setup:mail")


class MailStep(Step):
    """Second page: the mail server; may be left for later."""

    number = 2

    def form(self, data: Any = None) -> forms.BaseForm:
        """Show what was saved, but the password."""
        return MailForm(data, instance=SiteSettings.load())

    def take(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        """Save, and go on or stay to try it."""
        services.save_step(**form.cleaned_data)
        if "trial" not in request.POST:
            return redirect("setup:administrator")
        _try_mail(request)
        return redirect("setup:mail")


def _try_mail(request: HttpRequest) -> None:
    try:
        address = send_trial(by=None)
    except DomainError as failure:
        messages.error(request, str(failure))
    else:
        messages.success(request, _("The trial mail has been sent to %s.") % address)


class AdministratorStep(Step):
    """Third page: the first account; with it the installation is complete."""

    number = 3

    def form(self, data: Any = None) -> forms.BaseForm:
        """Show an empty form."""
        return AdministratorForm(data)

    def take(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        """Make the account, log its owner in and show that all is done."""
        typed = form.cleaned_data
        administrator = services.finish(name=typed["name"], email=typed["email"], password=typed["new"])
        login(request, administrator, backend=_backend())
        request.session[JUST_DONE] = True
        return redirect("setup:done")


@never_cache
def done(request: HttpRequest) -> HttpResponseBase:
    """Tell the new administrator, once, that the installation is ready and what comes next."""
    if not request.session.pop(JUST_DONE, False):
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"site": _site(request), "may_invite": settings.AUTH_MODE == "local"}
    return render(request, "setup/done.html", context)


def _backend() -> str:
    """Return the backend that answers for sessions; which one that is depends on how people log in here."""
    return next(path for path in settings.AUTHENTICATION_BACKENDS if isinstance(load_backend(path), RoleBackend))


def _site(request: HttpRequest) -> SiteSettings:
    site: SiteSettings = request.site_settings  # type: ignore[attr-defined]
    return site


def _show(form: Any, refusal: ValidationError) -> None:
    """Put what a service objects to beside its field, if the form has it, else above the form."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)

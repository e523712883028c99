"""Registration by the link of an invitation."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from medcover.common.errors import DomainError
from roster.forms import RegistrationForm, focus_first_error
from roster.models import Invitation
from roster.services import invitations
from roster.services.invitations import AddressTaken, InvitationDead


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class RegistrationView(View):
    """Name and password of an invited person, who is then sent to the login."""

    #: Mail programs that only look whether a link is there must not count as its first opening.
    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Show the form, and remember that the link was opened."""
        try:
            invitation = invitations.first_opened(token, at=timezone.now())
        except InvitationDead as refusal:
            return _to_login(request, refusal)
        return _page(request, invitation, RegistrationForm(email=invitation.email))

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Create the account."""
        at = timezone.now()
        try:
            invitation = invitations.find_valid(token, at=at)
            form = RegistrationForm(request.POST, email=invitation.email)
            if not form.is_valid():
                focus_first_error(form)
                return _page(request, invitation, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
            invitations.register(token, name=form.cleaned_data["name"], password=form.cleaned_data["new"], at=at)
        except (InvitationDead, AddressTaken) as refusal:
            return _to_login(request, refusal)
        messages.success(request, _("Your account is ready. Log in with your e-mail and the password you have chosen."))
        return redirect("login")


def _page(
    request: HttpRequest, invitation: Invitation, form: RegistrationForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    return render(request, "registration/register.html", {"form": form, "token": invitation.token}, status=status)


def _to_login(request: HttpRequest, refusal: DomainError) -> HttpResponseBase:
    messages.error(request, str(refusal))
    return redirect("login")

"""Login and logout."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from medcover.common.redirects import safe_next
from medcover.system.addresses import absolute
from roster import oidc
from roster.forms import LoginForm
from roster.models import User
from roster.rights import Role
from roster.services import second_factor
from roster.views import oidc as oidc_views
from roster.views import second_step

#: The demo data command gives all its accounts these; production has neither the accounts nor the panel.
DEMO_ACCOUNTS = r"^dev\.[a-z]+@medcover\.local$"
DEMO_PASSWORD = "devpassword"  # noqa: S105 - public by design


class GuardedRedirect(auth_views.RedirectURLMixin):
    """View mixin that follows a return address only if `safe_next` lets it pass."""

    request: HttpRequest

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Return the wanted page of this site, or nothing."""
        wanted = self.request.POST.get("next", self.request.GET.get("next"))
        return safe_next(self.request.get_host(), wanted, "")


@method_decorator(login_not_required, name="dispatch")
class LoginView(GuardedRedirect, auth_views.LoginView):
    """The login page; whoever is logged in already goes to the dashboard."""

    authentication_form = LoginForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let only strangers log in; where a provider knows the people, it asks them."""
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        if settings.AUTH_MODE == "oidc":
            return oidc_views.begin(request, self.get_redirect_url())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, and say why to those who wanted another page."""
        if self.get_redirect_url() not in {"", settings.LOGIN_REDIRECT_URL}:
            messages.warning(request, _("Please log in first."))
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in, or ask for a code first where the account has a second factor."""
        if second_factor.is_on(form.get_user()):
            return second_step.start(self.request, form.get_user(), self.get_redirect_url())
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo accounts where the settings allow them."""
        context = super().get_context_data(**kwargs)
        if settings.DEVELOPMENT_LOGIN:
            context |= {"dev_accounts": demo_accounts(), "dev_password": DEMO_PASSWORD}
        return context


def demo_accounts() -> list[tuple[str, str]]:
    """Return e-mail and roles of the demo accounts that exist here."""
    people = User.objects.filter(email__regex=DEMO_ACCOUNTS).prefetch_related("groups").order_by("created")
    return [(person.email, _roles_in_words(person)) for person in people]


def _roles_in_words(person: User) -> str:
    return ", ".join(str(role.label) for role in Role if person.has_role(role)) or person.name


@method_decorator(login_not_required, name="dispatch")
class LogoutView(GuardedRedirect, auth_views.LogoutView):
    """Ends the session; only by POST."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log out and say so on the login page; with a provider, end its session as well."""
        if settings.AUTH_MODE == "oidc":
            return self._leave(request)
        answer = super().post(request, *args, **kwargs)
        messages.success(request, _("You have been logged out."))
        return answer

    def _leave(self, request: HttpRequest) -> HttpResponse:
        back = reverse("oidc_logged_out")
        address = oidc.end_session_url(request, back=absolute(request, back))
        logout(request)
        return oidc_views.leave(request, address) if address else redirect(back)

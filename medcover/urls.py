"""All addresses of the site."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from events.views.feeds import feed
from medcover.system.views import healthz
from roster.views.access import LoginView, LogoutView
from roster.views.passwords import ForgottenPasswordView, NewPasswordView, reset_link
from roster.views.registration import RegistrationView
from roster.views.second_step import SecondStepView

urlpatterns = [
    path("healthz", login_not_required(healthz), name="healthz"),
    path("login/", LoginView.as_view(), name="login"),
    path("login/code/", SecondStepView.as_view(), name="second_step"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("register/<str:token>/", RegistrationView.as_view(), name="register"),
    path("password/forgotten/", ForgottenPasswordView.as_view(), name="forgotten_password"),
    path("password/new/", NewPasswordView.as_view(), name="new_password"),
    path("password/new/<str:token>/", reset_link, name="reset_link"),
    path("setup/", include("medcover.setup.urls")),
    path("profile/", include("roster.urls")),
    re_path(r"^ical/(?P<token>[0-9a-f]{64})\.ics$", feed, name="ical"),
    # Logging out and changing the password are the same everywhere.
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="roster:profile")),
    path("admin/", admin.site.urls),
    path("", include("events.urls")),
]

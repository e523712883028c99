"""All addresses of the site."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from events.views.feeds import feed
from medcover.system.views import healthz
from roster.views.access import LoginView, LogoutView

urlpatterns = [
    path("healthz", login_not_required(healthz), name="healthz"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", include("roster.urls")),
    re_path(r"^ical/(?P<token>[0-9a-f]{64})\.ics$", feed, name="ical"),
    # Logging out and changing the password are the same everywhere.
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="roster:profile")),
    path("admin/", admin.site.urls),
    path("", include("events.urls")),
]

"""Addresses of the pages about oneself, below /profile/."""

from __future__ import annotations

from django.urls import path, re_path

from roster.views import profile, theme

app_name = "roster"

urlpatterns = [
    path("", profile.ProfileView.as_view(), name="profile"),
    path("preferences/", profile.PreferencesView.as_view(), name="preferences"),
    path("password/", profile.PasswordView.as_view(), name="password"),
    re_path(r"^calendar-link/(?P<which>own|all)/$", profile.renew_calendar_link, name="calendar_link"),
    path("calendar-guide/", profile.calendar_guide, name="calendar_guide"),
    path("theme/", theme.theme, name="theme"),
]

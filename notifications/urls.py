"""Addresses of notifications: of browsers two at the root and those below /profile/push/, and the one of Slack."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from notifications import views

app_name = "push"

urlpatterns = [
    # A worker is in charge of what lies beside and below its own address.
    path("sw.js", login_not_required(views.service_worker), name="worker"),
    path("manifest.webmanifest", login_not_required(views.manifest), name="manifest"),
    path("slack/events", login_not_required(views.slack_events), name="slack"),
    path("profile/push/", views.ChoicesView.as_view(), name="choices"),
    path("profile/push/subscribe/", views.subscribe, name="subscribe"),
    path("profile/push/<uuid:pk>/remove/", views.remove, name="remove"),
]

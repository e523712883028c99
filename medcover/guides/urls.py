"""URLs of the guides, below /guides/."""

from __future__ import annotations

from django.urls import path

from medcover.guides import views

app_name = "guides"

urlpatterns = [
    path("", views.guide, name="home"),
    path("<slug:name>/", views.guide, name="guide"),
]

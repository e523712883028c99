"""Addresses of the set-up wizard, below /setup/."""

from __future__ import annotations

from django.urls import path

from medcover.setup import views

app_name = "setup"

urlpatterns = [
    path("", views.OrganisationStep.as_view(), name="organisation"),
    path("mail/", views.MailStep.as_view(), name="mail"),
    path("administrator/", views.AdministratorStep.as_view(), name="administrator"),
    path("done/", views.done, name="done"),
]

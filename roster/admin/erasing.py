"""Erasing somebody who has left: one page that says what goes and what stays, and asks for the person's address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from medcover.backoffice.mixins import RowPage
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError
from roster.models import User
from roster.services import ErasedPerson, erasure

PAGE = "admin/roster/user/erase.html"


class ErasurePages(RowPage):
    """Admin mixin with the page that erases a person, and the link to it from their own page."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.erase_view)
        return [path("<path:object_id>/erase/", view, name="roster_user_erase"), *super().get_urls()]

    def erase_url(self, request: HttpRequest, person: User) -> str:
        """Return the address for a person who might be erased by this administrator, otherwise an empty text."""
        possible = person.state == User.State.ARCHIVED and person.pk != request.user.pk
        if not possible or not request.user.has_perm(erasure.RIGHT):
            return ""
        return reverse(f"{self.admin_site.name}:roster_user_erase", args=[quote(person.pk)])

    def erase_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Say what would happen (GET), or do it (POST)."""
        person = self.get_object(request, unquote(object_id))
        if person is None:
            raise Http404
        if not request.user.has_perm(erasure.RIGHT):
            raise PermissionDenied
        return self._erase(request, person) if request.method == "POST" else self._ask(request, person)

    def _ask(self, request: HttpRequest, person: User) -> HttpResponseBase:
        if not person.is_archived:
            words = _("Only an archived person can be erased. Archive the person first.")
            return self.after(request, person.pk, words, messages.ERROR)
        try:
            forecast = erasure.forecast(person, by=request.user, at=timezone.now())
        except ErasedPerson as refusal:
            return self.after(request, person.pk, refusal, messages.INFO)
        return self._page(request, person, forecast)

    def _erase(self, request: HttpRequest, person: User) -> HttpResponseBase:
        typed, version = request.POST.get("typed", ""), posted_version(request.POST.get("version"))
        try:
            erased = erasure.erase(person.pk, typed=typed, by=request.user, at=timezone.now(), version=version)
        except ErasedPerson as refusal:
            return self.after(request, person.pk, refusal, messages.INFO)
        except erasure.NotConfirmed as refusal:
            forecast = erasure.forecast(person, by=request.user, at=timezone.now())
            return self._page(request, person, forecast, error=str(refusal))
        except DomainError as refusal:
            return self.after(request, person.pk, refusal, messages.ERROR)
        done = _("The personal data have been erased. What the person did is kept under the name “%s”.") % erased.name
        return self.after(request, person.pk, done)

    def _page(self, request: HttpRequest, person: User, forecast: erasure.Forecast, *, error: str = "") -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Erase personal data"),
            "person": person,
            "forecast": forecast,
            "error": error,
            "back": self.change_url(request, person.pk),
        }
        return TemplateResponse(request, PAGE, context, status=422 if error else 200)

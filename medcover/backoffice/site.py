"""The admin site of the backoffice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from medcover.backoffice import attention
from medcover.backoffice.installation import TITLE as INSTALLATION
from medcover.backoffice.installation import installation_view
from medcover.backoffice.lookups import ClosedLookups
from medcover.backoffice.people import people_view
from medcover.backoffice.rights import RIGHT, TITLE, rights_view
from roster.second_step import lacks_factor


class Backoffice(AdminSite):
    """Django's admin site for whoever may open the backoffice; each page then asks its own right."""

    site_header = site_title = _("MedCover – backoffice")
    index_title = _("Overview")
    empty_value_display = "—"

    def register(self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any) -> None:
        """Register the admin classes of our own apps only; the raw tables of libraries are nobody's business here."""
        if admin_class is None or not admin_class.__module__.startswith(_own_packages()):
            return
        if not issubclass(admin_class, ClosedLookups):
            raise ImproperlyConfigured(f"{admin_class.__name__} would take any column as a look-up: add ClosedLookups.")
        super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the start page: what needs somebody today."""
        return super().index(request, {**attention.context(request), **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may be here at all; every page asks it."""
        return _has_right(request) and not lacks_factor(request)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """Send to the one login page; who is logged in without the right is told so instead."""
        if self.has_permission(request):
            return redirect("admin:index")
        if _has_right(request):
            messages.warning(request, _("The backoffice needs two-step verification. Set it up first."))
            return redirect("roster:second_factor")
        if request.user.is_authenticated:
            raise PermissionDenied
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the search behind every picker of a person, the overview of rights, and the state of the installation."""
        return [
            path("people-search/", self.admin_view(people_view), name="people_search"),
            path("installation/", self.admin_view(installation_view), name="installation"),
            path("rights/", self.admin_view(rights_view), name="rights"),
            path("r/<int:content_type_id>/<path:object_id>/", self.admin_view(_shown_on_site), name="view_on_site"),
            *super().get_urls(),
        ]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer nothing: our pickers have addresses of their own, each with its own right."""
        raise Http404

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Name the overview of rights and the state of the installation beside the pages about the installation."""
        found = super().get_app_list(request, app_label)
        for app in found:
            if app["app_label"] == "system" and request.user.has_perm(RIGHT):
                app["models"].append(_as_page(TITLE, reverse(f"{self.name}:rights")))
                app["models"].append(_as_page(INSTALLATION, reverse(f"{self.name}:installation")))
        return found


def _shown_on_site(request: HttpRequest, content_type_id: int, object_id: str) -> HttpResponseBase:
    """Lead to the page of a row, as Django does; what cannot be a key is a row that does not exist."""
    try:
        return shortcut(request, content_type_id, object_id)
    except ValidationError as error:
        raise Http404 from error


def _has_right(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.could("roster.access_backoffice")


def _as_page(name: Any, url: str) -> dict[str, Any]:
    """A page that shows no model, in the form in which the admin lists the others."""
    return {"name": name, "object_name": "page", "admin_url": url, "add_url": None, "view_only": True, "perms": {}}


def _own_packages() -> tuple[str, ...]:
    return tuple(f"{config.rsplit('.', 2)[0]}." for config in settings.OWN_APPS)

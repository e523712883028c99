"""The static status page in the backoffice: how its pushes have ended, and the button that pushes now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import StaticPagePush
from equipment.static_page import pushing, targets
from medcover.backoffice.columns import badge
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats
from medcover.common.czech import MISSING
from medcover.common.errors import DomainError

Status = StaticPagePush.Status

_BADGES = {
    Status.PENDING: ("partial", "clock"),
    Status.DELIVERED: ("full", "check-lg"),
    Status.FAILED: ("short", "exclamation-triangle"),
}


def _moment(at: Any) -> str:
    return formats.date_time(at, timezone.get_current_timezone()) if at else MISSING


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


@admin.register(StaticPagePush)
class StaticPageAdmin(ReadOnlyPage, Paged, admin.ModelAdmin):
    """The last pushes, the newest first; a button asks for another one."""

    right = pushing.PUSH
    list_display = ("asked_column", "outcome_column", "attempts", "next_column", "ended_column", "target_column")
    list_display_links = None
    list_filter = ("status",)
    ordering = ("-asked_at", "-id")
    change_list_template = "admin/equipment/staticpagepush/change_list.html"

    @admin.display(description=gettext_lazy("Asked for"), ordering="asked_at")
    def asked_column(self, row: StaticPagePush) -> str:
        """The moment in the site's zone."""
        return _moment(row.asked_at)

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def outcome_column(self, row: StaticPagePush) -> SafeString:
        """Colour, icon and word, and below what went wrong."""
        state = badge(*_BADGES[Status(row.status)], Status(row.status).label)
        return format_html('{}<br><span class="quiet">{}</span>', state, row.last_error) if row.last_error else state

    @admin.display(description=gettext_lazy("Next attempt"))
    def next_column(self, row: StaticPagePush) -> str:
        """When it is tried again; only a waiting one is."""
        if row.status != Status.PENDING:
            return MISSING
        return _moment(row.next_attempt_at) if row.next_attempt_at else _("at once")

    @admin.display(description=gettext_lazy("Ended"), ordering="ended_at")
    def ended_column(self, row: StaticPagePush) -> str:
        """The moment in the site's zone."""
        return _moment(row.ended_at)

    @admin.display(description=gettext_lazy("Target"))
    def target_column(self, row: StaticPagePush) -> SafeString:
        """Where it was written, and what CloudFront calls the invalidation."""
        return format_html('{}<br><span class="quiet">{}</span>', row.target or MISSING, row.invalidation)

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address that the button posts to."""
        view = self.admin_site.admin_view(self.push_view)
        return [path("push/", view, name="equipment_staticpagepush_push"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what there is, and where the page is written."""
        latest = StaticPagePush.objects.ended().first() if self.has_view_permission(request) else None
        context = {
            "is_set": targets.is_set(),
            "target": targets.name(),
            "public_url": settings.STATIC_PAGE_PUBLIC_URL if _is_web(settings.STATIC_PAGE_PUBLIC_URL) else "",
            "distribution": settings.CLOUDFRONT_DISTRIBUTION_ID,
            "has_failed": latest is not None and latest.status == Status.FAILED,
            "push_url": reverse("admin:equipment_staticpagepush_push"),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A push has no page of its own."""
        return HttpResponseRedirect(reverse("admin:equipment_staticpagepush_changelist"))

    def push_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a push (POST), and go back to the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._push(request)
        return HttpResponseRedirect(reverse("admin:equipment_staticpagepush_changelist"))

    def _push(self, request: HttpRequest) -> None:
        try:
            pushing.ask_at_once(by=request.user, at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, _("The page is being pushed. Reload this list to see how it went."))

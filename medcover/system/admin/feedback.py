"""Admin of feedback: everything that was sent, newest first, and deleting it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats
from medcover.system import feedback_services
from medcover.system.models import UserFeedback


@admin.register(UserFeedback)
class FeedbackAdmin(ReadOnlyPage, Paged):
    """Feedback of users; it is read, and at last deleted."""

    right = feedback_services.MANAGE
    list_display = (
        "submitted_column",
        "user_column",
        "page_column",
        "message",
        "browser_column",
        "app_version",
        "delete_column",
    )
    list_display_links = ("submitted_column",)
    list_select_related = ("user",)
    list_max_show_all = 0
    ordering = ("-submitted", "-id")
    sortable_by = ()
    actions = None
    fields = (
        "submitted_column", "user_column", "page_column", "message", "user_agent", "screen", "app_version",
    )  # fmt: skip
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever reads it may delete it, but not where everybody knows the passwords."""
        return self.has_view_permission(request, obj) and not settings.DEVELOPMENT_LOGIN

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Leave out the way to what would be refused."""
        shown = self.list_display
        return (
            shown if self.has_delete_permission(request) else tuple(name for name in shown if name != "delete_column")
        )

    @admin.display(description=gettext_lazy("Time"))
    def submitted_column(self, row: UserFeedback) -> str:
        """To the minute, in the site's zone."""
        return formats.date_time(row.submitted, timezone.get_current_timezone())

    @admin.display(description=gettext_lazy("User"))
    def user_column(self, row: UserFeedback) -> str:
        """Who wrote it."""
        return str(row.user) if row.user else _("(deleted user)")

    @admin.display(description=gettext_lazy("Page"))
    def page_column(self, row: UserFeedback) -> SafeString | str:
        """Where they were; a page of ours, or nothing."""
        return format_html('<a href="{}">{}</a>', row.page, row.page) if row.page else "—"

    @admin.display(description=gettext_lazy("Browser and screen"))
    def browser_column(self, row: UserFeedback) -> SafeString:
        """What the browser said of itself."""
        return format_html("{}<br>{}", row.user_agent, row.screen)

    @admin.display(description=gettext_lazy("Delete"))
    def delete_column(self, row: UserFeedback) -> SafeString:
        """The way to the page that asks once more."""
        url = reverse(f"{self.admin_site.name}:system_userfeedback_delete", args=[row.pk])
        words = _("Delete the feedback of %s") % row
        return format_html('<a class="deletelink" href="{}" aria-label="{}">{}</a>', url, words, _("Delete"))

    def delete_model(self, request: HttpRequest, obj: UserFeedback) -> None:
        """Delete through the service, which records it."""
        feedback_services.delete(obj.pk, by=request.user)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Leave Django's own log empty; the audit record has it."""
        return []

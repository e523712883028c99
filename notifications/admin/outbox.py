"""The outbox in the backoffice: every message that was ever to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medcover.backoffice.bulk import BulkAction, BulkActions
from medcover.backoffice.columns import NothingLast, badge
from medcover.backoffice.mixins import FoldedSearch
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.backoffice.steps import Step, StepTable
from medcover.common import formats
from medcover.common.bulk import BulkResult
from medcover.common.czech import MISSING
from medcover.system.models import SiteSettings
from notifications import registry, services
from notifications.composing import compose
from notifications.models import OutboxMessage
from notifications.push import composing as push_composing
from notifications.rules import Priority
from notifications.slack import composing as slack_composing
from notifications.slack import config as slack_config
from notifications.slack import registry as slack_registry
from notifications.slack.troubles import remedy_of

Status, Channel = OutboxMessage.Status, OutboxMessage.Channel

#: Status → class of the badge and its icon.
_BADGES = {
    Status.PENDING: ("partial", "clock"),
    Status.SENDING: ("published", "envelope"),
    Status.SENT: ("full", "check-lg"),
    Status.FAILED: ("short", "exclamation-triangle"),
    Status.SKIPPED: ("draft", "x-lg"),
}
_CHANNELS = {Channel.MAIL: "envelope", Channel.PUSH: "bell", Channel.SLACK: "megaphone"}
SHORT_ERROR = 80


def _moment(at: datetime | None) -> str:
    return formats.date_time(at, timezone.get_current_timezone())


class TypeFilter(SimpleListFilter):
    """Messages of one type."""

    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the whole catalogue."""
        mailed = [(notice.code, str(notice.name)) for notice in registry.catalogue()]
        posts = slack_registry.posts.values() if slack_config.is_on() else ()
        posted = [(post.code, str(post.name)) for post in posts]
        return sorted([*mailed, *posted], key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen type."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class OutboxColumns(admin.ModelAdmin):
    """What is shown of one message."""

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created_column(self, message: OutboxMessage) -> str:
        """The moment in the site's zone."""
        return _moment(message.created_at)

    @admin.display(description=gettext_lazy("Way"), ordering="channel")
    def channel_column(self, message: OutboxMessage) -> SafeString:
        """Icon and word."""
        return badge("draft", _CHANNELS[Channel(message.channel)], Channel(message.channel).label)

    @admin.display(description=gettext_lazy("Type"), ordering="code")
    def type_column(self, message: OutboxMessage) -> str:
        """The name of the type."""
        return _name_of(message.code)

    @admin.display(description=gettext_lazy("Message"), ordering="code")
    def message_column(self, message: OutboxMessage) -> SafeString:
        """The name of the type, and below it the subject."""
        name = _name_of(message.code)
        return _two_lines(name, "" if message.channel == Channel.SLACK else message.subject)

    @admin.display(description=gettext_lazy("Recipient"), ordering="recipient__name_sort")
    def recipient_column(self, message: OutboxMessage) -> SafeString | str:
        """The person, and below the address; the address alone where it has no account."""
        return _two_lines(message.recipient.name, message.to_email) if message.recipient else message.to_email

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def status_column(self, message: OutboxMessage) -> SafeString:
        """Colour, icon and word."""
        status = Status(message.status)
        return badge(*_BADGES[status], status.label)

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def outcome_column(self, message: OutboxMessage) -> SafeString:
        """The status, and below it the beginning of what went wrong."""
        error = Truncator(message.last_error).chars(SHORT_ERROR)
        return _two_lines(self.status_column(message), error) if error else self.status_column(message)

    @admin.display(description=gettext_lazy("Last error"))
    def error_column(self, message: OutboxMessage) -> SafeString | str:
        """What went wrong, and below it what helps, if that is known."""
        remedy = remedy_of(message.last_error) if message.channel == Channel.SLACK else ""
        return _two_lines(message.last_error, str(remedy)) if remedy else message.last_error or MISSING

    @admin.display(description=gettext_lazy("Next attempt"), ordering=NothingLast("send_after"))
    def next_column(self, message: OutboxMessage) -> str:
        """When it will be tried; only a waiting message will."""
        if message.status != Status.PENDING:
            return MISSING
        return _moment(message.send_after) if message.send_after else _("at once")

    @admin.display(description=gettext_lazy("Sent"), ordering=NothingLast("sent_at"))
    def sent_column(self, message: OutboxMessage) -> str:
        """The moment in the site's zone."""
        return _moment(message.sent_at)


def _name_of(code: str) -> str:
    post = slack_registry.posts.get(code)
    return str(post.name) if post else registry.name_of(code)


def _two_lines(first: SafeString | str, second: str) -> SafeString:
    return format_html('{}<br><span class="quiet">{}</span>', first, second)


def _resend_all(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:  # noqa: ARG001
    return services.resend_all(ids, by=by, at=at)


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyPage, StepTable, BulkActions, FoldedSearch, Paged, OutboxColumns):
    """Every message that was ever to be sent; a failed one can be queued again."""

    right = "system.view_administration"
    list_display = (
        "created_column", "channel_column", "message_column", "recipient_column", "outcome_column", "attempts",
        "next_column", "sent_column",
    )  # fmt: skip
    list_filter = ("status", "channel", TypeFilter)
    list_select_related = ("recipient",)
    list_per_page = 50
    search_fields = ("subject",)
    search_help_text = gettext_lazy("Subject, address or name of the recipient")
    ordering = ("-created_at", "id")
    fields = (
        "channel_column", "type_column", "subject", "recipient_column", "status_column", "created_column", "attempts",
        "next_column", "sent_column", "error_column", "instance_name",
    )  # fmt: skip
    change_form_template = "admin/notifications/outboxmessage/change_form.html"
    steps = (
        Step(
            "resend",
            gettext_lazy("Send again"),
            "arrow-clockwise",
            "system.manage_settings",
            lambda message: message.status in (Status.FAILED, Status.SKIPPED),
            services.resend,
            gettext_lazy("The message is queued once more with all its attempts, to the address named above."),
            gettext_lazy("The message is queued again."),
            tone="main",
        ),
    )
    bulk_actions = (
        BulkAction(
            "resend",
            gettext_lazy("Send again"),
            "system.manage_settings",
            gettext_lazy("Failed and skipped messages are queued once more; the others are left alone."),
            _resend_all,
            may_notify=False,
        ),
    )

    def changed_sentence(self, count: int) -> str:
        """Count messages."""
        return ngettext("%d message queued again.", "%d messages queued again.", count) % count

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing is typed here."""
        return self.fields

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show below the facts the mail as it would be written now."""
        context |= {"preview": _preview(obj), "title": obj.subject, "subtitle": None}
        return super().render_change_form(request, context, add, change, form_url, obj)


def _preview(message: OutboxMessage) -> str:
    """Return the text of the mail; composing changes the row, so it is given a copy."""
    if message.channel == Channel.PUSH:
        return _preview_in_browser(message)
    if message.priority == Priority.AUTH:
        return _("Mails about accounts are not shown: they may hold a link that only its recipient should have.")
    if message.channel == Channel.SLACK:
        return _preview_in_slack(message)
    try:
        with transaction.atomic():
            mail = compose([copy(message)], SiteSettings.load())
    except Exception as error:  # noqa: BLE001 - whatever keeps the message from being sent is what one wants to see
        return _("The mail cannot be composed: %s") % f"{type(error).__name__}: {error}"
    return str(mail.message.body) if mail else _("The message has lost its point and would be skipped.")


def _preview_in_browser(message: OutboxMessage) -> str:
    try:
        with transaction.atomic():
            note = push_composing.compose(copy(message), SiteSettings.load())
    except Exception as error:  # noqa: BLE001 - as with mails
        return _("The notification cannot be composed: %s") % f"{type(error).__name__}: {error}"
    return f"{note.title}\n{note.line}" if note else _("The message has lost its point and would be skipped.")


def _preview_in_slack(message: OutboxMessage) -> str:
    if message.code not in slack_registry.posts:
        return str(slack_composing.objection(message, SiteSettings.load()))
    try:
        return slack_composing.compose(message, SiteSettings.load(), mentions=False)
    except Exception as error:  # noqa: BLE001 - as with mails
        return _("The post cannot be composed: %s") % f"{type(error).__name__}: {error}"

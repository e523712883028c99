"""Admin of the settings: the one row as one page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.backoffice.columns import badge
from medcover.backoffice.forms import VersionedForm
from medcover.backoffice.mixins import SavedByService
from medcover.backoffice.readonly import GuardedPage
from medcover.common.errors import DomainError
from medcover.common.zones import known_zones
from medcover.system.models import SiteSettings
from medcover.system.services import EDITABLE, save_settings
from notifications.slack import config as slack_config
from notifications.trial import send_trial

#: What is written but is no column to be read.
_PASSWORDS = ("smtp_password", "wifi_password", "clear_wifi_password")
#: What is told in Slack; asked for only where there is Slack.
SLACK = (
    "slack_new_report", "slack_resolved", "slack_severity", "slack_eta", "slack_status", "slack_assignee",
    "slack_events_channel",
)  # fmt: skip


class SettingsForm(VersionedForm):
    """The settings; passwords can be replaced but never read."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(name, name) for name in known_zones()],
    )
    smtp_password = forms.CharField(
        label=gettext_lazy("SMTP password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy("Stored encrypted and never shown; empty keeps the stored one."),
    )

    wifi_ssid = forms.CharField(
        label=gettext_lazy("Name of the Wi-Fi (SSID)"),
        strip=False,
        required=False,
        max_length=100,
        widget=AdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Kept as it is typed, spaces included."),
    )
    wifi_password = forms.CharField(
        label=gettext_lazy("Password of the Wi-Fi"),
        strip=False,
        required=False,
        max_length=100,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy("Stored encrypted and shown on labels only; empty keeps the stored one."),
    )
    clear_wifi_password = forms.BooleanField(label=gettext_lazy("Forget the password of the Wi-Fi"), required=False)

    instance: SiteSettings

    class Meta:
        model = SiteSettings
        fields = (
            "organisation_name", "time_zone", "base_url", "session_hours", "backoffice_requires_second_factor",
            "minimum_rest_hours", "offer_hours", "drop_out_hours", "public_pages", "reporter_days",
            "smtp_host", "smtp_port", "smtp_use_tls", "smtp_user", "smtp_sender", "mails_per_minute",
            "mail_block", "mail_block_allowed", "wifi_ssid", "wifi_info_default", "feedback_enabled", *SLACK,
        )  # fmt: skip
        widgets = {
            "organisation_name": AdminTextInputWidget,
            "base_url": AdminTextInputWidget(attrs={"inputmode": "url"}),
            "smtp_host": AdminTextInputWidget,
            "smtp_user": AdminTextInputWidget(attrs={"autocomplete": "off"}),
            "smtp_sender": AdminTextInputWidget,
            "slack_events_channel": AdminTextInputWidget,
            "mail_block_allowed": AdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("smtp_password", "wifi_password"):
            if getattr(self.instance, f"{name}_token"):
                self.fields[name].widget.attrs["placeholder"] = _("(unchanged)")

    def wanted(self) -> dict[str, Any]:
        """Return what the service is to write."""
        return {name: self.cleaned_data[name] for name in (*EDITABLE, *_PASSWORDS) if name in self.cleaned_data}


@admin.register(SiteSettings)
class SettingsAdmin(GuardedPage, SavedByService, admin.ModelAdmin):
    """Settings that take effect at once, without a restart."""

    right = "system.manage_settings"
    form = SettingsForm
    fieldsets = (
        (gettext_lazy("Organisation"), {"fields": ("organisation_name", "time_zone", "base_url")}),
        (gettext_lazy("Logging in"), {"fields": ("session_hours", "backoffice_requires_second_factor")}),
        (gettext_lazy("Planning"), {"fields": ("minimum_rest_hours", "offer_hours", "drop_out_hours")}),
        (gettext_lazy("Feedback of users"), {"fields": ("feedback_enabled",)}),
        (gettext_lazy("Public status board of equipment"), {"fields": ("public_pages", "reporter_days")}),
        (
            gettext_lazy("Outgoing e-mail (SMTP)"),
            {
                "fields": (
                    "smtp_host", "smtp_port", "smtp_use_tls", "smtp_user", "smtp_password", "smtp_sender",
                    "mails_per_minute",
                ),
                "description": gettext_lazy(
                    "Without a server, messages are kept as files and reach nobody. On port 465 the connection is "
                    "encrypted from the start."
                ),
            },
        ),
        (
            gettext_lazy("Wi-Fi on labels"),
            {
                "fields": ("wifi_ssid", "wifi_password", "clear_wifi_password", "wifi_info_default"),
                "description": gettext_lazy(
                    "For sites that are reached only from inside: labels on equipment can say which network one has to "
                    "be on. Name and password are printed in plain text, so use a network for guests."
                ),
            },
        ),
        (gettext_lazy("Development and test environment"), {"fields": ("mail_block", "mail_block_allowed")}),
    )  # fmt: skip
    change_form_template = "admin/system/sitesettings/change_form.html"
    saved_message = gettext_lazy("The settings have been saved.")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask about Slack only where there is Slack."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, _slack_fieldset()] if slack_config.is_on() else fieldsets

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Go to the one row there is."""
        return HttpResponseRedirect(self.change_url(request, SiteSettings.load().pk))

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Model:
        """Write the settings."""
        return save_settings(by=request.user, version=form.cleaned_data["version"], **form.wanted())

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Send the trial mail, if asked for, once the settings are stored for good."""
        answer = super().response_change(request, obj)
        if "_trial" in request.POST:
            transaction.on_commit(partial(self._try, request))
        return answer

    def _try(self, request: HttpRequest) -> None:
        try:
            address = send_trial(by=request.user)
        except DomainError as failure:
            self.message_user(request, str(failure), messages.ERROR)
        else:
            self.message_user(request, _("The trial mail has been sent to %s.") % address, messages.SUCCESS)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Say above the form whether mails leave the house."""
        extra = {"title": _("Site settings"), "subtitle": None, "smtp_badge": _smtp_badge(SiteSettings.load())}
        return super().render_change_form(request, context | extra, add, change, form_url, obj)


def _slack_fieldset() -> tuple[str, dict[str, Any]]:
    lead = _("Repairs are posted in the channel of the storage location where the item belongs. Posted is:")
    told = [
        _("The bot has to be invited to each channel."),
        _("Where a location has no channel, posts go to %s.") % settings.SLACK_GENERAL_CHANNEL,
        _("What is waiting already leaves even when it is switched off here."),
    ]
    if settings.SLACK_OOPS_CHANNEL:
        told.append(_("Posts of other channels are copied to %s.") % settings.SLACK_OOPS_CHANNEL)
    more = " ".join(told)
    icon = render_to_string("components/help_icon.html", {"id": "help-slack", "text": more})
    return _("Slack"), {"fields": SLACK, "description": format_html("{} {}", lead, icon)}


def _smtp_badge(site: SiteSettings) -> SafeString:
    if site.smtp_configured:
        return badge("full", "check-lg", _("SMTP configured"))
    return badge("partial", "exclamation-triangle", _("SMTP is not configured"))

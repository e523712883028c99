"""E-mail notifications in the backoffice: how long they wait, which are sent, and what they look like."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medcover.backoffice.readonly import GuardedPage
from medcover.common import formats
from medcover.common.errors import DomainError
from medcover.system.models import SiteSettings
from medcover.system.services import save_settings
from notifications import registry, samples, services
from notifications.admin.forms import DelaysForm, SampleForm
from notifications.models import NotificationSwitch, OptOut
from roster.rights import Role


@admin.register(NotificationSwitch)
class SwitchAdmin(GuardedPage):
    """One page with all types: the optional ones can be switched, the others say that they are always sent."""

    right = "system.manage_settings"

    def get_urls(self) -> list[URLPattern]:
        """Add what the two other forms of the page are sent to."""
        view = self.admin_site.admin_view
        return [
            path("delays/", view(self.save_delays), name="notifications_notificationswitch_delays"),
            path("sample/", view(self.send_sample), name="notifications_notificationswitch_sample"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the page (GET) or switch types (POST)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._switch(request)
        off, declined = NotificationSwitch.objects.codes_off(), OptOut.objects.counts()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Notifications by e-mail"),
            "types": [_row(notice, off, declined) for notice in registry.catalogue()],
            "delays": DelaysForm(site=SiteSettings.load()),
            "sample": SampleForm(),
        }
        return TemplateResponse(request, "admin/notifications/catalogue.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Switches have no pages of their own."""
        return self._back()

    def save_delays(self, request: HttpRequest) -> HttpResponse:
        """Write how long news wait; the first thing that is wrong is said, and then nothing is written."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        form = DelaysForm(request.POST, site=SiteSettings.load())
        try:
            if problem := form.problem():
                raise DomainError(problem)
            save_settings(by=request.user, version=form.cleaned_data["version"], **form.wanted())
        except DomainError as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            self.message_user(request, _("The delays have been saved."), messages.SUCCESS)
        return self._back()

    def send_sample(self, request: HttpRequest) -> HttpResponse:
        """Queue a sample of the type whose button was pressed."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        sent = {name: request.POST.get(name, "") for name in ("code", "to", "about")}
        try:
            message = samples.send_sample(**sent, at_once="at_once" in request.POST, by=request.user)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _sentence_about(message.send_after, registry.name_of(message.code)))
        return self._back("#samples")

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to whoever may not send this form, or asks for it as if it were a page."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def _back(self, place: str = "") -> HttpResponse:
        address = reverse(f"{self.admin_site.name}:notifications_notificationswitch_changelist")
        return HttpResponseRedirect(address + place)

    @transaction.atomic
    def _switch(self, request: HttpRequest) -> HttpResponse:
        """Write what differs from what the page showed, so that nobody else's change is undone."""
        shown, wanted = set(request.POST.getlist("shown")), set(request.POST.getlist("on"))
        optional = [notice.code for notice in registry.catalogue() if not notice.always_on]
        changed = [code for code in optional if (code in shown) != (code in wanted)]
        for code in changed:
            services.switch(code, enabled=code in wanted, by=request.user)
        words = ngettext("%d notification switched.", "%d notifications switched.", len(changed)) % len(changed)
        self.message_user(request, words if changed else _("Nothing has changed."), messages.SUCCESS)
        return self._back()


def _sentence_about(send_after: Any, name: str) -> str:
    if send_after is None:
        return _("Sample “%s”: it will be sent at once.") % name
    moment = formats.date_time(send_after, timezone.get_current_timezone())
    return _("Sample “%(name)s”: it will be sent on %(moment)s.") % {"name": name, "moment": moment}


def _row(notice: registry.NoticeType, off: set[str], declined: dict[str, int]) -> dict[str, Any]:
    return {
        "notice": notice,
        "roles": [str(role.label) for role in Role if role.value in notice.roles],
        "enabled": notice.always_on or notice.code not in off,
        "declined": 0 if notice.always_on else declined.get(notice.code, 0),
        "template": registry.template_of(notice),
    }

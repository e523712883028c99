"""Invitation admin: the form that sends invitations, and how far each has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, re_path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from credentials import services as credentials
from credentials.models import InvitationGrant
from medcover.backoffice.columns import badge
from medcover.backoffice.mixins import FoldedSearch
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats
from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next
from medcover.system.addresses import absolute
from roster.admin.inviting import InvitationForm, outcome_of
from roster.models import Invitation
from roster.services import invitations
from roster.views.oidc import only_in

State, Delivery = Invitation.State, Invitation.Delivery

#: State → class of the badge and its icon.
_STATES = {
    State.WAITING: ("partial", "clock"),
    State.COMPLETED: ("full", "check-lg"),
    State.CANCELLED: ("draft", "x-lg"),
    State.EXPIRED: ("short", "exclamation-triangle"),
}
_DELIVERIES = {
    Delivery.UNQUEUED: ("draft", "x-lg"),
    Delivery.QUEUED: ("partial", "clock"),
    Delivery.SENT: ("full", "check-lg"),
    Delivery.FAILED: ("short", "exclamation-triangle"),
}
SHORT_ERROR = 80

#: Part of the address → what is done with the invitation, and what is said afterwards.
ACTIONS: dict[str, tuple[Callable[..., object], Any]] = {
    "resend": (invitations.resend, _("The invitation is queued again. It is valid no longer than before.")),
    "cancel": (invitations.cancel, _("The invitation has been cancelled.")),
}


def _moment(at: datetime | None) -> str:
    return formats.date_time(at, timezone.get_current_timezone())


class StateFilter(SimpleListFilter):
    """How far the invited people have come."""

    title = _("registration")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer all four."""
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen state; an unknown one is no choice."""
        now = timezone.now()
        reads: dict[str | None, Callable[[], Any]] = {
            State.WAITING.value: lambda: queryset.valid_at(now),
            State.COMPLETED.value: queryset.used,
            State.CANCELLED.value: queryset.cancelled,
            State.EXPIRED.value: lambda: queryset.expired_at(now),
        }
        return reads.get(self.value(), lambda: queryset)()


class InvitationColumns(admin.ModelAdmin):
    """What is shown of one invitation; costs no query."""

    @admin.display(description=_("E-mail"), ordering="email")
    def email_column(self, row: Invitation) -> SafeString:
        """The address, and what will be granted."""
        granted = ", ".join(grant.qualification.name for grant in row.grants.all())
        return (
            format_html('{}<div class="quiet">{}</div>', row.email, granted)
            if granted
            else format_html("{}", row.email)
        )

    @admin.display(description=pgettext_lazy("invitation", "Created"), ordering="created_at")
    def created_column(self, row: Invitation) -> str:
        """The moment in the site's zone."""
        return _moment(row.created_at)

    @admin.display(description=_("Expires"), ordering="expires_at")
    def expires_column(self, row: Invitation) -> str:
        """The moment in the site's zone."""
        return _moment(row.expires_at)

    @admin.display(description=_("Created by"), ordering="created_by__name_sort")
    def created_by_column(self, row: Invitation) -> str:
        """Who invited."""
        return row.created_by.name

    @admin.display(description=_("Delivery"), ordering="mail__status")
    def delivery_column(self, row: Invitation) -> SafeString:
        """State of the mail in the outbox; with an error, how it begins."""
        state = badge(*_DELIVERIES[row.delivery], row.delivery.label)
        if row.delivery != Delivery.FAILED or row.mail is None:
            return state
        return format_html('{}<div class="quiet">{}</div>', state, Truncator(row.mail.last_error).chars(SHORT_ERROR))

    @admin.display(description=_("Link"), ordering="opened_at")
    def link_column(self, row: Any) -> str:
        """The link to be copied as long as it works, and whether somebody has opened it."""
        url = row.site_root + reverse("register", args=[row.token])
        valid = row.is_valid_at(timezone.now())
        return render_to_string("admin/roster/invitation/_link.html", {"row": row, "url": url, "valid": valid})

    @admin.display(description=_("Registration"))
    def state_column(self, row: Invitation) -> SafeString:
        """Badge of the state."""
        state = row.state_at(timezone.now())
        return badge(*_STATES[state], state.label)

    @admin.display(description=_("Actions"))
    def actions_column(self, row: Invitation) -> str:
        """What can be done with it."""
        context = {
            "resend": _address("resend", row) if _is_resendable(row) else "",
            "cancel": _address("cancel", row) if row.used_at is None and row.cancelled_at is None else "",
        }
        return render_to_string("admin/roster/invitation/_actions.html", context)


def _is_resendable(row: Invitation) -> bool:
    return row.is_valid_at(timezone.now()) and row.delivery in invitations.RESENDABLE


def _address(code: str, row: Invitation) -> str:
    return reverse("admin:roster_invitation_action", args=[row.pk, code])


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyPage, FoldedSearch, Paged, InvitationColumns):
    """„Pozvánky k registraci“: one page with the form above the list.

    Where a provider knows the people nobody registers, and none of this exists.
    """

    right = "roster.invite_user"
    actions = None
    list_display = (
        "email_column", "created_column", "expires_column", "created_by_column", "delivery_column", "link_column",
        "state_column", "actions_column",
    )  # fmt: skip
    list_display_links = None
    list_filter = (StateFilter,)
    list_select_related = ("created_by", "mail")
    search_fields = ("email",)
    search_help_text = _("A part of the address")
    ordering = ("-created_at", "-id")
    change_list_template = "admin/roster/invitation/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with what it grants and where its link begins."""
        rows: Any = super().get_queryset(request)
        grants = InvitationGrant.objects.filter(qualification__is_deleted=False).select_related("qualification")
        ordered = grants.order_by("qualification__name_sort")
        return rows.prefetch_related(Prefetch("grants", ordered)).annotate(site_root=Value(absolute(request, "")))

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address that the buttons of a row post to; all of them answer only where people register."""
        view = self.admin_site.admin_view(self.action_view)
        pattern = rf"^(?P<pk>[0-9]{{1,18}})/(?P<code>{'|'.join(ACTIONS)})/$"
        patterns: list[Any] = [re_path(pattern, view, name="roster_invitation_action"), *super().get_urls()]
        for found in patterns:
            found.callback = only_in("local")(found.callback)
        return patterns

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the one right, where people register."""
        return settings.AUTH_MODE == "local" and super().has_view_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show form and list, or invite; a refused form comes back as it was typed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        may_qualify = request.user.has_perm("credentials.assign_qualification")
        form = InvitationForm(request.POST if posted else None, may_qualify=may_qualify)
        if posted and form.is_valid() and self._invite(request, form):
            return HttpResponseRedirect(request.get_full_path())
        answer = super().changelist_view(request, {"invitation_form": form, **(extra_context or {})})
        if posted:
            answer.status_code = 422
        return answer

    def _invite(self, request: HttpRequest, form: InvitationForm) -> bool:
        try:
            invited = credentials.invite(**form.wanted(), by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error("addresses", str(refusal))
            return False
        for is_good, sentence in outcome_of(invited):
            self.message_user(request, str(sentence), messages.SUCCESS if is_good else messages.WARNING)
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An invitation has no page of its own."""
        return HttpResponseRedirect(reverse("admin:roster_invitation_changelist"))

    def action_view(self, request: HttpRequest, pk: str, code: str) -> HttpResponseBase:
        """Send again or cancel, and go back to the list as it was."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._act(request, pk, code)
        home = reverse("admin:roster_invitation_changelist")
        return HttpResponseRedirect(safe_next(request.get_host(), request.POST.get("next"), home))

    def _act(self, request: HttpRequest, pk: str, code: str) -> None:
        run, done = ACTIONS[code]
        try:
            run(pk, by=request.user, at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, str(done), messages.SUCCESS)

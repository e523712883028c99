"""The admin digest: its schedule, its blocks, a look at it, and sending it, all on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medcover.backoffice.forms import VersionedForm
from medcover.backoffice.mixins import sentence_of
from medcover.backoffice.readonly import GuardedPage
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.common.text import key_in
from medcover.system.models import SiteSettings
from notifications.composing import compose
from notifications.digest import registry, sending, services
from notifications.digest.collecting import payload_of
from notifications.digest.models import Digest, DigestBlock
from notifications.digest.options import MOST_HTML
from notifications.digest.rendering import CODE
from notifications.models import OutboxMessage

#: What an administrator has written is shown, and can do nothing: no scripts, no forms, nothing from other servers.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
HTML = "text/html"

_HTML_INPUT = AdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false", "maxlength": MOST_HTML})


class ScheduleForm(VersionedForm):
    """When the digest is sent, and what stands around its blocks."""

    preferred_hour = forms.TypedChoiceField(
        label=gettext_lazy("Hour of sending"),
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        coerce=int,
        help_text=gettext_lazy("In the site's time zone. Every 6 and 12 hours it does not matter."),
    )

    class Meta:
        model = Digest
        fields = services.EDITABLE
        widgets = {
            "subject": AdminTextInputWidget,
            "header_html": _HTML_INPUT,
            "footer_html": _HTML_INPUT,
        }
        help_texts = {
            "subject": gettext_lazy("Empty stands for the usual subject."),
            "header_html": gettext_lazy("Stands above the blocks. It goes into the mail as it is."),
            "footer_html": gettext_lazy("Stands below the blocks. It goes into the mail as it is."),
        }

    def wanted(self) -> dict[str, Any]:
        """Return what the service is to write."""
        return {name: self.cleaned_data[name] for name in services.EDITABLE}


FIELDSETS: list[tuple[Any, dict[str, list[str]]]] = [
    (gettext_lazy("Schedule"), {"fields": ["enabled", "frequency_hours", "preferred_hour"]}),
    (gettext_lazy("Subject, header and footer"), {"fields": ["subject", "header_html", "footer_html"]}),
]


@dataclass(frozen=True)
class BlockRow:
    """A block as the page shows it; `up` and `down` are the orders that moving it would make."""

    block: DigestBlock
    kind: registry.BlockKind | None
    form: forms.Form | None
    up: str
    down: str

    @property
    def is_renamed(self) -> bool:
        """Its title does not say what it is."""
        return self.kind is not None and str(self.block) != str(self.kind.label)


@admin.register(Digest)
class DigestAdmin(GuardedPage):
    """The one page of the digest; rows have no pages of their own."""

    right = services.RIGHT

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add what can be done with blocks and with the mail."""
        views: dict[str, tuple[str, Any]] = {
            "add_block": ("blocks/add/", self.add_block_view),
            "order": ("blocks/order/", self.order_view),
            "switch": ("blocks/<int:key>/switch/", self.switch_view),
            "save_block": ("blocks/<int:key>/save/", self.save_block_view),
            "delete_block": ("blocks/<int:key>/delete/", self.delete_block_view),
            "preview": ("preview/", self.preview_view),
            "preview_mail": ("preview/mail/", self.preview_mail_view),
            "send_test": ("send-test/", self.send_test_view),
            "send_now": ("send-now/", self.send_now_view),
        }
        ours = [
            path(route, self.admin_site.admin_view(view), name=f"notifications_digest_{name}")
            for name, (route, view) in views.items()
        ]
        return [*ours, *super().get_urls()]

    # --- the page ---------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show schedule and blocks (GET), or save the schedule (POST)."""
        self._expect_right(request)
        digest = services.load()
        form = ScheduleForm(request.POST if request.method == "POST" else None, instance=digest)
        try:
            if form.is_valid():
                services.save_schedule(by=request.user, version=form.cleaned_data["version"], **form.wanted())
                return self._back(request, _("The schedule has been saved."))
        except StaleRecord as stale:
            return self._back(request, str(stale), messages.ERROR)
        except ValidationError as refusal:
            form.add_error(None, sentence_of(refusal))
        return self._page(request, form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row has no page of its own."""
        return HttpResponseRedirect(_page_url())

    def _page(self, request: HttpRequest, form: ScheduleForm) -> HttpResponse:
        digest = Digest.objects.get()  # as it is stored; the form's own copy holds what was typed
        blocks = list(DigestBlock.objects.in_order())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Admin digest"),
            "digest": digest,
            "form": form,
            "adminform": AdminForm(form, FIELDSETS, {}, model_admin=self),
            "rows": _rows(blocks),
            "addable": _addable(blocks),
            "most_of_a_kind": services.MOST_OF_A_KIND,
            "readers": len(registry.audience()),
            "code": CODE,
        }
        return TemplateResponse(request, "admin/notifications/digest/page.html", context)

    # --- blocks -----------------------------------------------------------------------------------------

    def add_block_view(self, request: HttpRequest) -> HttpResponse:
        """Add a block of the chosen kind."""

        def act() -> tuple[str, str]:
            block = services.add_block(request.POST.get("kind", ""), by=request.user)
            return _("The block has been added."), f"block-{block.pk}"

        return self._act(request, act)

    def save_block_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Save the options of a block."""

        def act() -> tuple[str, str]:
            version = posted_version(request.POST.get("version"))
            services.save_block(key, request.POST, prefix=_prefix(key), by=request.user, version=version)
            return _("The block has been saved."), f"block-{key}"

        return self._act(request, act)

    def delete_block_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Delete a block."""

        def act() -> tuple[str, str]:
            services.delete_block(key, by=request.user, version=posted_version(request.POST.get("version")))
            return _("The block has been deleted."), "blocks"

        return self._act(request, act)

    def switch_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Switch a block on or off; to htmx the answer is the switch, and the version that the forms now need."""
        enabled = request.POST.get("enabled") == "on"
        if not (request.method == "POST" and getattr(request, "htmx", False)):
            return self._act(request, lambda: (_switched(key, request, enabled=enabled), f"block-{key}"))
        self._expect_right(request)
        block = services.switch_block(key, enabled=enabled, by=request.user)
        return render(request, "admin/notifications/digest/_switched.html", {"block": block})

    def order_view(self, request: HttpRequest) -> HttpResponse:
        """Put the blocks into the order that was sent: keys with commas between."""
        keys = [key_in(part) for part in request.POST.get("order", "").split(",", services.MOST_ORDERED)]

        def act() -> tuple[str, str]:
            services.order_blocks(keys, by=request.user)
            return _("The order has been saved."), "blocks"

        if not (request.method == "POST" and getattr(request, "htmx", False)):
            return self._act(request, act)
        self._expect_right(request)
        return HttpResponse(act()[0], content_type="text/plain; charset=utf-8")

    # --- the mail ---------------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show how the mail would look now: its HTML in a frame that can do nothing, below it its text."""
        self._expect_right(request)
        mail = _mail_for(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Preview of the digest"),
            "subject": mail.subject,
            "text": mail.body,
            "page_url": _page_url(),
        }
        return TemplateResponse(request, "admin/notifications/digest/preview.html", context)

    def preview_mail_view(self, request: HttpRequest) -> HttpResponse:
        """Return the HTML of the mail for the frame."""
        self._expect_right(request)
        found = [part.content for part in _mail_for(request.user).alternatives if part.mimetype == HTML]
        return HttpResponse("".join(map(str, found)), headers={"Content-Security-Policy": FRAME_POLICY})

    def send_test_view(self, request: HttpRequest) -> HttpResponse:
        """Queue the mail to one address."""

        def act() -> tuple[str, str]:
            address = request.POST.get("address", "")
            to = sending.send_test(address, by=request.user, at=timezone.now())
            return _("The trial mail to %s has been queued.") % to, ""

        return self._act(request, act)

    def send_now_view(self, request: HttpRequest) -> HttpResponse:
        """Queue the mail to every administrator."""

        def act() -> tuple[str, str]:
            count = sending.send_now(by=request.user, at=timezone.now())
            words = ngettext(
                "The digest to %d administrator has been queued.",
                "The digest to %d administrators has been queued.",
                count,
            )
            return words % count, ""

        return self._act(request, act)

    # --- what they share --------------------------------------------------------------------------------

    def _expect_right(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _act(self, request: HttpRequest, act: Callable[[], tuple[str, str]]) -> HttpResponse:
        """Do what was asked and go back to the page, to the place that `act` names; a GET only goes back."""
        self._expect_right(request)
        if request.method != "POST":
            return HttpResponseRedirect(_page_url())
        try:
            words, place = act()
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except (DomainError, ValidationError) as refusal:
            return self._back(request, sentence_of(refusal), messages.ERROR)
        return self._back(request, words, place=place)

    def _back(
        self, request: HttpRequest, words: str, level: int = messages.SUCCESS, *, place: str = ""
    ) -> HttpResponse:
        self.message_user(request, words, level)
        return HttpResponseRedirect(f"{_page_url()}#{place}" if place else _page_url())


def _page_url() -> str:
    return reverse("admin:notifications_digest_changelist")


def _switched(key: int, request: HttpRequest, *, enabled: bool) -> str:
    services.switch_block(key, enabled=enabled, by=request.user)
    return _("The block is switched on.") if enabled else _("The block is switched off.")


def _prefix(key: int) -> str:
    return f"block-{key}"


def _rows(blocks: list[DigestBlock]) -> list[BlockRow]:
    keys = [str(block.pk) for block in blocks]
    return [_row(block, keys, place) for place, block in enumerate(blocks)]


def _row(block: DigestBlock, keys: list[str], place: int) -> BlockRow:
    kind = registry.find(block.kind)
    form = kind.options(initial=kind.options_of(block.config), prefix=_prefix(block.pk)) if kind else None
    return BlockRow(block, kind, form, _moved(keys, place, -1), _moved(keys, place, 1))


def _moved(keys: list[str], place: int, by: int) -> str:
    """Return the order after moving one key; empty where it cannot be moved."""
    other = place + by
    if not 0 <= other < len(keys):
        return ""
    moved = list(keys)
    moved[place], moved[other] = moved[other], moved[place]
    return ",".join(moved)


def _addable(blocks: list[DigestBlock]) -> list[registry.BlockKind]:
    used = [block.kind for block in blocks]
    return [kind for kind in registry.kinds() if used.count(kind.code) < services.MOST_OF_A_KIND]


def _mail_for(reader: Any) -> Any:
    """Compose the mail as the reader would get it now; nothing is stored."""
    payload = payload_of(services.load(), at=timezone.now())
    message = OutboxMessage(code=CODE, recipient=reader, to_email=reader.email, payload=payload)
    mail = compose([message], SiteSettings.load())
    return mail.message if mail else None

"""Object tool "split": cuts an event in two."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import policies
from events.models import Event
from events.services import copying
from medcover.backoffice.mixins import SavedByService
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.common.forms import MomentInput, VersionForm


class SplitForm(VersionForm):
    """The moment of the cut; the middle of the event unless somebody chooses another one."""

    moment = forms.DateTimeField(label=gettext_lazy("Time of the split"), widget=MomentInput())

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, initial={"moment": copying.midpoint(event), "version": event.version})
        limits = {"min": _as_typed(event.start), "max": _as_typed(event.end)}
        self.fields["moment"].widget.attrs.update(limits)


def _as_typed(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


class SplitPage(SavedByService):
    """Admin mixin with the page that asks where to cut."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.split_view)
        return [path("<int:event_id>/split/", view, name="events_event_split"), *super().get_urls()]

    def split_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Ask for the moment (GET), or cut (POST)."""
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not request.user.has_perm("events.add_event"):
            raise PermissionDenied
        if not policies.may_split(request.user, event):
            refusal = _("Completed, cancelled and archived events cannot be split.")
            return self.after(request, event_id, refusal, level=messages.ERROR)
        form = SplitForm(event, request.POST if request.method == "POST" else None)
        if form.is_valid() and (answer := self._split(request, event, form)):
            return answer
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Split the event"),
            "event": event,
            "event_url": self.change_url(request, event_id),
            "form": form,
        }
        return TemplateResponse(request, "admin/events/event/split.html", context)

    def _split(self, request: HttpRequest, event: Event, form: SplitForm) -> HttpResponseBase | None:
        """Return where to go after the cut; None when it was refused and the form says why."""
        asked = form.cleaned_data
        try:
            first, second = copying.split_event(event.pk, asked["moment"], by=request.user, version=asked["version"])
        except NotAllowed as error:
            raise PermissionDenied from error
        except StaleRecord as stale:
            return self.after(request, event.pk, stale, level=messages.ERROR)
        except DomainError as refusal:
            form.add_error("moment", str(refusal))
            return None
        link = format_html('<a href="{}">{}</a>', self.change_url(request, second.pk), second.name)
        said = format_html(_("The event has been split. This is its first half, the second one is {}."), link)
        return self.after(request, first.pk, said)

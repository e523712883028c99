"""Admin action that prints the selected events."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from events.rules.lifecycle import Status
from medcover.backoffice.bulk import NAMED, BulkActions
from medcover.common.downloads import download
from reports import printouts

RIGHT = "reports.view_reports"


class PrintAction(BulkActions):
    """An action that gives a workbook; where something has to be left out of it, a page says so first."""

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer printing besides what changes the events."""
        actions = super().get_actions(request)
        if request.user.has_perm(RIGHT) and IS_POPUP_VAR not in request.GET:
            actions["print"] = (_print, "print", gettext_lazy("Print"))
        return actions

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address from which the workbook is fetched."""
        view = self.admin_site.admin_view(self.print_view)
        return [path("print/", view, name="events_event_print"), *super().get_urls()]

    def print_selected(self, request: HttpRequest, selected: Any) -> HttpResponseBase | None:
        """Give the workbook, or say what will not be in it; None shows the list again."""
        keys = list(selected.order_by().values_list("pk", flat=True))
        printed = _printable(request, keys)
        if problem := printouts.problem(printed):
            self.message_user(request, problem, messages.ERROR)
            return None
        others = set(keys) - {event.pk for event in printed}
        left_out = list(Event.objects.filter(pk__in=others).order_by("start", "pk"))
        return self._say(request, printed, left_out) if left_out else _workbook(printed)

    def _say(self, request: HttpRequest, printed: list[Event], left_out: list[Event]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Print"),
            "count": len(printed),
            "left_out": [(self.words_for(event), _reason(event)) for event in left_out[:NAMED]],
            "more": max(0, len(left_out) - NAMED),
            "ids": ",".join(str(event.pk) for event in printed),
            "url": self._address("print"),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/events/event/print.html", context)

    def print_view(self, request: HttpRequest) -> HttpResponseBase:
        """Give the workbook of the events named in the form; the list says why there is none."""
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        printed = _printable(request, self._keys(request.POST.get("ids", "")))
        if problem := printouts.problem(printed):
            self.message_user(request, problem, messages.ERROR)
            return HttpResponseRedirect(self._address("changelist"))
        return _workbook(printed)


def _print(model_admin: PrintAction, request: HttpRequest, selected: Any) -> HttpResponseBase | None:
    return model_admin.print_selected(request, selected)


def _printable(request: HttpRequest, keys: list[Any]) -> list[Event]:
    """Return the events for paper, one more than a printout may have when there are too many."""
    found = Event.objects.visible_to(request.user).filter(pk__in=keys)
    return list(found.printable()[: printouts.MOST_EVENTS + 1])


def _workbook(events: list[Event]) -> HttpResponse:
    days = [timezone.localdate(event.start) for event in events]
    content = printouts.build(events, subtitle=printouts.subtitle(days[0], days[-1], None))
    return download(content, name=printouts.file_name(timezone.localtime()))


def _reason(event: Event) -> str:
    """Return why an event is not on paper."""
    return str(Status(event.status).label) if event.status == Status.DRAFT else _("Archived")

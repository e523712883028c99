"""Views and URLs of the table manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _

from events.admin.table import dialogs, rows, steps
from events.models import Event, MasterEvent
from events.rules.lifecycle import Status
from events.services import crew
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in
from roster.models import User

TABLE = "<int:master_id>/table/"
PAGE = "admin/events/masterevent/table.html"
CHANGED = "admin/events/masterevent/_table_changed.html"
ALONE = "admin/events/masterevent/table_dialog.html"


class TablePages(admin.ModelAdmin):
    """Admin mixin with the table of a master event, the dialogs over it, and the one address its buttons post to."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the addresses."""
        wrap = self.admin_site.admin_view
        return [
            path(TABLE, wrap(self.table_view), name="events_masterevent_table"),
            path(
                "<int:master_id>/table/<int:event_id>/", wrap(self.step_of_table), name="events_masterevent_table_step"
            ),
            path(
                "<int:master_id>/table/<int:event_id>/dialog/",
                wrap(self.table_dialog),
                name="events_masterevent_table_dialog",
            ),
            *super().get_urls(),
        ]

    def table_view(self, request: HttpRequest, master_id: int) -> HttpResponseBase:
        """Show the table."""
        master = self._seen_master(request, master_id)
        found = rows.rows(rows.events_for(request.user, master.pk), request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Table manager: %s") % master,
            "master": master,
            "rows": found,
            "is_nav_sidebar_enabled": False,  # the table needs the whole width
            "widest": max((row.places for row in found), default=0) or 1,
            "statuses": _statuses(request.user),
            "kinds": Event.Kind.choices,
        }
        return render(request, PAGE, context)

    def _seen_master(self, request: HttpRequest, master_id: int) -> MasterEvent:
        if not request.user.has_perm("events.view_event"):
            raise PermissionDenied
        master: MasterEvent = get_object_or_404(MasterEvent, pk=master_id)
        return master

    def _event(self, request: HttpRequest, master_id: int, event_id: int) -> Event:
        self._seen_master(request, master_id)
        event: Event = get_object_or_404(rows.events_for(request.user, master_id), pk=event_id)
        return event

    def table_dialog(self, request: HttpRequest, master_id: int, event_id: int) -> HttpResponseBase:
        """Ask something about one event; a page of its own where there are no scripts."""
        event = self._event(request, master_id, event_id)
        template, shown = dialogs.dialog(event, request.GET)
        return self._ask(request, event, template, shown)

    def _ask(self, request: HttpRequest, event: Event, template: str, shown: dict[str, Any]) -> HttpResponse:
        shown = {"event": event, **shown, "has_scripts": bool(request.htmx)}  # type: ignore[attr-defined]
        if shown["has_scripts"]:
            return render(request, template, shown)
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": event.name, "part": template}
        return render(request, ALONE, {**frame, **shown})

    def step_of_table(self, request: HttpRequest, master_id: int, event_id: int) -> HttpResponseBase:
        """Take one step and draw the event anew, with the sentence when it was refused."""
        event = self._event(request, master_id, event_id)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:events_masterevent_table", args=[master_id]))
        words = request.POST.get("do", "").split(":")
        version = posted_version(request.POST.get("version"))
        try:
            touched = steps.take(steps.Step(event, words, request.POST, by=request.user, version=version))
        except NotAllowed as error:
            raise PermissionDenied from error
        except crew.NeedsReason as concern:
            return self._ask_for_reason(request, event, words, str(concern))
        except DomainError as error:
            messages.error(request, str(error))
            return self._drawn(request, master_id, [event_id], status=409)
        return self._drawn(request, master_id, touched)

    def _ask_for_reason(self, request: HttpRequest, event: Event, words: list[str], concern: str) -> HttpResponse:
        person = get_object_or_404(User, pk=request.POST.get("person"))
        position = key_in(words[1]) if len(words) > 1 else 0
        if not position:
            raise BadRequest("step")
        shown = dialogs.asking_for_reason(event, position, person, concern)
        answer = self._ask(request, event, "admin/events/masterevent/_table_reason.html", shown)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#table-dialog", "innerHTML"
        return answer

    def _drawn(self, request: HttpRequest, master_id: int, keys: Sequence[int], *, status: int = 200) -> HttpResponse:
        """Answer with the rows of the events that changed; a page without scripts is simply shown again."""
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("admin:events_masterevent_table", args=[master_id]))
        events = rows.events_for(request.user, master_id).filter(pk__in=keys)
        found = rows.rows(events, request.user, touched=keys[-1])
        return render(request, CHANGED, {"rows": found, "master": MasterEvent(pk=master_id)}, status=status)


def _statuses(reader: Any) -> list[tuple[str, Any]]:
    return [
        choice for choice in Status.choices if choice[0] != Status.DRAFT or reader.has_perm("events.view_draft_event")
    ]

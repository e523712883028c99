"""Views behind the page of an import: choices for all rows, selections, single rows, the import itself.

With scripts a row is corrected in its place, and the answer holds the row and the figures; without them each has a
page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.season.forms import ChoicesForm, EventRowForm, PersonRowForm, RowForm
from events.admin.season.preview import Line, Preview, preview_of
from events.models import SeasonImport
from events.season import Candidates, EventLine, Part, correct_event, correct_person, drafts
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next

TEMPLATES = "admin/events/seasonimport"

View = Callable[..., HttpResponseBase]


def number_of(text: str) -> int:
    """Read the key of an import; 0, which none has, for anything odd."""
    return posted_version(text)


class RowPages(admin.ModelAdmin):
    """Admin mixin with the addresses behind the page of an import."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the addresses; each asks for the right before anything else."""
        views: dict[str, tuple[str, View]] = {
            "choices": ("<int:pk>/choices/", self.choices_view),
            "select": ("<int:pk>/select/<str:part>/", self.select_view),
            "row": ("<int:pk>/<str:part>/<int:number>/", self.row_view),
            "leaders": ("<int:pk>/leaders/", self.leaders_view),
            "import": ("<int:pk>/import/", self.import_view),
            "discard": ("<int:pk>/discard/", self.discard_view),
        }
        own = [
            path(route, self.admin_site.admin_view(partial(self._guarded, view)), name=f"events_seasonimport_{name}")
            for name, (route, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    def _guarded(self, view: View, request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return view(request, **arguments)

    # --- reading --------------------------------------------------------------------------------------------

    def own_imports(self, request: HttpRequest) -> Any:
        """Read the person's own imports, as long as they are kept."""
        return SeasonImport.objects.of(request.user).kept_at(timezone.now()).select_related("master_event", "owner")

    def waiting_import(self, request: HttpRequest, pk: int) -> SeasonImport:
        """Return an import of the person that has not been carried out; "not found" otherwise."""
        draft: SeasonImport = get_object_or_404(self.own_imports(request).filter(imported_at=None), pk=pk)
        return draft

    def preview(self, request: HttpRequest, draft: SeasonImport, part: Part | None = None) -> Preview:
        """Return what the page shows for the parameters of the request."""
        return preview_of(draft, request.GET, at=timezone.now(), part=part)

    def context(self, request: HttpRequest, draft: SeasonImport) -> dict[str, Any]:
        """Return what every page of an import needs."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": draft.source,
            "draft": draft,
            "page_url": self.page_url(draft.pk),
        }

    def page_url(self, pk: Any) -> str:
        """Return the address of an import."""
        return reverse("admin:events_seasonimport_change", args=[pk])

    def _back(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        home = self.page_url(pk)
        return HttpResponseRedirect(safe_next(request.get_host(), request.POST.get("next"), home))

    def _figures(self, request: HttpRequest, pk: int, part: Part) -> TemplateResponse:
        """Answer a script with the figures alone; they take their places by themselves."""
        draft = self.waiting_import(request, pk)
        context = {**self.context(request, draft), "preview": self.preview(request, draft, part)}
        return TemplateResponse(request, f"{TEMPLATES}/_answer.html", context)

    # --- all rows -------------------------------------------------------------------------------------------

    def choices_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Choose the master event and what places ask for."""
        draft = self.waiting_import(request, pk)
        form = ChoicesForm(request.POST, draft=draft)
        if request.method == "POST" and form.is_valid():
            wanted = {**form.cleaned_data, "master": form.cleaned_data["master"].pk}
            self._try(request, drafts.choose, pk, **wanted)
        elif request.method == "POST":
            self.message_user(request, _("The choice does not exist any more; choose again."), messages.ERROR)
        return self._back(request, pk)

    def select_view(self, request: HttpRequest, pk: int, part: str) -> HttpResponseBase:
        """Select rows of the page that was sent, or all rows that the filter lets through."""
        draft = self.waiting_import(request, pk)
        if request.method == "POST":
            among, chosen = _selection(request, self.preview(request, draft, _part(part)))
            self._try(request, drafts.select, pk, _part(part), among=among, chosen=chosen)
        return self._figures(request, pk, _part(part)) if _by_script(request) else self._back(request, pk)

    def _try(self, request: HttpRequest, change: Callable[..., object], *what: Any, **how: Any) -> bool:
        """Make a change; a refusal is said on the page. Return whether it was made."""
        try:
            change(*what, **how, by=request.user, at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        return True

    # --- one row --------------------------------------------------------------------------------------------

    def row_view(self, request: HttpRequest, pk: int, part: str, number: int) -> HttpResponseBase:
        """Show a row as a form, correct it, or, for a script that gives up, show it as it is."""
        draft = self.waiting_import(request, pk)
        preview = self.preview(request, draft, _part(part))
        line = preview.line(number)
        if line is None:
            raise Http404
        if "shown" in request.GET or not (isinstance(line, EventLine) or line.editable):
            return self._line_page(request, preview, line)
        form = self._row_form(request, preview, line)
        if request.method == "POST" and form.is_valid() and self._correct(request, preview, line, form):
            return self._corrected(request, preview, number)
        return self._form_page(request, preview, line, form)

    def _row_form(self, request: HttpRequest, preview: Preview, line: Line) -> RowForm:
        data = request.POST if request.method == "POST" else None
        if not isinstance(line, EventLine):
            return PersonRowForm(data, number=line.number, row=line.row)
        url = reverse("admin:events_seasonimport_leaders", args=[preview.draft.pk])
        candidates = Candidates(preview.forecast)
        return EventRowForm(data, number=line.number, row=line.row, candidates=candidates, leaders_url=url)

    def _correct(self, request: HttpRequest, preview: Preview, line: Line, form: Any) -> bool:
        correct: Callable[..., object] = correct_event if isinstance(line, EventLine) else correct_person
        try:
            correct(preview.draft.pk, line.number, form.correction(), by=request.user, at=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return False
        return True

    def _corrected(self, request: HttpRequest, preview: Preview, number: int) -> HttpResponseBase:
        if not _by_script(request):
            place = f"#{preview.part.value}-{number}"
            return HttpResponseRedirect(f"{self.page_url(preview.draft.pk)}{preview.here}{place}")
        fresh = self.preview(request, self.waiting_import(request, preview.draft.pk), preview.part)
        return self._line_page(request, fresh, fresh.lines[number - 1])

    def _line_page(self, request: HttpRequest, preview: Preview, line: Line) -> HttpResponseBase:
        if not _by_script(request):
            return HttpResponseRedirect(self.page_url(preview.draft.pk))
        context = self._row_context(request, preview, line) | {"returned": True}
        return TemplateResponse(request, f"{TEMPLATES}/_row_answer.html", context)

    def _form_page(self, request: HttpRequest, preview: Preview, line: Line, form: RowForm) -> HttpResponseBase:
        context = self._row_context(request, preview, line) | {"form": form}
        template = "_row_form.html" if _by_script(request) else "row.html"
        return TemplateResponse(request, f"{TEMPLATES}/{template}", context, status=422 if form.errors else 200)

    def _row_context(self, request: HttpRequest, preview: Preview, line: Line) -> dict[str, Any]:
        return {**self.context(request, preview.draft), "preview": preview, "line": line}

    def leaders_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer typing with the people who may be meant."""
        draft = self.waiting_import(request, pk)
        candidates = Candidates(self.preview(request, draft).forecast)
        found = candidates.matching(request.GET.get("responsible", ""))
        return TemplateResponse(request, f"{TEMPLATES}/_leaders.html", {"candidates": found})

    # --- the end --------------------------------------------------------------------------------------------

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Carry the import out; whoever asks twice gets to what the first time has done."""
        if request.method == "POST":
            version = posted_version(request.POST.get("version"))
            self._try(request, drafts.carry_out, pk, version=version)
        return HttpResponseRedirect(self.page_url(pk))

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Forget the import."""
        if request.method != "POST":
            return HttpResponseRedirect(self.page_url(pk))
        if self._try(request, drafts.discard, pk):
            self.message_user(request, DISCARDED, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:events_seasonimport_changelist"))


DISCARDED = gettext_lazy("The import has been discarded.")


def _part(text: str) -> Part:
    if text not in (Part.EVENTS.value, Part.PEOPLE.value):
        raise Http404
    return Part(text)


def _by_script(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(getattr(request, "htmx", False))


def _selection(request: HttpRequest, preview: Preview) -> tuple[list[int], list[int]]:
    """Return about which rows something was said, and which of them are wanted."""
    if every := request.POST.get("every"):
        shown = [line.number for line in preview.shown]
        return shown, shown if every == "1" else []
    among, chosen = (map(posted_version, request.POST.getlist(name)) for name in ("among", "chosen"))
    return list(among), list(chosen)

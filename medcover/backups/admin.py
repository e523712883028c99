"""Backups in the backoffice: what is stored, what has been run, the settings, and the way back, on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.widgets import AdminTimeWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.backoffice.forms import VersionedForm
from medcover.backoffice.mixins import sentence_of
from medcover.backoffice.readonly import GuardedPage
from medcover.backups import checks, names, store
from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.services import runs, schedule, stored
from medcover.backups.services.making import workshop
from medcover.common.errors import DomainError, NotAllowed, StaleRecord

#: So many runs are shown.
SHOWN_RUNS = 12


class SettingsForm(VersionedForm):
    """When backups are made and how long they stay."""

    class Meta:
        model = BackupSettings
        fields = schedule.EDITABLE
        widgets = {"begins": AdminTimeWidget(format="%H:%M")}

    def wanted(self) -> dict[str, Any]:
        """Return what the service is to write."""
        return {name: self.cleaned_data[name] for name in schedule.EDITABLE}


FIELDSETS: list[tuple[Any, dict[str, list[str]]]] = [
    (gettext_lazy("Automatic backup"), {"fields": ["scheduled", "begins", "verified"]}),
    (gettext_lazy("Keeping"), {"fields": ["keep_count", "keep_days"]}),
]


@dataclass(frozen=True)
class ArchiveRow:
    """An archive as the page shows it: what is stored, the run that made it, and its last rehearsal."""

    entry: store.Entry
    made_by: BackupRun | None
    rehearsal: BackupRun | None


@admin.register(BackupSettings)
class BackupsAdmin(GuardedPage, admin.ModelAdmin):
    """The one page of backups; rows have no pages of their own."""

    right = "system.view_administration"

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add what can be done with backups."""
        views: dict[str, tuple[str, Any]] = {
            "run": ("run/", self.run_view),
            "upload": ("upload/", self.upload_view),
            "download": ("archive/<str:name>/download/", self.download_view),
            "verify": ("archive/<str:name>/verify/", self.verify_view),
            "restore": ("archive/<str:name>/restore/", self.restore_view),
            "remove": ("archive/<str:name>/delete/", self.remove_view),
        }
        ours = [
            path(route, self.admin_site.admin_view(view), name=f"backups_backupsettings_{name}")
            for name, (route, view) in views.items()
        ]
        return [*ours, *super().get_urls()]

    # --- the page ---------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show everything (GET), or save the settings (POST)."""
        self._expect(request, self.right)
        form = SettingsForm(request.POST if request.method == "POST" else None, instance=BackupSettings.load())
        if request.method == "POST":
            self._expect(request, schedule.RIGHT)
        try:
            if form.is_valid():
                schedule.save(by=request.user, version=form.cleaned_data["version"], **form.wanted())
                return self._back(request, _("The settings have been saved."))
        except StaleRecord as stale:
            return self._back(request, str(stale), messages.ERROR)
        except ValidationError as refusal:
            form.add_error(None, sentence_of(refusal))
        return self._page(request, form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row has no page of its own."""
        return HttpResponseRedirect(page_url())

    def _page(self, request: HttpRequest, form: SettingsForm) -> HttpResponse:
        rows, trouble = _rows()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Backups and restoring"),
            "rows": rows,
            "trouble": trouble,
            "runs": list(BackupRun.objects.newest_first()[:SHOWN_RUNS]),
            "told": [checks.last_backup(), checks.last_rehearsal()],
            "form": form,
            "adminform": AdminForm(form, FIELDSETS, {}, model_admin=self),
            "word": runs.RESTORE_WORD,
            "may": {
                "run": request.user.has_perm(runs.RIGHTS[BackupRun.Kind.BACKUP]),
                "download": request.user.has_perm(stored.DOWNLOAD_RIGHT),
                "restore": request.user.has_perm(stored.RESTORE_RIGHT),
                "delete": request.user.has_perm(stored.DELETE_RIGHT),
                "settings": request.user.has_perm(schedule.RIGHT),
            },
        }
        return TemplateResponse(request, "admin/backups/page.html", context)

    # --- what can be done -------------------------------------------------------------------------------

    def run_view(self, request: HttpRequest) -> HttpResponse:
        """Have a backup made."""

        def act() -> str:
            runs.ask(BackupRun.Kind.BACKUP, by=request.user, at=timezone.now())
            return _("The backup has been handed to the worker. Reload the page to see how far it is.")

        return self._act(request, "system.run_backup", act)

    def verify_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Have an archive rehearsed."""

        def act() -> str:
            runs.ask(BackupRun.Kind.VERIFICATION, archive=name, by=request.user, at=timezone.now())
            return _("The rehearsal has been handed to the worker. Reload the page to see how far it is.")

        return self._act(request, "system.run_backup", act, name)

    def download_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Hand an archive out, and record it."""
        self._expect(request, stored.DOWNLOAD_RIGHT)
        _expect_name(name)
        try:
            stored.note_download(name, by=request.user)
            file = store.open_stored(name)
        except DomainError as refusal:
            return self._back(request, str(refusal), messages.ERROR)
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def restore_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask for the word, then have the archive restored."""

        def act(typed: str) -> str:
            runs.ask(BackupRun.Kind.RESTORE, archive=name, typed=typed, by=request.user, at=timezone.now())
            return str(_RESTORING)

        return self._confirm(request, stored.RESTORE_RIGHT, name, "restore", act)

    def remove_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask for the word, then delete the archive."""

        def act(typed: str) -> str:
            stored.delete(name, typed=typed, by=request.user)
            return _("The backup has been deleted.")

        return self._confirm(request, stored.DELETE_RIGHT, name, "delete", act)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take an archive in and have it restored."""

        def act() -> str:
            runs.expect_typed(request.POST.get("typed", ""), runs.RESTORE_WORD)
            name = _take_in(request)
            runs.ask(BackupRun.Kind.RESTORE, archive=name, typed=runs.RESTORE_WORD, by=request.user, at=timezone.now())
            return str(_RESTORING)

        return self._act(request, stored.RESTORE_RIGHT, act)

    # --- what they share --------------------------------------------------------------------------------

    def _expect(self, request: HttpRequest, right: str) -> None:
        if not (self.has_view_permission(request) and request.user.has_perm(right)):
            raise PermissionDenied

    def _act(self, request: HttpRequest, right: str, act: Callable[[], str], name: str | None = None) -> HttpResponse:
        """Do what was asked and go back to the page; a GET only goes back."""
        self._expect(request, right)
        if name is not None:
            _expect_name(name)
        if request.method != "POST":
            return HttpResponseRedirect(page_url())
        try:
            return self._back(request, act())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            return self._back(request, str(refusal), messages.ERROR)

    def _confirm(
        self, request: HttpRequest, right: str, name: str, what: str, act: Callable[[str], str]
    ) -> HttpResponse:
        """Show the question before something that cannot be undone, or do it."""
        self._expect(request, right)
        _expect_name(name)
        error = ""
        if request.method == "POST":
            try:
                return self._back(request, act(request.POST.get("typed", "")))
            except DomainError as refusal:
                error = str(refusal)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Restore from a backup") if what == "restore" else _("Delete a backup"),
            "name": name,
            "made_at": names.moment_of(name),
            "word": runs.RESTORE_WORD if what == "restore" else runs.DELETE_WORD,
            "error": error,
            "back": page_url(),
        }
        return TemplateResponse(request, f"admin/backups/{what}.html", context)

    def _back(self, request: HttpRequest, words: str, level: int = messages.SUCCESS) -> HttpResponse:
        self.message_user(request, words, level)
        return HttpResponseRedirect(page_url())


_RESTORING = gettext_lazy(
    "The restore has been handed to the worker. When it has succeeded, everybody has to log in anew; otherwise this "
    "page says why nothing has changed."
)


def page_url() -> str:
    """Return the address of the page."""
    return reverse("admin:backups_backupsettings_changelist")


def _expect_name(name: str) -> None:
    """Know nothing but archives, whatever an address names."""
    if names.moment_of(name) is None:
        raise Http404


def _take_in(request: HttpRequest) -> str:
    """Check what was sent and store it; the copy that this needs is gone afterwards."""
    sent = request.FILES.get("archive")
    if sent is None:
        raise DomainError(_("Choose the file of a backup."))
    if not (sent.name or "").endswith((names.PLAIN, names.SEALED)):
        raise DomainError(_("The name of a backup ends in .zip or .zip.enc."))
    with workshop() as place:
        copy = Path(place) / "uploaded"
        with copy.open("wb") as target:
            for piece in sent.chunks():
                target.write(piece)
        return stored.take_in(copy, by=request.user)


def _rows() -> tuple[list[ArchiveRow], str]:
    """Return the archives, newest first, or none and why the storage does not tell."""
    try:
        found = store.entries()
    except DomainError as failure:
        return [], str(failure)
    ended = BackupRun.objects.filter(archive__in=[entry.name for entry in found]).order_by("pk")
    made = {run.archive: run for run in ended if run.kind == BackupRun.Kind.BACKUP}
    rehearsed = {run.archive: run for run in ended if run.kind == BackupRun.Kind.VERIFICATION and run.is_finished}
    return [ArchiveRow(entry, made.get(entry.name), rehearsed.get(entry.name)) for entry in found], ""

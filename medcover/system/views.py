"""Pages of the installation itself: whether it lives, feedback about it, and what is new in it."""

from __future__ import annotations

from django.contrib import messages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next
from medcover.system import feedback_services
from medcover.system.changes_of_versions import versions
from medcover.system.feedback_services import FeedbackOff, Surroundings
from medcover.system.forms import FeedbackForm
from medcover.system.models import SiteSettings
from medcover.system.version import commit, version


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Say 200 `{"status": "ok"}` when the database answers a trivial query, 503 otherwise."""
    try:
        _answers()
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Say 200 `{"status": "ok"}` when the database answers and has every migration of this version, 503 otherwise."""
    try:
        is_ready = _is_migrated() and _answers()
    except DatabaseError:
        is_ready = False
    return JsonResponse({"status": "ok" if is_ready else "unavailable"}, status=200 if is_ready else 503)


#: Whether this process has seen the database with all its migrations; nobody takes them back under a running site.
_seen: set[str] = set()


def _is_migrated() -> bool:
    if not _seen:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _seen.add("migrated")
    return True


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """Ask what somebody wants to say (GET), keep it and lead them back to where they were (POST)."""
    if not SiteSettings.current().feedback_enabled:
        raise Http404
    if request.method != "POST":
        form = FeedbackForm(initial={"page": _origin(request, request.GET.get("from"))})
        return _feedback_page(request, form, _origin(request, request.GET.get("from")))
    form, origin = FeedbackForm(request.POST), _origin(request, request.POST.get("page"))
    if not form.is_valid():
        return _feedback_page(request, form, origin, status=422)
    return _sent(request, form, origin)


def _sent(request: HttpRequest, form: FeedbackForm, origin: str) -> HttpResponse:
    typed = form.cleaned_data
    around = Surroundings(origin, request.headers.get("User-Agent", ""), typed["screen"])
    try:
        feedback_services.send(typed["message"], around, by=request.user, at=timezone.now())
    except FeedbackOff as gone:
        raise Http404 from gone
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _feedback_page(request, form, origin, status=409)
    messages.success(request, _("Thank you for your feedback."))
    return redirect(origin or "events:dashboard")


def _feedback_page(request: HttpRequest, form: FeedbackForm, origin: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "origin": origin or reverse("events:dashboard"), "page": origin}
    return render(request, "system/feedback.html", context, status=status)


def _origin(request: HttpRequest, page: str | None) -> str:
    """A page of ours or none: whoever made the link must not choose where it leads."""
    return safe_next(request.get_host(), page, "")


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Show what is new for people, version by version."""
    context = {"versions": versions(get_language() or ""), "version": version(), "commit": commit()}
    return render(request, "system/changes.html", context)

"""How the installation is doing: checks of services, counts of users and events, the newest changes, the version.

A page of its own for administrators. The start page fetches it after it has been drawn, so that no service that takes
its time makes anybody wait; without scripts it is a link there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event
from events.rules.lifecycle import Status
from medcover.backoffice.columns import badge
from medcover.system import audit_history, checks_of_services
from medcover.system.checks_of_services import Checked, State
from medcover.system.models import AuditEntry, UserFeedback
from medcover.system.version import commit, version

RIGHT = "system.view_administration"
TITLE = _("State of the installation")
#: So many of the newest entries of the record are shown.
SHOWN = 8

#: The list of events opens on what is to come.
_ALL = {"time": "all"}

#: State → class of the badge and its icon.
_LOOKS = {
    State.OK: ("full", "check-lg"),
    State.WARNING: ("partial", "exclamation-triangle"),
    State.ERROR: ("short", "x-circle"),
    State.UNKNOWN: ("draft", "question-circle"),
}


@dataclass(frozen=True)
class Service:
    """A checked service as it is drawn."""

    title: str | Promise
    icon: str
    badge: SafeString
    details: str | Promise
    url: str


@dataclass(frozen=True)
class Counted:
    """A number under a word; `url` leads to the list of just these rows."""

    label: str | Promise
    count: int
    url: str


@never_cache
@require_safe
def installation_view(request: HttpRequest) -> TemplateResponse:
    """Show it as a page, or to the start page as the part of one."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    part = "HX-Request" in request.headers
    frame = {} if part else {**admin.site.each_context(request), "title": TITLE}
    template = "admin/_installation.html" if part else "admin/installation.html"
    return TemplateResponse(request, template, {**frame, **context()})


def context() -> dict[str, Any]:
    """Return what the page shows, by a fixed number of queries."""
    newest = AuditEntry.objects.select_related("actor", "content_type").order_by("-id")[:SHOWN]
    return {
        "checked_at": timezone.now(),
        "services": [_service(checked) for checked in checks_of_services.run_all()],
        "users": users(),
        "events": events(),
        "newest": [*zip(newest, audit_history.lines_of(list(newest), detailed=()), strict=True)],
        "feedback_count": UserFeedback.objects.count(),
        "version": version(),
        "commit": commit(),
    }


def _service(checked: Checked) -> Service:
    check, finding = checked.check, checked.finding
    url = reverse(check.url) if check.url else ""
    return Service(check.title, check.icon, badge(*_LOOKS[finding.state], finding.words), finding.details, url)


def users() -> list[Counted]:
    """Count people; whoever has left is counted apart."""
    here = Q(is_archived=False)
    counts = get_user_model().objects.aggregate(
        all=Count("pk", filter=here),
        active=Count("pk", filter=Q(is_active=True) & here),
        archived=Count("pk", filter=Q(is_archived=True, erased_at=None)),
    )
    waiting = counts["all"] - counts["active"]
    return [
        Counted(_("In total"), counts["all"], _people("")),
        Counted(_("Active"), counts["active"], _people("active")),
        Counted(_("Waiting for activation"), waiting, _people("waiting")),
        Counted(_("Archived"), counts["archived"], _people("archived")),
    ]


def _people(state: str) -> str:
    return reverse("admin:roster_user_changelist", query={"state": state} if state else None)


def events() -> list[Counted]:
    """Count events by status, those put away apart; what there is none of is left out."""
    rows = dict(Event.objects.not_archived().order_by().values_list("status").annotate(count=Count("pk")))
    address = "admin:events_event_changelist"
    total = Counted(_("In total"), sum(rows.values()), reverse(address, query=_ALL))
    found = [
        Counted(s.label, rows.get(s.value, 0), reverse(address, query={**_ALL, "status__exact": s})) for s in Status
    ]
    return [total, *(one for one in found if one.count)]

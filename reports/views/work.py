"""Work reports: choosing a month and a person, making the file, and sending it to whoever made it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from medcover.common.downloads import XLSX
from medcover.common.errors import DomainError, NotAllowed
from reports import policies, services
from reports.forms import WorkReportForm, month_in_words
from reports.models import WorkReport
from reports.views import choosing
from reports.work_report import file_name
from roster.models import User

_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def work_report(request: HttpRequest) -> HttpResponse:
    """Show the form and what lies ready (GET); make a report (POST)."""
    person = _person_asked_for(request)
    if not policies.may_make_work_report(request.user, person):
        raise PermissionDenied
    form = WorkReportForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, person, form)
    year, month = form.cleaned_data["month"]
    try:
        made = services.make_work_report(person.pk, year=year, month=month, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except DomainError as refusal:
        form.add_error("month", str(refusal))
        return _page(request, person, form)
    messages.success(request, _("The work report for %s has been made.") % month_in_words(made.month))
    return redirect(address_for(request.user, person))


def address_for(user: Any, person: Any) -> str:
    """Return the address of the page for a person; one's own has no key in it."""
    query = "" if person.pk == user.pk else f"?{urlencode({'person': person.pk})}"
    return reverse("reports:work") + query


def _person_asked_for(request: HttpRequest) -> User:
    """Return whose report is asked for: one's own unless the address names somebody.

    Raises BadRequest for what is no key, PermissionDenied before telling whether there is such a person, Http404.
    """
    asked = request.GET.get("person", "")
    key = _key(asked) if asked else request.user.pk
    if key == request.user.pk:
        return request.user  # type: ignore[return-value]
    if not policies.may_choose_person(request.user):
        raise PermissionDenied
    person: User = get_object_or_404(User.objects.visible_to(request.user).not_erased(), pk=key)
    return person


def _key(asked: str) -> UUID:
    try:
        return UUID(asked)
    except ValueError as error:
        raise BadRequest("This is no key of a person.") from error


def _page(request: HttpRequest, person: User, form: WorkReportForm) -> HttpResponse:
    is_own = person.pk == request.user.pk
    context = {
        "form": form,
        "person": person,
        "is_own": is_own,
        "reports": WorkReport.objects.made_by(request.user).about(person).kept_at(timezone.now()).newest_month_first(),
        "may_choose": policies.may_choose_person(request.user),
        **choosing.search(
            request,
            "reports:work",
            User.objects.visible_to(request.user).not_erased(),
            lambda found: address_for(request.user, found),
        ),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "reports/work.html", context, status=status)


@never_cache
@require_safe
def work_report_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Send a report to whoever made it, as long as they may still make such a one."""
    found = WorkReport.objects.made_by(request.user).kept_at(timezone.now()).select_related("person")
    report = get_object_or_404(found, pk=pk)
    if not policies.may_make_work_report(request.user, report.person):
        raise PermissionDenied
    try:
        content = report.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = file_name(report.person.name, report.month)
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX, headers=_HEADERS)

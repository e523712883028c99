"""Pages of an item that ask for something: to whom, what has happened, out of service from when until when."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from equipment import policies
from equipment.forms.item import ReportForm, ServiceForm
from equipment.services import availability, issues
from equipment.states import ItemState
from equipment.views.requests import address_of, do, posted_version, readers_only, shown_item, warn_of_broken
from medcover.common.errors import DomainError, NotAllowed
from roster.models import User

#: So many people are offered; whoever is not among them is searched for.
OFFERED = 15

_asking = require_http_methods(["GET", "HEAD", "POST"])


@readers_only
@_asking
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Search for a person (GET); hand the item out to the chosen one (POST)."""
    state = shown_item(pk)
    if not policies.may_issue(request.user):
        raise PermissionDenied
    if request.method == "POST":
        version, now, person = posted_version(request), timezone.now(), request.POST.get("person", "")
        return do(request, pk, lambda: issues.issue(pk, person, by=request.user, at=now, version=version), _issued)
    asked = request.GET.get("q", "")[:255]
    people = User.objects.active().matching(asked).by_name()
    context = {"state": state, "item": state.item, "q": asked, "people": people[: OFFERED + 1], "offered": OFFERED}
    return render(request, "equipment/issue.html", context)


def _issued(made: Any) -> str:
    return _("“%(item)s” has been issued to %(person)s.") % {"item": made.item.name, "person": made.person.name}


@readers_only
@_asking
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the holder what has happened (GET), and keep it (POST)."""
    state = shown_item(pk)
    if not policies.may_report(request.user, state.issue):
        raise PermissionDenied
    form = ReportForm(request.POST or None)
    if not form.is_valid():
        return _page(request, "equipment/report.html", state, form)
    typed, now = form.cleaned_data, timezone.now()
    said = _("Thank you. Your report has been kept.")
    return _saved(
        request, "equipment/report.html", state, form,
        lambda: issues.report(pk, kind=typed["kind"], text=typed["text"], by=request.user, at=now), said,
    )  # fmt: skip


@readers_only
@_asking
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when the item is out of service and why (GET), and plan it (POST)."""
    state = shown_item(pk)
    if not policies.may_modify_availability(request.user, state.item):
        raise PermissionDenied
    form = ServiceForm(request.POST or None, initial={"version": state.item.version})
    if not form.is_valid():
        return _page(request, "equipment/service.html", state, form)
    typed, now = form.cleaned_data, timezone.now()
    return _saved(
        request, "equipment/service.html", state, form,
        lambda: availability.plan_service(pk, **typed, by=request.user, at=now), _("The service has been noted."),
    )  # fmt: skip


def _saved(
    request: HttpRequest, template: str, state: ItemState, form: Any, change: Callable[[], Any], done: str
) -> HttpResponse:
    """Make the change and lead to the item; a refusal comes back with the form."""
    try:
        outcome = change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        form.add_error(None, str(refusal) if isinstance(refusal, DomainError) else refusal)
        return _page(request, template, state, form)
    messages.success(request, done)
    warn_of_broken(request, outcome)
    return redirect(address_of(state.item.pk))


def _page(request: HttpRequest, template: str, state: ItemState, form: Any) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, template, {"state": state, "item": state.item, "form": form}, status=status)

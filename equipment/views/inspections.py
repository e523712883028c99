"""Pages on which the result of an inspection is recorded or corrected, and one result for several items at once."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from equipment.forms.inspections import FindingForm, InspectionFilter, InspectionForm
from equipment.models import InspectionPlan, InspectionResult, ItemInspection
from equipment.services import inspections
from equipment.services.inspections import Finding
from equipment.states import ItemState
from equipment.views.inspection_list import Line
from equipment.views.requests import address_of, inspectors_only, shown_item, warn_of_broken
from medcover.common.bulk import BulkResult
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in

#: So many items stand on one page; more are narrowed down by their location.
MOST = 200

_asking = require_http_methods(["GET", "HEAD", "POST"])


@inspectors_only
@_asking
def record(request: HttpRequest, pk: int, plan: int) -> HttpResponse:
    """Ask what came of the inspection of an item (GET), and keep it (POST)."""
    state = shown_item(pk)
    row = get_object_or_404(InspectionPlan.objects.in_use(), pk=plan, type=state.item.type_id)
    return _recorded(request, state, row, None)


@inspectors_only
@_asking
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what should have been recorded (GET), and keep it in place of what was (POST)."""
    result = get_object_or_404(InspectionResult.objects.select_related("plan"), pk=pk)
    return _recorded(request, shown_item(result.item_id), result.plan, result)


def _recorded(
    request: HttpRequest, state: ItemState, plan: InspectionPlan, corrected: InspectionResult | None
) -> HttpResponse:
    if state.item.is_archived:
        raise PermissionDenied
    now = timezone.now()
    form = InspectionForm(
        request.POST or None, request.FILES or None, plan=plan, reader=request.user, today=timezone.localdate(now),
        corrected=corrected,
    )  # fmt: skip
    key = state.item.pk

    def keep(found: Finding) -> None:
        made = inspections.record(key, plan.pk, found, by=request.user, at=now)
        messages.success(request, _("The result of the inspection has been recorded."))
        warn_of_broken(request, made)

    if form.is_valid() and _kept(form, keep):
        return redirect(address_of(key))
    context = {"state": state, "item": state.item, "plan": plan, "form": form, "corrected": corrected}
    return render(request, "equipment/inspection.html", context, status=_status(form))


def _kept(form: FindingForm, change: Callable[[Finding], Any]) -> bool:
    """Make the change; a refusal becomes an error of the form."""
    try:
        change(form.finding())
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        form.add_error(None, str(refusal) if isinstance(refusal, DomainError) else refusal.messages)
        return False
    return True


def _status(form: Any) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK


@inspectors_only
@_asking
def several(request: HttpRequest) -> HttpResponse:
    """Offer the items of one inspection (GET), and keep one finding for those that are ticked (POST)."""
    asked, now = InspectionFilter(request.GET), timezone.now()
    plan, today = asked.cleaned_data["plan"], timezone.localdate(now)
    if plan is None:
        return render(request, "equipment/inspections_several.html", {"asked": asked})
    ticked = [key for key in map(key_in, request.POST.getlist("item")[:MOST]) if key]
    form = FindingForm(request.POST or None, plan=plan, reader=request.user, today=today)
    if form.is_valid() and not ticked:
        form.add_error(None, _("Tick at least one item."))
    key = plan.pk

    def keep(found: Finding) -> None:
        _tell(request, inspections.record_all(ticked, key, found, by=request.user, at=now))

    if form.is_valid() and _kept(form, keep):
        return redirect(f"{reverse('equipment:inspections')}?plan={key}")
    rows = ItemInspection.objects.in_use().matching(plan=plan, location=asked.cleaned_data["location"]).with_names()
    lines = [Line(row, row.state_on(today)) for row in rows[: MOST + 1]]
    context = {
        "asked": asked,
        "plan": plan,
        "form": form,
        "lines": lines[:MOST],
        "has_more": len(lines) > MOST,
        "most": MOST,
        "ticked": {line.row.item_id for line in lines} if request.GET.get("all") and not form.is_bound else set(ticked),
    }
    return render(request, "equipment/inspections_several.html", context, status=_status(form))


def _tell(request: HttpRequest, result: BulkResult) -> None:
    """Say how many were recorded, and why the others were not."""
    if count := len(result.changed):
        words = ngettext("The inspection of %d item recorded.", "The inspection of %d items recorded.", count)
        messages.success(request, words % count)
    for name, why in result.skipped:
        messages.warning(request, f"{name}: {why}")

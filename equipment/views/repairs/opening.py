"""Pages that open a repair: the report of a problem, and the form of a technician."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from equipment import policies
from equipment.forms.repairs import NewRepairForm, ProblemForm
from equipment.models import EquipmentItem, Repair
from equipment.services.repairs import opening
from equipment.services.repairs.opening import Picture, Problem
from equipment.views.files import sent
from equipment.views.requests import address_of, readers_only, shown_item, warn_of_broken, workers_only
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in

#: So many items are offered; what is not among them is searched for.
OFFERED = 15

_asking = require_http_methods(["GET", "HEAD", "POST"])


@readers_only
@_asking
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is wrong with an item (GET), and open a repair (POST)."""
    state = shown_item(pk)
    if not policies.may_report_problem(request.user, state.item):
        raise PermissionDenied
    form = ProblemForm(request.POST or None, request.FILES or None)
    context = {"item": state.item, "form": form}
    if not form.is_valid():
        return _page(request, "equipment/repairs/report.html", context)
    data, name = sent(form, "photo")
    picture, now = Picture(data, name) if name else None, timezone.now()
    return _opened(
        request, "equipment/repairs/report.html", context,
        lambda: opening.report(pk, _problem(form), by=request.user, at=now, picture=picture),
        lambda made: _thank(request, pk, made),
    )  # fmt: skip


def _problem(form: Any) -> Problem:
    typed = form.cleaned_data
    names = ("description", "severity", "is_safety_risk", "is_consumable")
    return Problem(**{name: typed[name] for name in names})


def _thank(request: HttpRequest, pk: int, made: opening.Reported) -> HttpResponse:
    messages.success(request, _("Thank you. Whoever looks after equipment can see your report now."))
    if made.picture_refused:
        messages.warning(request, _("Your photo was not kept: %s") % made.picture_refused)
    return redirect(address_of(pk))


@workers_only
@_asking
def create(request: HttpRequest) -> HttpResponse:
    """Search for an item (GET), ask what is wrong with the one in the address (GET), and open a repair (POST)."""
    key = request.GET.get("item")
    if key is None:
        return _choose(request)
    item = get_object_or_404(EquipmentItem.objects.in_use().select_related("location"), pk=key_in(key))
    form = NewRepairForm(request.POST or None)
    context = {"item": item, "form": form}
    if not form.is_valid():
        return _page(request, "equipment/repairs/new.html", context)
    assignee, now = form.cleaned_data["assignee"], timezone.now()
    return _opened(
        request, "equipment/repairs/new.html", context,
        lambda: opening.create(item.pk, _problem(form), by=request.user, at=now, assignee_id=assignee or None),
        lambda made: _to_the_repair(request, made),
    )  # fmt: skip


def _to_the_repair(request: HttpRequest, made: Repair) -> HttpResponse:
    warn_of_broken(request, made)
    return redirect("equipment:repair", made.pk)


def _choose(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "")[:255]
    items = EquipmentItem.objects.in_use().matching(asked).select_related("location").order_by("name_sort", "pk")
    context = {"q": asked, "items": items[: OFFERED + 1], "offered": OFFERED}
    return render(request, "equipment/repairs/choose.html", context)


def _opened(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    change: Callable[[], Any],
    done: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Open the repair; a refusal comes back with the form."""
    try:
        made = change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        said = refusal.messages if isinstance(refusal, ValidationError) else str(refusal)
        context["form"].add_error(None, said)
        return _page(request, template, context)
    return done(made)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["form"].is_bound else HTTPStatus.OK
    return render(request, template, context, status=status)

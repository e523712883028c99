"""Page of one repair, and saving everything on it at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.forms.item import PhotoForm
from equipment.forms.repairs import WorkForm
from equipment.models import Repair
from equipment.models.repair import LONGEST_TEXT
from equipment.repairs.rules import Status, days_between
from equipment.services.repairs import work
from equipment.views.requests import warn_of_broken, workers_only
from medcover.common.errors import DomainError, NotAllowed


@workers_only
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a repair with everything that has happened to it."""
    repair = _shown(pk)
    return _page(request, repair, WorkForm(repair))


def _shown(pk: int) -> Repair:
    found: Repair = get_object_or_404(Repair.objects.with_names().select_related("duplicate_of"), pk=pk)
    return found


def _page(request: HttpRequest, repair: Repair, form: WorkForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {
        "repair": repair,
        "item": repair.item,
        "form": form,
        "photo_form": PhotoForm(),
        "days": days_between(repair.created, timezone.now()),
        "entries": repair.entries.select_related("author", "photo"),
        "longest": LONGEST_TEXT,
    }
    return render(request, "equipment/repairs/page.html", context, status=status)


@workers_only
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save everything that the form shows; a refusal comes back with the form."""
    repair, now = _shown(pk), timezone.now()
    form = WorkForm(repair, request.POST)
    if not form.is_valid():
        return _page(request, repair, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        saved = work.save(pk, by=request.user, at=now, **form.wanted)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        form.add_error(None, refusal.messages if isinstance(refusal, ValidationError) else str(refusal))
        return _page(request, repair, form, HTTPStatus.CONFLICT)
    _say(request, repair, saved, form.wanted)
    warn_of_broken(request, saved)
    return redirect("equipment:repair", pk)


def _say(request: HttpRequest, before: Repair, saved: Repair, wanted: Any) -> None:
    if before.version == saved.version and not wanted["note"].strip():
        messages.info(request, _("Nothing was different, so nothing was saved."))
        return
    messages.success(request, _("The repair has been saved."))
    if before.duplicate_of_id and saved.status != Status.DUPLICATE:
        messages.info(request, _("It is no longer a duplicate, so it does not point at another repair any more."))

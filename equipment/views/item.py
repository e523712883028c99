"""Page of one item, and the steps that are one touch on it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from equipment import page_querysets, policies
from equipment.forms.item import DocumentForm, LinkForm, PhotoForm
from equipment.labels.address import why_unfit
from equipment.models import EquipmentItem
from equipment.models.stock import CODE_LENGTH
from equipment.services import availability, issues
from equipment.states import ItemState
from equipment.views.inspection_list import Line
from equipment.views.requests import do, posted_version, readers_only, shown_item


@readers_only
@require_safe
def item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about one item, and what the reader may do with it."""
    return render(request, "equipment/item.html", _context(request, shown_item(pk)))


def _context(request: HttpRequest, state: ItemState) -> dict[str, Any]:
    item, user = state.item, request.user
    may_edit = policies.may_edit_files(user, item)
    forms = {"photo_form": PhotoForm(), "document_form": DocumentForm(), "link_form": LinkForm()} if may_edit else {}
    photos, documents = page_querysets.files_of(item)
    return {
        "state": state,
        "item": item,
        "code": _grouped(item.code),
        "photos": photos,
        "documents": documents,
        "links": page_querysets.links_of(item),
        "may_edit_files": may_edit,
        "packed": page_querysets.packed_now(item, user),
        "may_issue": policies.may_issue(user),
        "may_take_back": policies.may_take_back(user, state.issue),
        "may_report": policies.may_report(user, state.issue),
        "may_modify": policies.may_modify_availability(user, item),
        "may_inspect": not item.is_archived and policies.may_record_inspections(user),
        "may_see_history": policies.may_see_history(user),
        "inspections": _inspections(item),
        "may_report_problem": policies.may_report_problem(user, item),
        "has_public_page": policies.has_public_page(item),
        "may_manage_repairs": policies.may_manage_repairs(user),
        "may_print_labels": not item.is_archived and policies.may_print_labels(user),
        "no_labels_because": why_unfit(),
        "repairs": page_querysets.repairs_of(item),
        **forms,
    }


def _inspections(item: EquipmentItem) -> list[Line]:
    today = timezone.localdate()
    return [Line(row, row.state_on(today)) for row in page_querysets.inspections_of(item)]


@readers_only
@require_safe
@vary_on_headers("HX-Request")
def item_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what has happened to an item. Its own page shows it in its place, when somebody asks for it there."""
    item, user = shown_item(pk).item, request.user
    if not policies.may_see_history(user):
        raise PermissionDenied
    context = {
        "item": item,
        "may_inspect": not item.is_archived and policies.may_record_inspections(user),
        "may_manage_repairs": policies.may_manage_repairs(user),
        **page_querysets.history_of(item, user),
    }
    return render(request, "equipment/_history.html" if request.htmx else "equipment/history.html", context)  # type: ignore[attr-defined]


def _grouped(code: str) -> str:
    """Write a code in groups of four, as it is read aloud."""
    return " ".join(code[place : place + 4] for place in range(0, CODE_LENGTH, 4))


@readers_only
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the item out to whoever asks."""
    version, now = posted_version(request), timezone.now()
    return do(request, pk, lambda: issues.take(pk, by=request.user, at=now, version=version), _taken)


def _taken(issue: Any) -> str:
    return str(_("You have taken “%s”.") % issue.item.name)


@readers_only
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the item has been returned."""
    version, now = posted_version(request), timezone.now()
    return do(request, pk, lambda: issues.take_back(pk, by=request.user, at=now, version=version), _returned)


def _returned(issue: Any) -> str:
    return str(_("“%s” has been returned.") % issue.item.name)


@readers_only
@require_POST
def end_service(request: HttpRequest, pk: int, window: int) -> HttpResponse:
    """Put the item back into service, or cancel a service that is planned."""
    now = timezone.now()
    done = _("The item is in service again, or its service has been cancelled.")
    return do(request, pk, lambda: availability.end_service(window, by=request.user, at=now), done)


@readers_only
@require_POST
def lost(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the item is lost."""
    version, now = posted_version(request), timezone.now()
    done = _("The item is reported lost; it counts for no plan.")
    return do(request, pk, lambda: availability.mark_lost(pk, by=request.user, at=now, version=version), done)


@readers_only
@require_POST
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the item has been found."""
    version = posted_version(request)
    done = _("The item has been found and counts again.")
    return do(request, pk, lambda: availability.mark_found(pk, by=request.user, version=version), done)

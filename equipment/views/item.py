"""Page of one item, and the steps that are one touch on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment import policies
from equipment.forms.item import DocumentForm, LinkForm, PhotoForm
from equipment.labels.address import why_unfit
from equipment.models import EquipmentItem, Repair
from equipment.models.stock import CODE_LENGTH
from equipment.services import availability, issues
from equipment.states import ItemState
from equipment.views.inspection_list import Line
from equipment.views.requests import do, posted_version, readers_only, shown_item

#: So many former holders, services and reports are listed; the record has all of them.
LISTED = 20


@readers_only
@require_safe
def item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about one item, and what the reader may do with it."""
    return render(request, "equipment/item.html", _context(request, shown_item(pk)))


def _context(request: HttpRequest, state: ItemState) -> dict[str, Any]:
    item, user = state.item, request.user
    may_edit = policies.may_edit_files(user, item)
    forms = {"photo_form": PhotoForm(), "document_form": DocumentForm(), "link_form": LinkForm()} if may_edit else {}
    return {
        "state": state,
        "item": item,
        "code": _grouped(item.code),
        "photos": item.attachments.photos(),
        "documents": item.attachments.documents(),
        "links": item.links.all(),
        "may_edit_files": may_edit,
        "packed": item.packings.open().visible_to(user).select_related("event").first(),
        "may_issue": policies.may_issue(user),
        "may_take_back": policies.may_take_back(user, state.issue),
        "may_report": policies.may_report(user, state.issue),
        "may_modify": policies.may_modify_availability(user, item),
        "may_inspect": not item.is_archived and policies.may_record_inspections(user),
        "inspections": _inspections(item),
        "may_report_problem": policies.may_report_problem(user, item),
        "has_public_page": policies.has_public_page(item),
        "may_manage_repairs": policies.may_manage_repairs(user),
        "may_print_labels": not item.is_archived and policies.may_print_labels(user),
        "no_labels_because": why_unfit(),
        "repairs": Repair.objects.of_item(item).select_related("assignee")[:LISTED],
        **(_history(item, user) if policies.may_see_history(user) else {}),
        **forms,
    }


def _history(item: EquipmentItem, reader: Any) -> dict[str, Any]:
    people = ("person", "issued_by", "returned_by")
    return {
        "shows_history": True,
        "issues": item.issues.select_related(*people)[:LISTED],
        "packings": item.packings.visible_to(reader).select_related("event", "taken_by", "returned_by")[:LISTED],
        "reports": item.reports.select_related("person", "repair")[:LISTED],
        "windows": item.service_windows.select_related("added_by")[:LISTED],
        "results": item.inspection_results.with_names()[:LISTED],
    }


def _inspections(item: EquipmentItem) -> list[Line]:
    today = timezone.localdate()
    rows = item.inspections.with_names()
    return [Line(row, row.state_on(today)) for row in rows]


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

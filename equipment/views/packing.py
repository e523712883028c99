"""Packing for an event and bringing back, by list or by code; and the address behind the code of an item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipment import policies
from equipment.forms.packing import BACK, PACK, PackingView, ReturnForm
from equipment.models import EquipmentItem, PackedItem
from equipment.packing_board import board_of, is_over
from equipment.services import packing as services
from equipment.views.requests import address_of, readers_only, shown_event
from events.models import Event
from medcover.common.bulk import BulkResult
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.permissions_policy import with_camera
from medcover.common.text import key_in

#: More boxes than this nobody ticks at once.
_MOST = 300


@readers_only
@with_camera
@require_safe
def packing(request: HttpRequest, event: int) -> HttpResponse:
    """Show what is planned, packed and back, and what the reader can pack or bring back."""
    shown, now, form = shown_event(request, event), timezone.now(), PackingView(request.GET)
    may_pack, besides = policies.may_pack(request.user, shown), form.cleaned_data["type"]
    mode = form.cleaned_data["mode"] or (BACK if is_over(shown, now) else PACK)
    offering = may_pack and mode == PACK and services.may_be_packed_for(shown)
    context = {
        "board": board_of(shown, now, offering=offering, besides=besides),
        "event": shown,
        "form": form,
        "mode": mode,
        "may_pack": may_pack,
        "offering": offering,
    }
    return render(request, "equipment/packing/page.html", context)


def _packed_by(request: HttpRequest, pk: int) -> Event:
    event = shown_event(request, pk)
    if not policies.may_pack(request.user, event):
        raise PermissionDenied
    return event


@readers_only
@require_POST
def pack(request: HttpRequest, event: int) -> HttpResponse:
    """Pack what was ticked, or the item whose code was typed or scanned."""
    _packed_by(request, event)
    by, now = request.user, timezone.now()
    if "code" in request.POST:
        typed = request.POST["code"]
        return _do(request, event, lambda: services.pack(event, services.item_of(typed), by=by, at=now), _packed)
    return _do_all(request, event, lambda ids: services.pack_all(event, ids, by=by, at=now), _("Packed: %s"))


def _packed(row: PackedItem) -> str:
    return _("Packed: %s") % row.item.name


@readers_only
@require_POST
def unpack(request: HttpRequest, event: int, pk: int) -> HttpResponse:
    """Take back that an item was packed."""
    _packed_by(request, event)
    now = timezone.now()
    return _do(request, event, lambda: services.unpack(event, pk, by=request.user, at=now), _unpacked)


def _unpacked(item: EquipmentItem) -> str:
    return _("“%s” is not packed any more.") % item.name


@readers_only
@require_POST
def bring_back(request: HttpRequest, event: int) -> HttpResponse:
    """Note the return of what was ticked, or of the item whose code was typed or scanned."""
    _packed_by(request, event)
    by, now = request.user, timezone.now()
    if "code" in request.POST:
        typed = request.POST["code"]
        return _do(request, event, lambda: services.bring_back(event, services.item_of(typed), by=by, at=now), _back)
    return _do_all(
        request, event, lambda ids: services.bring_all_back(event, ids, by=by, at=now), _("Brought back: %s")
    )


def _back(row: PackedItem) -> str:
    return _("Brought back: %s") % row.item.name


@readers_only
@require_POST
def bring_everything_back(request: HttpRequest, event: int) -> HttpResponse:
    """Note that everything has come back in order."""
    _packed_by(request, event)
    result = services.bring_all_back(event, by=request.user, at=timezone.now())
    return _tell_all(request, event, result, _("Brought back: %s"))


@readers_only
@require_http_methods(["GET", "HEAD", "POST"])
def bring_back_one(request: HttpRequest, event: int, pk: int) -> HttpResponse:
    """Ask how an item has come back (GET), and note it (POST)."""
    shown = _packed_by(request, event)
    row = PackedItem.objects.open().filter(event=shown, item=pk).select_related("item").first()
    if row is None:
        messages.error(request, _("This item is not packed for this event, or has come back already."))
        return redirect(_address(event, BACK))
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _noted(request, event, pk, form):
        return redirect(_address(event, BACK))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"event": shown, "item": row.item, "form": form, "back_url": _address(event, BACK)}
    return render(request, "equipment/packing/bring_back.html", context, status=status)


def _noted(request: HttpRequest, event: int, pk: int, form: ReturnForm) -> bool:
    try:
        row = services.bring_back(event, pk, **form.cleaned_data, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        form.add_error(None, str(refusal) if isinstance(refusal, DomainError) else refusal)
        return False
    words = _("Noted as missing: %s") if row.outcome == PackedItem.Outcome.MISSING else _("Brought back: %s")
    messages.success(request, words % row.item.name)
    return True


@readers_only
@require_safe
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the page of the item that has the code."""
    try:
        return redirect(address_of(services.item_of(code)))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("equipment:items")


def _do(request: HttpRequest, event: int, change: Callable[[], Any], done: Callable[[Any], str]) -> HttpResponse:
    """Make one change and lead back to the page; a refusal is said there."""
    try:
        outcome = change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done(outcome))
    return redirect(_way_back(request, event))


def _do_all(
    request: HttpRequest, event: int, change: Callable[[Iterable[int]], BulkResult], words: str
) -> HttpResponse:
    """Make a change with each ticked item and lead back to the page, which says what became of them."""
    ids = [key_in(value) for value in request.POST.getlist("item")[:_MOST]]
    if not ids:
        messages.error(request, _("Tick what you mean first."))
        return redirect(_way_back(request, event))
    return _tell_all(request, event, change(ids), words)


def _tell_all(request: HttpRequest, event: int, result: BulkResult, words: str) -> HttpResponse:
    if result.changed:
        messages.success(request, words % ", ".join(result.changed))
    for name, reason in result.skipped:
        messages.error(request, f"{name}: {reason}")
    return redirect(_way_back(request, event))


def _way_back(request: HttpRequest, event: int) -> str:
    """Return the address of the page as it was when the reader left it."""
    asked = PackingView(request.POST).cleaned_data
    return _address(event, asked["mode"], asked["type"].pk if asked["type"] else None)


def _address(event: int, mode: str, kind: int | None = None) -> str:
    asked = {"mode": mode, "type": kind}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("equipment:packing", args=[event]) + (f"?{query}" if query else "")

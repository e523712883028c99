"""Pages that change the stock of consumables: kinds, deliveries, use, counting, moving, throwing away."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from equipment.consumables import policies
from equipment.forms.consumables import (
    ConsumableForm,
    CountForm,
    DisposeForm,
    LotForm,
    MoveForm,
    ReceiveForm,
    UseForm,
)
from equipment.models import Consumable, Lot, Movement
from equipment.services import consumables, lots, usage
from equipment.views.requests import do, posted_version, readers_only
from medcover.common.errors import DomainError, NotAllowed

_asking = require_http_methods(["GET", "HEAD", "POST"])


def keepers_only(request: HttpRequest) -> None:
    """Let in those who keep the stock."""
    if not policies.may_manage(request.user):
        raise PermissionDenied


def address_of(pk: int) -> str:
    """Return the address of a kind's page."""
    return reverse("equipment:consumable", args=[pk])


# --- kinds ----------------------------------------------------------------------------------------------


@readers_only
@_asking
def new_consumable(request: HttpRequest) -> HttpResponse:
    """Ask for a new kind (GET), and make it (POST)."""
    keepers_only(request)
    return _kind_form(request, None, ConsumableForm(request.POST or None))


@readers_only
@_asking
def edit_consumable(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a kind as a form (GET), and write it (POST)."""
    row = get_object_or_404(Consumable, pk=pk)
    keepers_only(request)
    return _kind_form(request, row, ConsumableForm(request.POST or None, instance=copy(row)))


def _kind_form(request: HttpRequest, row: Consumable | None, form: Any) -> HttpResponse:
    def save() -> Any:
        version = form.cleaned_data["version"] if row else None
        return consumables.save_consumable(form.instance, by=request.user, version=version)

    words = _("The changes have been saved.") if row else _("The consumable has been created.")
    return _asked(request, row, form, save, lambda _saved: words)


@readers_only
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a kind away."""
    version = posted_version(request)
    return _done(
        request, pk, lambda: consumables.archive_consumable(pk, by=request.user, version=version),
        _("The consumable has been archived."),
    )  # fmt: skip


@readers_only
@require_POST
def unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a kind out of the archive."""
    version = posted_version(request)
    return _done(
        request, pk, lambda: consumables.unarchive_consumable(pk, by=request.user, version=version),
        _("The consumable has been restored from the archive."),
    )  # fmt: skip


# --- pieces of a kind -----------------------------------------------------------------------------------


@readers_only
@_asking
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what has come (GET), and put it into stock (POST)."""
    kind = get_object_or_404(Consumable, pk=pk)
    keepers_only(request)
    form = ReceiveForm(request.POST or None, initial={"version": kind.version, "location": kind.location_id})

    def store() -> Movement:
        place = form.cleaned_data["location"]
        return lots.receive(
            pk, form.delivery, location_id=place.pk if place else None, by=request.user, at=timezone.now(),
            version=form.cleaned_data["version"],
        )  # fmt: skip

    return _asked(request, kind, form, store, lambda _made: _("The delivery is in stock."))


@readers_only
@_asking
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how much is used for no event (GET), and take it out of stock (POST)."""
    kind = get_object_or_404(Consumable, pk=pk)
    keepers_only(request)
    offered = Lot.objects.filter(consumable=kind).usable_on(timezone.localdate()).in_order_of_use()
    form = UseForm(
        request.POST or None,
        lots=offered.select_related("consumable", "location"),
        initial={"version": kind.version},
    )

    def take() -> list[Movement]:
        typed = dict(form.cleaned_data)
        lot = typed.pop("lot")
        return usage.use(pk, **typed, lot_id=lot.pk if lot else None, by=request.user, at=timezone.now())

    return _asked(request, kind, form, take, lambda _made: _("The use has been recorded."))


@readers_only
@_asking
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how much there is of each lot (GET), and make the stock what was found (POST)."""
    kind = get_object_or_404(Consumable, pk=pk)
    keepers_only(request)
    counted = Lot.objects.filter(consumable=kind).in_stock().in_order_of_use().select_related("consumable", "location")
    form = CountForm(request.POST or None, lots=counted, initial={"version": kind.version})

    def correct() -> list[Movement]:
        typed = form.cleaned_data
        return lots.take_stock(
            pk, form.counted, note=typed["note"], by=request.user, at=timezone.now(), version=typed["version"]
        )

    return _asked(request, kind, form, correct, _corrected)


def _corrected(made: list[Movement]) -> str:
    if not made:
        return _("The stock agrees with what was counted.")
    return ngettext("%d lot has been corrected.", "%d lots have been corrected.", len(made)) % len(made)


# --- pieces of a lot ------------------------------------------------------------------------------------


def _lot(request: HttpRequest, pk: int) -> Lot:
    lot: Lot = get_object_or_404(Lot.objects.select_related("consumable", "location"), pk=pk)
    keepers_only(request)
    return lot


@readers_only
@_asking
def edit_lot(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what stands on the package of a lot (GET), and correct it (POST)."""
    lot = _lot(request, pk)
    initial = {"version": lot.consumable.version, "number": lot.number, "expires_on": lot.expires_on}
    form = LotForm(request.POST or None, initial=initial)
    return _asked(
        request, lot.consumable, form, lambda: lots.edit_lot(pk, **form.cleaned_data, by=request.user),
        lambda _made: _("The lot has been corrected."), lot=lot,
    )  # fmt: skip


@readers_only
@_asking
def dispose(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how much of a lot is thrown away (GET), and do it (POST)."""
    lot = _lot(request, pk)
    form = DisposeForm(request.POST or None, initial={"version": lot.consumable.version, "quantity": lot.quantity})
    return _asked(
        request, lot.consumable, form,
        lambda: lots.dispose(pk, **form.cleaned_data, by=request.user, at=timezone.now()),
        lambda _made: _("The pieces have been taken out of stock."), lot=lot,
    )  # fmt: skip


@readers_only
@_asking
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how much of a lot goes where (GET), and move it (POST)."""
    lot = _lot(request, pk)
    initial = {"version": lot.consumable.version, "quantity": lot.quantity}
    form = MoveForm(request.POST or None, lot=lot, initial=initial)

    def carry() -> Lot:
        typed = dict(form.cleaned_data)
        return lots.move(pk, typed.pop("location").pk, **typed, by=request.user, at=timezone.now())

    return _asked(request, lot.consumable, form, carry, lambda _made: _("The pieces have been moved."), lot=lot)


@readers_only
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a line of the ledger back by one in the opposite direction."""
    kind = Movement.objects.filter(pk=pk).values_list("lot__consumable", flat=True).first()
    if kind is None:
        raise Http404
    return _done(request, kind, lambda: lots.undo(pk, by=request.user, at=timezone.now()), _("It has been taken back."))


# --- answers --------------------------------------------------------------------------------------------


def _asked(
    request: HttpRequest,
    kind: Consumable | None,
    form: Any,
    change: Callable[[], Any],
    done: Callable[[Any], str],
    *,
    lot: Lot | None = None,
) -> HttpResponse:
    """Show the form; when it is valid make the change and lead to the kind. A refusal comes back with the form."""
    if form.is_valid():
        try:
            made = change()
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except (DomainError, ValidationError) as refusal:
            form.add_error(None, str(refusal) if isinstance(refusal, DomainError) else refusal)
            _renew_version(form, kind)
        else:
            messages.success(request, done(made))
            return redirect(address_of(kind.pk if kind else made.pk))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"form": form, "consumable": kind, "lot": lot}
    step = request.resolver_match.url_name if request.resolver_match else ""
    return render(request, f"equipment/consumables/{step}.html", context, status=status)


def _renew_version(form: Any, kind: Consumable | None) -> None:
    """Let the form that comes back go with the stock as it is now: its reader has been told what has changed."""
    if kind is None:
        return
    version = Consumable.objects.values_list("version", flat=True).get(pk=kind.pk)
    form.data = {**form.data.dict(), "version": str(version)}


def _done(request: HttpRequest, pk: int, change: Callable[[], Any], words: str) -> HttpResponse:
    return do(request, pk, change, words, back=address_of(pk))

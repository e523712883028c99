"""Labels with codes: one as a picture with a preview, and sheets of many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from equipment.forms.labels import MOST_LABELS, LabelForm, SheetForm, keys_in
from equipment.forms.listing import ItemFilter
from equipment.labels import names, rendering, template
from equipment.labels.address import UnfitAddress, address_of, why_unfit
from equipment.labels.options import network_of
from equipment.labels.pdf import pdf
from equipment.labels.rendering import Busy, Plan, one_at_a_time
from equipment.labels.sheets import Layout
from equipment.labels.sizes import Unrenderable
from equipment.models import EquipmentItem
from equipment.views.requests import address_of as page_of
from equipment.views.requests import printers_only
from medcover.common.downloads import download
from medcover.common.errors import DomainError
from medcover.system.models import SiteSettings

PNG, PDF = "image/png", "application/pdf"
#: Seconds for which a browser may keep a preview.
KEEP_PREVIEW = 300
PLAIN = "text/plain; charset=utf-8"


@printers_only
@require_safe
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of one label and what it will look like."""
    item = _item(pk)
    if reason := why_unfit():
        messages.error(request, reason)
        return redirect(page_of(pk))
    form, planned, refusal = _form(request), None, ""
    try:
        planned = _plan(form, item)
    except Unrenderable as error:
        refusal = str(error)
    context = {"item": item, "form": form, "planned": planned, "refusal": refusal}
    return render(request, "equipment/labels/label.html", context)


@printers_only
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the label for the screen; in words and with an error where there is none."""
    answer = _picture(request, pk, rendering.preview)
    if answer.status_code == HTTPStatus.OK:
        answer.headers["Cache-Control"] = f"private, max-age={KEEP_PREVIEW}"
    return answer


@printers_only
@require_safe
def png(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the label as a file to print; where there is none, lead back to its form and say why."""
    answer = _picture(request, pk, rendering.png, as_file=True)
    if answer.status_code == HTTPStatus.OK:
        return answer
    messages.error(request, answer.content.decode())
    return redirect(f"{reverse('equipment:label', args=[pk])}?{request.GET.urlencode()}")


def _picture(request: HttpRequest, pk: int, make: Callable[[Plan], bytes], *, as_file: bool = False) -> HttpResponse:
    item, form = _item(pk), _form(request)
    try:
        planned = _plan(form, item)
        if planned is None:
            return _refused(_("There is no such size or printer."), HTTPStatus.BAD_REQUEST)
        content = make(planned)
    except UnfitAddress as refusal:
        raise Http404 from refusal
    except Unrenderable as refusal:
        return _refused(refusal, HTTPStatus.BAD_REQUEST)
    except Busy as refusal:
        return _refused(refusal, HTTPStatus.SERVICE_UNAVAILABLE)
    except template.TemplateChanged as refusal:
        return _refused(refusal, HTTPStatus.INTERNAL_SERVER_ERROR)
    if as_file:
        name = names.png_name(item.pk, item.name, form.options().device)
        return download(content, name=name, content_type=PNG)
    return HttpResponse(content, content_type=PNG)


def _refused(reason: DomainError | str, status: int) -> HttpResponse:
    return HttpResponse(str(reason), content_type=PLAIN, status=status)


def _item(pk: int) -> EquipmentItem:
    item: EquipmentItem = get_object_or_404(EquipmentItem.objects.in_use(), pk=pk)
    return item


def _form(request: HttpRequest) -> LabelForm:
    site = SiteSettings.current()
    form = LabelForm(request.GET, network=network_of(site), wifi=site.wifi_info_default, template=template.configured())
    form.is_valid()
    return form


def _plan(form: LabelForm, item: EquipmentItem) -> Plan | None:
    """Return the label, or nothing for a form with errors. Raises UnfitAddress, Unrenderable."""
    address = address_of(item)
    if form.errors:
        return None
    return rendering.plan(form.content(item, address), form.options(), template.configured())


# --- sheets -------------------------------------------------------------------------------------------------


@printers_only
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Let items be chosen from those that the address asks for, and give their labels as sheets."""
    if reason := why_unfit():
        messages.error(request, reason)
        return redirect("equipment:items")
    site = SiteSettings.current()
    data = request.POST if request.method == "POST" else None
    form = SheetForm(data, network=network_of(site), wifi=site.wifi_info_default)
    if data is None:
        return _choosing(request, form, *_asked_for(request))
    listed, chosen = _named(keys_in(data.get("ids", ""))), set(keys_in(",".join(data.getlist("item"))))
    items = [item for item in listed if item.pk in chosen]
    if not items:
        form.add_error(None, _("Choose at least one item."))
    if not form.is_valid():
        return _choosing(request, form, listed, len(listed), chosen)
    return _sheets(request, form, items)


def _asked_for(request: HttpRequest) -> tuple[list[EquipmentItem], int]:
    """Return the items that the address names or filters for, and how many there are in all."""
    if "ids" in request.GET:
        named = _named(keys_in(request.GET["ids"]))
        return named, len(named)
    filters, now = ItemFilter(request.GET), timezone.now()
    found = filters.found(request.user, now)
    listed = list(filters.ordered(found).select_related("type", "location")[: MOST_LABELS + 1])
    return listed[:MOST_LABELS], len(listed) if len(listed) <= MOST_LABELS else found.count()


def _named(keys: list[int]) -> list[EquipmentItem]:
    """Return items by their keys, in the order of the keys."""
    found = EquipmentItem.objects.in_use().filter(pk__in=keys).select_related("type", "location")
    return sorted(found, key=lambda item: keys.index(item.pk))


def _choosing(
    request: HttpRequest,
    form: SheetForm,
    listed: list[EquipmentItem],
    total: int,
    chosen: Iterable[int] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "items": listed,
        "ids": ",".join(str(item.pk) for item in listed),
        "chosen": {item.pk for item in listed} if chosen is None else chosen,
        "total": total,
        "most": MOST_LABELS,
    }
    status = HTTPStatus.OK if chosen is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "equipment/labels/sheet.html", context, status=status)


def _sheets(request: HttpRequest, form: SheetForm, items: list[EquipmentItem]) -> HttpResponse:
    contents = [form.content(item, address_of(item)) for item in items]
    asked = form.cleaned_data
    try:
        with one_at_a_time():
            content = pdf(contents, Layout(asked["layout"]).sheet, start=asked["start"], offset=form.offset())
    except (Busy, Unrenderable) as refusal:
        form.add_error(None, str(refusal))
        return _choosing(request, form, items, len(items), {item.pk for item in items})
    return download(content, name=names.pdf_name(timezone.localtime()), content_type=PDF)

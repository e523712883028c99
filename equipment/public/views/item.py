"""The pages of one item: what stands behind its code, and its documents, photos and links."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment import policies, status_board
from equipment.codes import code_in
from equipment.models import Attachment, EquipmentItem
from equipment.models.stock import CODE_LENGTH
from equipment.public.forms import ReportForm
from equipment.public.views.requests import public_page, shown_line
from equipment.services.repairs.record import REPORT
from equipment.status_board import Line
from equipment.views.files import answer_with
from medcover.common.text import key_in

#: In the order in which they are read: what one needs first.
_CATEGORIES = {category: place for place, category in enumerate(Attachment.Category)}
#: Short, because an item that is archived takes its files along.
_KEPT = "private, max-age=300"


@public_page
@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """Show how an item stands and what is known, and ask what is wrong; old stickers carry its number."""
    if (right := _right_code(code)) != code:
        return redirect("public:item", right)
    line = shown_line(code)
    initial = {"name": request.user.name} if request.user.is_authenticated else {}
    return page(request, line, ReportForm(code=code, at=timezone.now(), initial=initial))


def _right_code(given: str) -> str:
    """Return the code by which an address is known: of the item with this number, or the same in capitals."""
    number = key_in(given) if len(given) < CODE_LENGTH else 0
    if not number:
        return code_in(given) or given
    found = EquipmentItem.objects.in_use().filter(pk=number).values_list("code", flat=True).first()
    if found is None:
        raise Http404
    return str(found)


def page(request: HttpRequest, line: Line, form: ReportForm, *, status: int = 200) -> HttpResponse:
    """Show the page of an item with its form, new or as it was sent."""
    issues = status_board.known_issues(line.item)
    context: dict[str, Any] = {
        "line": line,
        "item": line.item,
        "form": form,
        "issues": issues[: status_board.MOST_ISSUES],
        "has_more_issues": len(issues) > status_board.MOST_ISSUES,
        "sees_equipment": request.user.has_perm(policies.VIEW),
        "may_manage_repairs": policies.may_manage_repairs(request.user),
        "may_report_by_name": request.user.has_perm(REPORT),
    }
    return render(request, "public/item.html", context, status=status)


@public_page
@require_safe
def info(request: HttpRequest, code: str) -> HttpResponse:
    """Show documents by category, photos and links of an item."""
    line = shown_line(code)
    files = list(_files_of(line.item))
    documents = sorted((file for file in files if file.category), key=lambda file: _CATEGORIES[file.category])
    grouped = groupby(documents, key=lambda file: file.get_category_display())
    context = {
        "item": line.item,
        "documents": [(category, list(rows)) for category, rows in grouped],
        "photos": [file for file in files if file.kind == Attachment.Kind.PHOTO],
        "links": list(line.item.links.all()),
    }
    return render(request, "public/info.html", context)


@public_page
@require_safe
def send_file(_request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """Send a file of an item to be kept; pages show photos all the same."""
    row = get_object_or_404(_files_of(shown_line(code).item), pk=pk)
    response = answer_with(row, row.media_type, as_attachment=True)
    response.headers["Cache-Control"] = _KEPT
    return response


def _files_of(item: EquipmentItem) -> Any:
    """Return the files that everybody may have. Reports of inspections name people."""
    return item.attachments.exclude(category=Attachment.Category.INSPECTION)

"""Photos, documents and links of an item: adding, deleting, and sending a file to whoever may see equipment."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.forms.item import DocumentForm, LinkForm, PhotoForm
from equipment.models import Attachment, Link, RepairPhoto
from equipment.services import files
from equipment.views.requests import address_of, do, readers_only, shown_item

_HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@readers_only
@require_safe
def send(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a file of an item: photos to be shown, documents to be kept."""
    row = get_object_or_404(Attachment, pk=pk)
    return answer_with(row, row.media_type, as_attachment=row.kind == Attachment.Kind.DOCUMENT)


def answer_with(row: Attachment | RepairPhoto, media_type: str, *, as_attachment: bool = False) -> FileResponse:
    """Send a stored file; nothing in it may run or load anything, wherever it is opened."""
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content, as_attachment=as_attachment, filename=row.name, content_type=media_type, headers=_HEADERS
    )


@readers_only
@require_POST
def add_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a photo."""
    shown_item(pk)
    form = PhotoForm(request.POST, request.FILES)
    data, name = sent(form, "photo")
    return do(
        request, pk, lambda: files.add_photo(pk, data, name=name, by=request.user), _("The photo has been added.")
    )


@readers_only
@require_POST
def add_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a document."""
    shown_item(pk)
    form = DocumentForm(request.POST, request.FILES)
    data, name = sent(form, "document")
    category = form.cleaned_data.get("category", "")
    return do(
        request,
        pk,
        lambda: files.add_document(pk, data, name=name, category=category, by=request.user),
        _("The document has been added."),
    )


def sent(form: Any, field: str) -> tuple[bytes, str]:
    """Return what was sent and what it was called; nothing when no file was chosen."""
    form.is_valid()
    file = form.cleaned_data.get(field)
    return (bytes(file.read()), str(file.name)) if file else (b"", "")


@readers_only
@require_POST
def delete_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a photo or a document."""
    row = get_object_or_404(Attachment, pk=pk)
    return do(request, row.item_id, lambda: files.delete_file(pk, by=request.user), _("The file has been deleted."))


@readers_only
@require_POST
def add_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a link."""
    shown_item(pk)
    form = LinkForm(request.POST)
    if not form.is_valid() and request.user.has_perm(files.EDIT):
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(address_of(pk))
    typed = {"title": form.cleaned_data.get("title", ""), "url": form.cleaned_data.get("url", "")}
    return do(request, pk, lambda: files.add_link(pk, **typed, by=request.user), _("The link has been added."))


@readers_only
@require_POST
def delete_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a link."""
    row = get_object_or_404(Link, pk=pk)
    return do(request, row.item_id, lambda: files.delete_link(pk, by=request.user), _("The link has been deleted."))

"""Services of the photos, documents and links of items."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment import documents
from equipment.models import Attachment, EquipmentItem, InspectionResult, Link
from equipment.models.parts import MOST_FILES, MOST_LINKS
from equipment.photos.isolated import photo_jpeg
from equipment.services.locking import Gone, lock_item, refuse_archived, require
from medcover.common.errors import DomainError
from medcover.common.stored_files import deleted_after_commit, withdrawn_on_failure
from medcover.common.text import tidy
from medcover.system import audit

Part = TypeVar("Part", Attachment, Link)

EDIT = "equipment.change_equipmentitem"


def add_photo(item_id: Any, data: bytes, *, name: str, by: Any) -> Attachment:
    """Keep a picture of an item, made anew from what was sent: turned upright, smaller, without any metadata.

    Raises NotAllowed, UnfitPicture, Gone, DomainError for an archived item or when there are too many files.
    """
    require(by, EDIT)
    # Before anything is locked: this takes a moment.
    jpeg = photo_jpeg(data)
    return _keep(item_id, jpeg, by=by, kind=Attachment.Kind.PHOTO, name=name)


def add_document(item_id: Any, data: bytes, *, name: str, category: str, by: Any) -> Attachment:
    """Keep a document of an item as it came. Raises NotAllowed, UnfitDocument, Gone, ValidationError, DomainError."""
    require(by, EDIT)
    documents.require_pdf(data)
    return _keep(item_id, data, by=by, kind=Attachment.Kind.DOCUMENT, name=name, category=category)


@transaction.atomic
def _keep(item_id: Any, data: bytes, *, by: Any, name: str, **fields: Any) -> Attachment:
    item = lock_item(item_id)
    refuse_archived(item)
    return _kept(item, data, by=by, name=name, **fields)


def keep_report(item: EquipmentItem, data: bytes, *, name: str, by: Any) -> Attachment:
    """Keep the report of an inspection of an item that is locked; whoever may record the inspection may do this.

    Raises DomainError when there are too many files.
    """
    kind, category = Attachment.Kind.DOCUMENT, Attachment.Category.INSPECTION
    return _kept(item, data, by=by, name=name, kind=kind, category=category)


def _kept(item: EquipmentItem, data: bytes, *, by: Any, name: str, **fields: Any) -> Attachment:
    if item.attachments.count() >= MOST_FILES:
        raise DomainError(_("The item has too many files. Delete one that is not needed first."))
    row = Attachment(item=item, added_by=by, name=file_name(name), size=len(data), **fields)
    row.full_clean(exclude=["file"])
    with audit.trail(by=by), withdrawn_on_failure(row.file):
        row.file.save("", ContentFile(data), save=False)
        row.save()
    return row


def file_name(given: str) -> str:
    """Return the name that a sender gave to a file, without folders and invisible characters."""
    last = tidy(given.replace("\\", "/").rpartition("/")[2])
    return last[-255:] or "?"


@transaction.atomic
def delete_file(attachment_id: Any, *, by: Any) -> Attachment:
    """Delete a photo or document of an item for good. Raises NotAllowed, Gone, DomainError for an archived item.

    The report of an inspection stays with its result: DomainError, too.
    """
    require(by, EDIT)
    row = _locked_part(Attachment, attachment_id, _("This file has already been deleted."))
    if InspectionResult.objects.filter(protocol=row).exists():
        raise DomainError(_("This file is the report of an inspection and stays with its result."))
    deleted_after_commit(row.file)
    with audit.trail(by=by):
        row.delete()
    return row


@transaction.atomic
def add_link(item_id: Any, *, title: str, url: str, by: Any) -> Link:
    """Keep an address that belongs to an item. Raises NotAllowed, Gone, ValidationError, DomainError."""
    require(by, EDIT)
    item = lock_item(item_id)
    refuse_archived(item)
    if item.links.count() >= MOST_LINKS:
        raise DomainError(_("The item has too many links. Delete one that is not needed first."))
    row = Link(item=item, added_by=by, title=tidy(title), url=url.strip())
    row.full_clean()
    with audit.trail(by=by):
        row.save()
    return row


@transaction.atomic
def delete_link(link_id: Any, *, by: Any) -> Link:
    """Delete a link of an item. Raises NotAllowed, Gone, DomainError for an archived item."""
    require(by, EDIT)
    row = _locked_part(Link, link_id, _("This link has already been deleted."))
    with audit.trail(by=by):
        row.delete()
    return row


def _locked_part(model: type[Part], key: Any, gone: Promise) -> Part:
    """Return a row of an item with the item locked before it."""
    rows = model._default_manager
    item_id = rows.filter(pk=key).values_list("item", flat=True).first()
    item: EquipmentItem | None = lock_item(item_id) if item_id else None
    row = rows.select_for_update().filter(pk=key).first()
    if item is None or row is None:
        raise Gone(gone)
    refuse_archived(item)
    return row

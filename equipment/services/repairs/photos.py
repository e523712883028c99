"""Services of the photos of repairs; none of them can be deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import Repair, RepairEntry, RepairPhoto
from equipment.models.repair import MOST_PHOTOS
from equipment.photos.isolated import photo_jpeg
from equipment.services.files import file_name, withdrawn_on_failure
from equipment.services.locking import require
from equipment.services.repairs.record import MANAGE, lock_repair
from medcover.common.errors import DomainError
from medcover.system import audit


def add_photo(repair_id: Any, data: bytes, *, name: str, by: Any, at: datetime) -> RepairPhoto:
    """Keep a picture of what is wrong, made anew from what was sent.

    Raises NotAllowed, UnfitPicture, Gone, DomainError when there are too many.
    """
    require(by, MANAGE)
    # Before anything is locked: this takes a moment.
    jpeg = photo_jpeg(data)
    with transaction.atomic():
        return keep(lock_repair(repair_id), jpeg, name=file_name(name), by=by, at=at)


def keep(repair: Repair, jpeg: bytes, *, name: str, by: Any, at: datetime, author_name: str = "") -> RepairPhoto:
    """Keep a picture of a locked repair, with its line in the timeline. Raises DomainError when there are too many."""
    if repair.photos.count() >= MOST_PHOTOS:
        raise DomainError(_("The repair has too many photos."))
    row = RepairPhoto(repair=repair, added_by=by, name=name, size=len(jpeg), created=at)
    with audit.trail(by=by), withdrawn_on_failure(row):
        row.file.save("", ContentFile(jpeg), save=False)
        row.save()
        RepairEntry.objects.create(
            repair=repair, kind=RepairEntry.Kind.PHOTO, author=by, author_name=author_name, photo=row, created=at
        )
    return row

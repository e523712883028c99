"""What belongs to one item besides its own fields: files and links."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from equipment.models.stock import EquipmentItem
from equipment.querysets import AttachmentQuerySet

#: Of each item at the most; a form sent again and again must not fill the disk.
MOST_FILES, MOST_LINKS = 60, 60


class PartOfItem(models.Model):
    """Abstract row that belongs to one item, with who added it and when."""

    item = models.ForeignKey(EquipmentItem, verbose_name=_("item"), on_delete=models.CASCADE, related_name="%(class)ss")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        abstract = True


def stored_path(attachment: Attachment, _given: str) -> str:
    """Return a random name below the item's own directory; nothing of the sender's name is in it."""
    return f"equipment/{attachment.item_id}/{secrets.token_hex(16)}.{attachment.extension}"


class Attachment(PartOfItem):
    """A photo or a document of an item; the file lies in private storage and is sent by a view that asks for rights."""

    class Kind(models.TextChoices):
        """What is sent: re-encoded pictures, or documents as they came."""

        PHOTO = "photo", _("Photo")
        DOCUMENT = "document", _("Document")

    class Category(models.TextChoices):
        """What a document is."""

        OWNERS_MANUAL = "owners_manual", _("Owner's manual")
        SERVICE_MANUAL = "service_manual", _("Service manual")
        QUICK_START = "quick_start", _("Quick start guide")
        TRAINING = "training_video", _("Training material")
        MANUFACTURER_PAGE = "manufacturer_page", _("Product page of the manufacturer")
        MANUFACTURER_SUPPORT = "manufacturer_support", _("Support of the manufacturer")
        SAFETY = "safety_data_sheet", _("Safety data sheet")
        INSPECTION = "inspection_report", _("Report of an inspection")
        OTHER = "other", _("Other")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    category = models.CharField(_("category"), max_length=50, choices=Category, blank=True)
    file = models.FileField(_("file"), upload_to=stored_path, max_length=255)
    name = models.CharField(_("name of the file"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ()
        ordering = ["-created", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="photo", category="") | (Q(kind="document") & ~Q(category="")),
                name="attachment_documents_have_a_category",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        """The ending of the stored file."""
        return "jpg" if self.kind == self.Kind.PHOTO else "pdf"

    @property
    def media_type(self) -> str:
        """What the file is served as; only two kinds of files are ever stored."""
        return "image/jpeg" if self.kind == self.Kind.PHOTO else "application/pdf"


class Link(PartOfItem):
    """An address outside that belongs to an item."""

    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=2000, validators=[URLValidator(schemes=["http", "https"])])

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        default_permissions = ()
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.title

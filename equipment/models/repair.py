"""Repairs of items, what is told of them, and their photos."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from equipment.models.stock import EquipmentItem
from equipment.repairs.querysets import RepairQuerySet
from equipment.repairs.rules import CLOSED, OPEN, Severity, Status, blocks
from events.models import Event
from medcover.common.db import Versioned

#: Of a description, a specialist's text or a note at the most.
LONGEST_TEXT = 5000
#: Of each repair at the most; a form sent again and again must not fill the disk.
MOST_PHOTOS = 30


def _person(words: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=words, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


class Repair(Versioned, models.Model):
    """Something that is wrong with an item, from the report until it is closed. Never deleted.

    The item's status is derived from those that are open; nothing about it is stored.
    """

    item = models.ForeignKey(EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="repairs")
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.NEW)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, blank=True)
    description = models.TextField(_("what is wrong"), validators=[MaxLengthValidator(LONGEST_TEXT)])
    is_safety_risk = models.BooleanField(
        _("safety risk"),
        default=False,
        help_text=_("Using the item could hurt somebody. It cannot be taken until the repair is closed."),
    )
    is_consumable = models.BooleanField(
        _("consumable"), default=False, help_text=_("Something has run out and has to be filled up.")
    )
    #: Who has reported it: somebody with an account, or what a stranger has typed; none of it for a technician's own.
    reporter = _person(_("reported by"))
    reporter_name = models.CharField(_("name of the reporter"), max_length=200, blank=True)
    reporter_email = models.EmailField(_("e-mail of the reporter"), max_length=255, blank=True)
    assignee = _person(_("assignee"))
    eta = models.DateField(_("expected to be done"), null=True, blank=True)
    specialist_text = models.TextField(
        _("for the specialist"), blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)]
    )
    duplicate_of = models.ForeignKey(
        "self", verbose_name=_("duplicate of"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(_("reported"), editable=False)

    #: Events that lack something because of the change that has returned this row.
    breaks: Sequence[Event] = ()

    objects = RepairQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        default_permissions = ()
        permissions = [("report_problem", _("Can report problems with items"))]
        ordering = ["-created", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="repair_status_known"),
            models.CheckConstraint(condition=Q(severity__in=["", *Severity.values]), name="repair_severity_known"),
            models.CheckConstraint(
                condition=Q(status=Status.DUPLICATE, duplicate_of__isnull=False)
                | (~Q(status=Status.DUPLICATE) & Q(duplicate_of__isnull=True)),
                name="repair_duplicates_point_at_another",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")), name="repair_not_its_own_duplicate"
            ),
            models.CheckConstraint(
                condition=Q(reporter__isnull=True) | Q(reporter_name="", reporter_email=""),
                name="repair_one_way_to_name_the_reporter",
            ),
        ]
        indexes = [
            # What decides the status of items and fills the queue: a small part of all repairs.
            models.Index(fields=["item", "severity"], name="repair_open", condition=Q(status__in=OPEN)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.item}"

    @property
    def is_open(self) -> bool:
        """Somebody still has to do something about it."""
        return self.status not in CLOSED

    @property
    def blocks(self) -> bool:
        """It keeps its item from being used."""
        return self.is_open and blocks(self.severity, is_safety_risk=self.is_safety_risk)

    @property
    def reported_by(self) -> str:
        """The name of whoever has reported it; empty for what a technician has entered."""
        return self.reporter.name if self.reporter else self.reporter_name


def photo_path(photo: RepairPhoto, _given: str) -> str:
    """Return a random name below the directory of the repair; nothing of the sender's name is in it."""
    return f"repairs/{photo.repair_id}/{secrets.token_hex(16)}.jpg"


class RepairPhoto(models.Model):
    """A picture of what is wrong. Made anew from what was sent, kept in private storage, never deleted."""

    repair = models.ForeignKey(Repair, verbose_name=_("repair"), on_delete=models.PROTECT, related_name="photos")
    added_by = _person(_("added by"))
    file = models.FileField(_("file"), upload_to=photo_path, max_length=255)
    name = models.CharField(_("name of the file"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))
    created = models.DateTimeField(_("added"), editable=False)

    class Meta:
        verbose_name = _("photo of a repair")
        verbose_name_plural = _("photos of repairs")
        default_permissions = ()
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.name


class RepairEntry(models.Model):
    """One line of a repair's timeline. Nothing alters or deletes it, but erasing a person masks them in it."""

    class Kind(models.TextChoices):
        """What has happened."""

        CREATED = "created", _("Reported")
        STATUS = "status", _("Status")
        SEVERITY = "severity", _("Severity")
        ASSIGNEE = "assignee", _("Assignee")
        ETA = "eta", _("Expected to be done")
        DUPLICATE = "duplicate", _("Duplicate of")
        SPECIALIST = "specialist", _("For the specialist")
        NOTE = "note", _("Note")
        PHOTO = "photo", _("Photo")

    repair = models.ForeignKey(Repair, verbose_name=_("repair"), on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    author = _person(_("author"))
    #: Of somebody without an account.
    author_name = models.CharField(_("name of the author"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    old = models.CharField(_("before"), max_length=255, blank=True)
    new = models.CharField(_("after"), max_length=255, blank=True)
    photo = models.OneToOneField(
        RepairPhoto, verbose_name=_("photo"), on_delete=models.PROTECT, null=True, related_name="entry"
    )
    created = models.DateTimeField(_("when"), editable=False)

    class Meta:
        verbose_name = _("entry of a repair")
        verbose_name_plural = _("entries of repairs")
        default_permissions = ()
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["repair", "kind", "new"], name="repair_entry_of_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="photo", photo__isnull=False) | (~Q(kind="photo") & Q(photo__isnull=True)),
                name="repair_entry_photo_where_one_is",
            )
        ]

    def __str__(self) -> str:
        return f"{self.repair_id} – {self.get_kind_display()}"

    @property
    def written_by(self) -> str:
        """The name of whoever did it; empty for the system."""
        return self.author.name if self.author else self.author_name

    @property
    def before(self) -> str:
        """The old value as it is read."""
        return self._read(self.old)

    @property
    def after(self) -> str:
        """The new value as it is read."""
        return self._read(self.new)

    def _read(self, value: str) -> str:
        if not value:
            return ""
        if self.kind == self.Kind.ETA:
            return f"{date.fromisoformat(value):%d.%m.%Y}"
        known = {self.Kind.STATUS: Status, self.Kind.SEVERITY: Severity}.get(self.Kind(self.kind))
        return str(known(value).label) if known else value

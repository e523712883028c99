"""Who has an item, who had it, and what its holders report."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from equipment.models.repair import Repair
from equipment.models.stock import EquipmentItem
from equipment.querysets import IssueQuerySet


class Issue(models.Model):
    """An item in the hands of a person, from when until when; open as long as it has not been returned.

    The open one is the only place that knows the present holder.
    """

    item = models.ForeignKey(EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="issues")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("holder"), on_delete=models.PROTECT, related_name="equipment_issues"
    )
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("issued by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    returned_at = models.DateTimeField(_("returned at"), null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("returned by"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue of an item")
        verbose_name_plural = _("issues of items")
        default_permissions = ()
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(returned_at__isnull=True), name="equipment_issue_one_holder_per_item"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("issued_at")),
                name="equipment_issue_returned_after_issued",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=False) | Q(returned_by__isnull=True),
                name="equipment_issue_returner_only_when_returned",
            ),
        ]
        indexes = [models.Index(fields=["person", "returned_at"], name="equipment_issue_of_person")]

    def __str__(self) -> str:
        return f"{self.item} – {self.person}"


class ItemReport(models.Model):
    """What the holder of an item has reported about its state; never altered."""

    class Kind(models.TextChoices):
        """What is to follow from it."""

        NOTE = "note", _("Just a note")
        SERVICE = "service", _("Needs service, must not be used")
        LOST = "lost", _("Lost")

    item = models.ForeignKey(EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="reports")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("what has happened"), max_length=10, choices=Kind, default=Kind.NOTE)
    text = models.TextField(_("description"), validators=[MaxLengthValidator(2000)])
    created = models.DateTimeField(_("reported at"))
    #: What it has opened; reports of former days took the item out of service instead.
    repair = models.OneToOneField(
        Repair, verbose_name=_("repair"), on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("report about an item")
        verbose_name_plural = _("reports about items")
        default_permissions = ()
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return f"{self.item} – {self.get_kind_display()}"

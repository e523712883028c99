"""Which items have been taken to an event, and how they came back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from equipment.models.issue import ItemReport
from equipment.models.stock import EquipmentItem
from equipment.packing_querysets import PackedItemQuerySet
from events.models import Event


class PackedItem(models.Model):
    """An item that has been taken to an event; open as long as nobody has said what became of it.

    Goes with its event when that is deleted for good, which is refused while something is not back.
    """

    class Outcome(models.TextChoices):
        """How it has come back."""

        IN_ORDER = "in_order", _("In order")
        SERVICE = "service", _("Needs service")
        MISSING = "missing", _("Missing")

    item = models.ForeignKey(EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="packings")
    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="packed_items")
    taken_at = models.DateTimeField(_("packed at"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("packed by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: When it was brought back, or given up.
    returned_at = models.DateTimeField(_("returned at"), null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("returned by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(_("how it came back"), max_length=10, choices=Outcome, blank=True)
    #: What was said about its state, with its consequence.
    report = models.OneToOneField(
        ItemReport, verbose_name=_("report about an item"), on_delete=models.PROTECT, null=True, related_name="packing"
    )

    objects = PackedItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("packed item")
        verbose_name_plural = _("packed items")
        default_permissions = ()
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(returned_at__isnull=True), name="packed_item_at_one_event_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("taken_at")),
                name="packed_item_returned_after_taken",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, outcome="", returned_by__isnull=True, report__isnull=True)
                | (Q(returned_at__isnull=False) & Q(outcome__in=["in_order", "service", "missing"])),
                name="packed_item_outcome_only_when_returned",
            ),
        ]
        indexes = [models.Index(fields=["event", "returned_at"], name="packed_item_of_event")]

    def __str__(self) -> str:
        return f"{self.item} – {self.event}"

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}

    @property
    def is_missing(self) -> bool:
        """It did not come back, and nobody has found it since."""
        return self.outcome == self.Outcome.MISSING and self.item.is_lost

"""Equipment plans: how many items of which type an event needs, and a template begins with."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from equipment.models.stock import EquipmentType
from equipment.plan_querysets import EventPlanQuerySet
from events.models import Event, EventTemplate

#: Nobody has more of anything; a slip of the finger is not a plan.
MAX_QUANTITY = 999


class PlannedQuantity(models.Model):
    """Abstract row of a plan: so many items of a type. Which ones is decided when they are packed."""

    type = models.ForeignKey(EquipmentType, verbose_name=_("type"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(
        _("quantity"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)]
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.type} ×{self.quantity}"


class EventPlan(PlannedQuantity):
    """What an event needs of one type. It is taken from the stock for the whole time of the event."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="equipment_plan")

    #: Read `with_availability()`.
    pool: int
    load: int

    objects = EventPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned equipment")
        verbose_name_plural = _("planned equipment")
        default_permissions = ()
        ordering = ["type__name_sort", "type"]
        constraints = [
            models.UniqueConstraint(fields=["event", "type"], name="event_plan_one_row_per_type"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="event_plan_quantity_positive"),
        ]

    @property
    def available(self) -> int:
        """How many others leave of the items that count; below zero when they are short already."""
        return self.pool - self.load

    @property
    def lack(self) -> int:
        """How many of those planned are missing; zero or less: none."""
        return self.quantity - self.available

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}


class TemplatePlan(PlannedQuantity):
    """What events of a template begin with, of one type."""

    template = models.ForeignKey(
        EventTemplate, verbose_name=_("event template"), on_delete=models.CASCADE, related_name="equipment_plan"
    )

    class Meta:
        verbose_name = _("planned equipment of a template")
        verbose_name_plural = _("planned equipment of templates")
        default_permissions = ()
        ordering = ["type__name_sort", "type"]
        constraints = [
            models.UniqueConstraint(fields=["template", "type"], name="template_plan_one_row_per_type"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="template_plan_quantity_positive"),
        ]

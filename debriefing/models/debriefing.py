"""Debriefings: that somebody has handed in theirs, the hours they were there, and what they used up.

Nothing here is confidential, so reports may read it; what is stands in a table of its own (`answers`).
"""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from debriefing.querysets import DebriefingQuerySet
from equipment.models import Consumable
from events.models import Assignment
from medcover.common.intervals import hours


class Debriefing(models.Model):
    """What one person has handed in about one duty; final.

    Own hours are given as times or as a number, or not at all: then the person was there as long as the event was.
    """

    assignment = models.OneToOneField(
        Assignment, verbose_name=_("assignment"), on_delete=models.CASCADE, related_name="debriefing"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("submitted by"), on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"))
    own_start = models.DateTimeField(_("there from"), null=True, blank=True)
    own_end = models.DateTimeField(_("there until"), null=True, blank=True)
    own_hours = models.DecimalField(_("own hours"), max_digits=4, decimal_places=1, null=True, blank=True)

    objects = DebriefingQuerySet.as_manager()

    class Meta:
        verbose_name = _("debriefing")
        verbose_name_plural = _("debriefings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(own_start__isnull=True, own_end__isnull=True)
                | Q(own_start__isnull=False, own_end__isnull=False, own_end__gt=F("own_start")),
                name="debriefing_own_time_from_until",
            ),
            models.CheckConstraint(
                condition=Q(own_hours__isnull=True) | Q(own_hours__gt=0, own_start__isnull=True),
                name="debriefing_own_time_given_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Debriefing')} {self.pk}"

    @property
    def attended_hours(self) -> Decimal | None:
        """Hours the person says they were there, to one decimal; None when they gave none."""
        if self.own_start is None or self.own_end is None:
            return self.own_hours
        return hours(self.own_start, self.own_end)


class UsedMaterial(models.Model):
    """Something that one person used up on an event, and how much of it: in their words, or a kind of the stock."""

    debriefing = models.ForeignKey(
        Debriefing, verbose_name=_("debriefing"), on_delete=models.CASCADE, related_name="material"
    )
    name = models.CharField(_("material"), max_length=120)
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    #: The kind of the stock that goes by this name, or that somebody who keeps the stock has found it to be.
    consumable = models.ForeignKey(
        Consumable, verbose_name=_("consumable"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("used material")
        verbose_name_plural = _("used material")
        ordering = ["id"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="debriefing_material_positive")]

    def __str__(self) -> str:
        return f"{self.quantity}× {self.name}"

"""Times for which an item is out of service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from equipment import rules
from equipment.models.stock import EquipmentItem
from equipment.querysets import WindowQuerySet
from events.models import Event


class ServiceWindow(models.Model):
    """A time without an item, half-open: `since` belongs to it, `until` does not; None is without end.

    Those that are over stay, as the history of its services.
    """

    item = models.ForeignKey(
        EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="service_windows"
    )
    since = models.DateTimeField(_("out of service from"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("added by"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    #: Set by the service that plans it: the events that lack something because of it.
    breaks: Sequence[Event] = ()

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = _("time out of service")
        verbose_name_plural = _("times out of service")
        default_permissions = ()
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="service_window_end_after_start"
            ),
            ExclusionConstraint(
                name="service_windows_of_an_item_apart",
                expressions=[
                    ("item", RangeOperators.EQUAL),
                    (
                        Func(F("since"), F("until"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} – {self.since:%Y-%m-%d}"

    @property
    def span(self) -> rules.Window:
        """The time as the rules take it."""
        return rules.Window(self.since, self.until)

    def state_at(self, at: datetime) -> rules.WindowState:
        """Say whether it is to come, under way or over."""
        return rules.state_of(self.span, at)

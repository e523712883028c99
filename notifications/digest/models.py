"""Rows of the digest: its schedule, its blocks, and how long the outbox has been."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common.db import Versioned
from notifications.digest.querysets import BlockManager, QueueDepthManager
from notifications.rules import SUBJECT_LENGTH

#: Subject where none is given; in the mail it is in the language of its reader.
DEFAULT_SUBJECT = _("MedCover — digest")


class Digest(Versioned, models.Model):
    """The single row (id 1) of the digest: when it is sent, and what stands around its blocks."""

    class Frequency(models.IntegerChoices):
        """Hours from one digest to the next."""

        SIX_HOURS = 6, _("Every 6 hours")
        TWELVE_HOURS = 12, _("Every 12 hours")
        DAY = 24, _("Once a day")
        TWO_DAYS = 48, _("Every 2 days")
        THREE_DAYS = 72, _("Every 3 days")
        WEEK = 168, _("Once a week")

    enabled = models.BooleanField(_("send regularly"), default=False)
    frequency_hours = models.PositiveSmallIntegerField(_("how often"), choices=Frequency, default=Frequency.DAY)
    preferred_hour = models.PositiveSmallIntegerField(
        _("hour of sending"), default=7, validators=[MaxValueValidator(23)]
    )
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH, blank=True)
    header_html = models.TextField(_("header (HTML)"), blank=True)
    footer_html = models.TextField(_("footer (HTML)"), blank=True)
    last_sent_at = models.DateTimeField(_("last sent"), null=True, editable=False)
    #: Since when the schedule is as it is: what it would have asked for earlier is not made up for.
    scheduled_at = models.DateTimeField(_("schedule changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("admin digest")
        verbose_name_plural = _("admin digest")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="digest_single_row"),
            models.CheckConstraint(
                condition=Q(frequency_hours__in=[6, 12, 24, 48, 72, 168]), name="digest_known_frequency"
            ),
            models.CheckConstraint(condition=Q(preferred_hour__lte=23), name="digest_hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return str(_("Admin digest"))

    @property
    def is_daily(self) -> bool:
        """It is sent at an hour of the day, not so many hours after the last one."""
        return self.frequency_hours >= Digest.Frequency.DAY


class DigestBlock(Versioned, models.Model):
    """One block of the digest, of a kind that some app has declared; `config` holds its title and options.

    The version guards switch and options. The order is guarded by the set of blocks that is being ordered.
    """

    kind = models.CharField(_("kind"), max_length=64)
    enabled = models.BooleanField(_("enabled"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    config = models.JSONField(_("options"), default=dict)

    objects = BlockManager()

    class Meta:
        verbose_name = _("block of the digest")
        verbose_name_plural = _("blocks of the digest")
        default_permissions = ()
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        title = self.config.get("title") if isinstance(self.config, dict) else None
        return str(title or self.kind)


class QueueDepth(models.Model):
    """How many messages waited in the outbox at a moment."""

    measured_at = models.DateTimeField(_("measured"), db_index=True)
    pending = models.PositiveIntegerField(_("waiting messages"))

    objects = QueueDepthManager()

    class Meta:
        verbose_name = _("length of the outbox")
        verbose_name_plural = _("lengths of the outbox")
        default_permissions = ()
        ordering = ["-measured_at"]

    def __str__(self) -> str:
        return f"{self.measured_at:%Y-%m-%d %H:%M}: {self.pending}"

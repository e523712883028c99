"""Draft of an import: what was read, what somebody has decided about it, and what came of it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.master import MasterEvent
from medcover.common.db import TimeStamped, Versioned


class SeasonImportQuerySet(models.QuerySet):
    """Imports."""

    def of(self, person: object) -> SeasonImportQuerySet:
        """Imports that the person has begun; nobody else sees them."""
        return self.filter(owner=person)

    def kept_at(self, at: datetime) -> SeasonImportQuerySet:
        """Imports that are not yet to be forgotten."""
        return self.filter(expires_at__gt=at)

    def expired_at(self, at: datetime) -> SeasonImportQuerySet:
        """Imports that are to be forgotten."""
        return self.filter(expires_at__lte=at)


class SeasonImport(Versioned, TimeStamped, models.Model):
    """One import of a season between reading and writing.

    It holds names and addresses of people, so it is not recorded in the audit, and is forgotten after some days.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="season_imports", editable=False
    )
    source = models.CharField(_("source"), max_length=255)
    master_event = models.ForeignKey(MasterEvent, on_delete=models.PROTECT, related_name="+")
    #: What positions of the two sorts ask for: {"medic": …, "novice": …}, see `PlaceChoices`.
    places = models.JSONField(default=dict)
    #: The season as `events.season.reading.records` writes it; empty once it has been imported.
    season = models.JSONField(default=dict)
    #: Numbers of rows that are not to be imported: {"events": […], "people": […]}.
    deselected = models.JSONField(default=dict)
    expires_at = models.DateTimeField(_("kept until"))
    imported_at = models.DateTimeField(_("imported at"), null=True)
    #: The report of the import, see `SeasonReport.as_data`.
    report = models.JSONField(null=True)

    objects = SeasonImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of events")
        verbose_name_plural = _("import of events")
        ordering = ["-created", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(imported_at__isnull=True, report__isnull=True)
                | models.Q(imported_at__isnull=False, report__isnull=False),
                name="season_import_done_has_report",
            )
        ]

    def __str__(self) -> str:
        return self.source

    @property
    def is_done(self) -> bool:
        """The season has been imported."""
        return self.imported_at is not None

"""Rows of backups: the schedule, and what has been run."""

from __future__ import annotations

from datetime import datetime, time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.backups.names import LENGTH
from medcover.common.db import Versioned

_KEPT = [MinValueValidator(1), MaxValueValidator(365)]


class BackupSettings(Versioned, models.Model):
    """The single row (id 1): when backups are made and how long they stay."""

    scheduled = models.BooleanField(_("automatic daily backup"), default=False)
    begins = models.TimeField(
        _("time of the run"),
        default=time(2, 0),
        help_text=_("In the site's time zone. One run a day at the most; a failed one is not repeated that day."),
    )
    verified = models.BooleanField(
        _("try out every automatic backup"),
        default=True,
        help_text=_("The backup is restored into a database of its own, compared and thrown away again."),
    )
    keep_count = models.PositiveSmallIntegerField(
        _("number of kept backups"),
        default=60,
        validators=_KEPT,
        help_text=_("Backups made by hand count too. The last good one always stays."),
    )
    keep_days = models.PositiveSmallIntegerField(_("days for which backups are kept"), default=60, validators=_KEPT)

    class Meta:
        verbose_name = _("backup settings")
        verbose_name_plural = _("backups and restoring")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="backup_settings_single_row")]

    def __str__(self) -> str:
        return str(_("Backup settings"))

    @classmethod
    def load(cls) -> BackupSettings:
        """Return the row, creating it with defaults on first use."""
        return cls.objects.filter(pk=1).first() or cls.objects.get_or_create(pk=1)[0]


class RunQuerySet(models.QuerySet["BackupRun"]):
    """Runs."""

    def backups(self) -> RunQuerySet:
        """Those that make archives."""
        return self.filter(kind=BackupRun.Kind.BACKUP)

    def verifications(self) -> RunQuerySet:
        """Rehearsals."""
        return self.filter(kind=BackupRun.Kind.VERIFICATION)

    def done(self) -> RunQuerySet:
        """Those that have succeeded."""
        return self.filter(status=BackupRun.Status.DONE)

    def unfinished(self) -> RunQuerySet:
        """Those that wait for the worker or have begun."""
        return self.filter(status__in=[BackupRun.Status.WAITING, BackupRun.Status.RUNNING])

    def newest_first(self) -> RunQuerySet:
        """In the order in which people look at them."""
        return self.order_by("-pk")


class BackupRun(models.Model):
    """One backup, rehearsal or restore: asked for, begun, ended. Who asked stands in the record alone."""

    class Kind(models.TextChoices):
        """What is done."""

        BACKUP = "backup", _("Backup")
        VERIFICATION = "verification", _("Rehearsal")
        RESTORE = "restore", _("Restoring")

    class Origin(models.TextChoices):
        """What it was asked by."""

        PAGE = "page", _("by hand")
        SCHEDULE = "schedule", _("automatically")
        COMMAND = "command", _("by a command")

    class Status(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting for the worker")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.WAITING)
    archive = models.CharField(_("archive"), max_length=LENGTH, blank=True, db_index=True)
    #: The local day whose scheduled backup this is.
    local_day = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    #: Bytes of the archive, rows and files in it.
    size = models.PositiveBigIntegerField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    files = models.PositiveBigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    #: Names of archives that went because of this one, the version that made the archive.
    details = models.JSONField(default=dict, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run of a backup")
        verbose_name_plural = _("runs of backups")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["local_day"], condition=Q(local_day__isnull=False), name="one_scheduled_backup_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.archive}".strip()

    @property
    def is_finished(self) -> bool:
        """Nothing more becomes of it."""
        return self.status in (self.Status.DONE, self.Status.FAILED)

    @property
    def seconds(self) -> int | None:
        """How many it ran; None as long as it does."""
        ran = self.finished_at - self.started_at if self.started_at and self.finished_at else None
        return None if ran is None else round(ran.total_seconds())

    def begin(self, at: datetime) -> bool:
        """Take a waiting run; False when somebody else has: the queue may deliver a task twice."""
        waiting = type(self).objects.filter(pk=self.pk, status=self.Status.WAITING)
        begun = waiting.update(status=self.Status.RUNNING, started_at=at)
        self.refresh_from_db()
        return bool(begun)

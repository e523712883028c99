"""Work reports that have been made."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports.querysets import KEPT, WorkReportQuerySet

#: The folder of the files in private storage; nothing else may lie there.
FOLDER = "work_reports"


def stored_path(_report: WorkReport, _given: str) -> str:
    """Return a random name, which tells neither of whom nor of when."""
    return f"{FOLDER}/{secrets.token_hex(16)}.xlsx"


class WorkReport(models.Model):
    """A work report of a person for a month, as somebody has made it: for themself, or for somebody else.

    It is seen by whoever made it and by nobody else, not even by the person it is about; after a day it is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+"
    )
    month = models.DateField(_("month"), help_text=_("Its first day"))
    made_at = models.DateTimeField(_("made"), db_index=True)
    file = models.FileField(_("file"), upload_to=stored_path, max_length=255)

    objects = WorkReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("work report")
        verbose_name_plural = _("work reports")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["made_by", "person", "month"], name="work_report_once_for_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="work_report_month_is_a_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        """Return the address of the file."""
        return reverse("reports:work_file", args=[self.pk])

    @property
    def expires_at(self) -> datetime:
        """When it is deleted."""
        return self.made_at + KEPT

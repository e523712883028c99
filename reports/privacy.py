"""Personal data in this app: work reports that lie ready for a day. Everything else here is read from other apps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models import WorkReport
from reports.services import delete_work_reports
from roster.models import User
from roster.privacy.export import Labels, Part
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

_LABELS: Labels = {
    "month": _("Month"),
    "person": _("Person"),
    "made_by": _("Made by"),
    "made_at": _("Made"),
    "expires_at": _("Expires"),
}


class ReportData(Contributor):
    """Files about a person, and files that they made about others: all of them go."""

    def export(self, person: User) -> Iterator[Part]:
        """Name the reports that lie ready; what they say is what the person's duties say."""
        found = WorkReport.objects.concerning(person.pk).kept_at(timezone.now()).newest_month_first()
        rows = [_row(report) for report in found.select_related("person", "made_by")]
        yield Part("work_reports", _("Work reports that lie ready"), _LABELS, rows)

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count the files."""
        yield Finding(_("work reports that lie ready"), WorkReport.objects.concerning(identity.person_id).count())

    def erase(self, erasure: Erasure) -> None:
        """Delete the files."""
        found = WorkReport.objects.concerning(erasure.person_id).select_for_update().order_by("pk")
        delete_work_reports(list(found))


def _row(report: WorkReport) -> dict[str, Any]:
    return {
        "month": f"{report.month:%Y-%m}",
        "person": report.person.name,
        "made_by": report.made_by.name,
        "made_at": report.made_at,
        "expires_at": report.expires_at,
    }

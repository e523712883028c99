"""Services of work reports: making one, and deleting what nobody needs any more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError, NotAllowed
from medcover.common.intervals import local_day
from medcover.common.stored_files import deleted_after_commit, withdrawn_on_failure
from medcover.system import audit, rate_limits
from medcover.system.models import AuditEntry
from reports import work_report
from reports.models import WorkReport
from reports.models.work_report import FOLDER
from reports.policies import may_make_work_report
from reports.querysets import KEPT
from reports.served import served_spans
from reports.work_report.rules import checked_month, days_of
from roster.models import Signature, User
from roster.services.accounts import lock_person

#: One person makes so many reports in an hour; enough for a whole organisation at the end of a month.
MOST, WITHIN = 120, timedelta(hours=1)

_words_of_month = lazy(date_format, str)


@transaction.atomic
def make_work_report(person_id: UUID, *, year: int, month: int, by: Any, at: datetime) -> WorkReport:
    """Make the report of a person's month, in place of the one that `by` made before; only `by` will see it.

    It carries the signature when somebody makes their own. Locks both people, so that neither is being erased. Raises
    NotAllowed, UnfitMonth, User.DoesNotExist, ErasedPerson, DomainError after too many reports in an hour.
    """
    person = _locked(person_id, by)
    if not may_make_work_report(by, person):
        raise NotAllowed
    first = checked_month(year, month, today=local_day(at, timezone.get_current_timezone()))
    if not rate_limits.allows("work report", str(by.pk), most=MOST, within=WITHIN, at=at):
        raise DomainError(_("You have made too many work reports within an hour. Try again later."))
    report = _stored(person, first, by=by, at=at)
    if person.pk != by.pk:
        words = {"month": _words_of_month(first, "F Y"), "person": person.name}
        summary = audit.sentence(_("Work report for %(month)s made: %(person)s"), words)
        audit.record(person, kind=AuditEntry.Kind.EXPORT, by=by, summary=summary)
    return report


def _locked(person_id: UUID, by: Any) -> User:
    """Lock the person and whoever makes the report, in order of their keys; return the person."""
    people = {key: lock_person(key) for key in sorted({person_id, by.pk})}
    return people[person_id]


def _stored(person: User, month: date, *, by: Any, at: datetime) -> WorkReport:
    """Write file and row; the file that it replaces goes when this one is certain."""
    content = ContentFile(_content(person, month, by=by))
    report: WorkReport | None = WorkReport.objects.made_by(by).about(person).filter(month=month).first()
    if report is None:
        report = WorkReport(made_by=by, person=person, month=month)
    else:
        deleted_after_commit(report.file)
    report.made_at, report.file = at, None
    with withdrawn_on_failure(report.file):
        report.file.save("", content, save=False)
        report.save()
    return report


def _content(person: User, month: date, *, by: Any) -> bytes:
    signature = Signature.objects.picture_of(person) if person.pk == by.pk else None
    days = days_of(month, served_spans(person, month), timezone.get_current_timezone())
    return work_report.build(person.name, month, days, signature=signature)


@transaction.atomic
def forget_work_reports(*, at: datetime) -> int:
    """Delete the reports that are older than a day, and their files; return how many.

    What lies in their folder without a row, because something failed between the two, goes as well.
    """
    expired = WorkReport.objects.expired_at(at).select_for_update().order_by("pk")
    count = delete_work_reports(list(expired))
    transaction.on_commit(lambda: _sweep(older_than=at - KEPT))
    return count


def delete_work_reports(reports: list[WorkReport]) -> int:
    """Delete rows that the caller has locked, and after the commit their files; return how many."""
    for report in reports:
        deleted_after_commit(report.file)
    WorkReport.objects.filter(pk__in=[report.pk for report in reports]).delete()
    return len(reports)


def _sweep(*, older_than: datetime) -> None:
    """Delete old files that no row names any more."""
    for name in _files():
        if default_storage.get_modified_time(name) <= older_than:
            default_storage.delete(name)


def _files() -> list[str]:
    try:
        return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    except FileNotFoundError:  # nobody has made one yet
        return []

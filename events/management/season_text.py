"""The report of an import as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from events.rules.lifecycle import Status
from events.services.season import Part, Remark, SeasonReport

#: Longer names push the rest of their own line only.
_SUBJECT_WIDTH = 44


def lines_of(report: SeasonReport) -> Iterator[str]:
    """Yield what was created, changed, skipped and doubtful, each part of the season apart, and the totals."""
    for title, remarks in (
        (_("Created"), report.created),
        (_("Changed"), report.changed),
        (_("Skipped"), report.skipped),
        (_("Doubtful"), report.doubtful),
    ):
        for part, group in groupby(remarks, key=lambda remark: remark.part):
            yield from _section(f"{title} – {Part(part).label}", list(group))
    yield from ("", _("Totals"), *(f"  {line}" for line in _totals(report)))


def _section(title: str, remarks: Sequence[Remark]) -> Iterator[str]:
    yield from ("", f"{title} ({len(remarks)})")
    rows = list(_rows(remarks))
    row_width = max(len(row) for row, _subject, _message in rows)
    subject_width = min(_SUBJECT_WIDTH, max(len(subject) for _row, subject, _message in rows))
    for row, subject, message in rows:
        yield f"  {row:>{row_width}}  {subject:<{subject_width}}  {message}".rstrip()


def _rows(remarks: Iterable[Remark]) -> Iterator[tuple[str, str, str]]:
    """Yield row, subject and message: rows that only say the same as one, a row's second remark without its head."""
    previous = None
    for remark, numbers in _folded(remarks):
        head = (numbers, remark.subject)
        yield (*(("", "") if head == previous else head), remark.message)
        previous = head if numbers else None


def _folded(remarks: Iterable[Remark]) -> Iterator[tuple[Remark, str]]:
    """Yield remarks with their row numbers; those without a subject share one line by message, where the first is."""
    alike: dict[str, list[str]] = {}
    for remark in remarks:
        if not remark.subject:
            alike.setdefault(remark.message, []).append(_number(remark))
    for remark in remarks:
        if remark.subject:
            yield remark, _number(remark)
        elif numbers := alike.pop(remark.message, None):
            yield remark, ", ".join(numbers)


def _number(remark: Remark) -> str:
    return "" if remark.row is None else str(remark.row)


def _totals(report: SeasonReport) -> Iterator[str]:
    statuses = [f"{status.label} {report.counts[status]}" for status in Status if report.counts[status]]
    yield _("Events: %(created)d created%(statuses)s, %(skipped)d skipped") % {
        "created": _count(report.created, Part.EVENTS),
        "statuses": f" ({', '.join(statuses)})" if statuses else "",
        "skipped": _count(report.skipped, Part.EVENTS),
    }
    yield _("People: %(created)d created, %(known)d known already, %(changed)d requalified, %(skipped)d skipped") % {
        "created": _count(report.created, Part.PEOPLE),
        "known": report.counts["people_known"],
        "changed": _count(report.changed, Part.PEOPLE),
        "skipped": _count(report.skipped, Part.PEOPLE),
    }
    yield _("Qualifications: %(created)d created") % {"created": _count(report.created, Part.QUALIFICATIONS)}
    yield _("Sign-ups: %(created)d created") % {"created": report.counts["assignments"]}
    yield _("Doubts: %(count)d") % {"count": len(report.doubtful)}


def _count(remarks: Iterable[Remark], part: Part) -> int:
    return sum(remark.part == part for remark in remarks)

"""The report of an import as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from events.rules.lifecycle import Status
from events.season import Part, Remark, SeasonReport

#: Longer names push the rest of their own line only.
_SUBJECT_WIDTH = 44

#: So many rows of the same fate share one line.
_FOLD_FROM = 10


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
    """Yield a table, and below it the rows of which only the same could be said, one line for each message."""
    yield from ("", f"{title} ({len(remarks)})")
    alike = Counter(remark.message for remark in remarks)
    single = [remark for remark in remarks if remark.subject and alike[remark.message] < _FOLD_FROM]
    yield from _table(list(_rows(single)))
    for message in alike:
        numbers = [remark.row for remark in remarks if remark.message == message and remark not in single]
        if numbers:
            yield f"  {_listed(numbers)}  {message}"


def _table(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    row_width = max((len(row) for row, _subject, _message in rows), default=0)
    subject_width = min(_SUBJECT_WIDTH, max((len(subject) for _row, subject, _message in rows), default=0))
    for row, subject, message in rows:
        yield f"  {row:>{row_width}}  {subject:<{subject_width}}  {message}".rstrip()


def _rows(remarks: Iterable[Remark]) -> Iterator[tuple[str, str, str]]:
    """Yield row, subject and message; a row's further remarks without its head."""
    previous = None
    for remark in remarks:
        head = ("" if remark.row is None else str(remark.row), remark.subject)
        yield (*(("", "") if head == previous else head), remark.message)
        previous = head


def _listed(numbers: Iterable[int | None]) -> str:
    """Write row numbers, neighbours as a span: 3–5, 8."""
    spans: list[list[int]] = []
    for number in sorted(number for number in numbers if number is not None):
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ", ".join("–".join(str(number) for number in span) for span in spans)


def _totals(report: SeasonReport) -> Iterator[str]:
    statuses = [f"{status.label} {report.counts[status]}" for status in Status if report.counts[status]]
    yield _("Events: %(created)d created%(statuses)s, %(skipped)d skipped") % {
        "created": report.count_of("created", Part.EVENTS),
        "statuses": f" ({', '.join(statuses)})" if statuses else "",
        "skipped": report.count_of("skipped", Part.EVENTS),
    }
    yield _("People: %(created)d created, %(known)d known already, %(changed)d requalified, %(skipped)d skipped") % {
        "created": report.count_of("created", Part.PEOPLE),
        "known": report.counts["people_known"],
        "changed": report.count_of("changed", Part.PEOPLE),
        "skipped": report.count_of("skipped", Part.PEOPLE),
    }
    yield _("Qualifications: %(created)d created") % {"created": report.count_of("created", Part.QUALIFICATIONS)}
    yield _("Sign-ups: %(created)d created") % {"created": report.counts["assignments"]}
    yield _("Doubts: %(count)d") % {"count": len(report.doubtful)}

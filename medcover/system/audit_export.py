"""The audit record as a file: what was filtered, row by row, however much it is.

Rows are read and put into words some hundred at a time, so that a file of a million entries needs no more memory than
one of ten. CSV leaves as it is made; a workbook is written to a temporary file first, as its format demands.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from io import StringIO
from itertools import chain
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from openpyxl import Workbook

from medcover.common.errors import DomainError, NotAllowed
from medcover.common.spreadsheet import safe_cell
from medcover.system import audit, audit_history
from medcover.system.models import AuditEntry, SiteSettings

RIGHT = "system.view_administration"
#: So many entries are read at once.
CHUNK = 500
#: A sheet has room for 1 048 576 rows.
MOST_IN_WORKBOOK = 1_000_000
#: A cell has room for so many characters.
_LONGEST_CELL = 32_000


@transaction.atomic
def allow(entries: Any, *, to: str, filters: str, by: Any) -> Any:
    """Allow `by` to take the entries along as a file, record that they did, and return those that it will hold.

    These are the entries there are now; `filters` is what was asked for.

    Raises NotAllowed without the right, DomainError when a workbook has no room for so many.
    """
    if not by.has_perm(RIGHT):
        raise NotAllowed
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    held = entries.filter(id__lte=last)
    count = held.count()
    if to == "xlsx" and count > MOST_IN_WORKBOOK:
        raise DomainError(_("A workbook has no room for so many entries. Narrow the filters, or take CSV."))
    values = {"format": to.upper(), "count": count, "filters": filters or "–"}
    words = gettext_lazy("Audit record exported (%(format)s, %(count)d entries, filters: %(filters)s)")
    kind = AuditEntry.Kind.EXPORT
    audit.record(SiteSettings.load(), kind=kind, by=by, summary=audit.sentence(words, values))
    return held


def headings() -> list[str]:
    """Return the headings in the active language."""
    return [
        _("Number of the entry"), _("Time"), _("User"), _("E-mail"), _("Kind"), _("Entity"), _("Key of the row"),
        _("Event"), _("Summary"), _("Changed fields"), pgettext("audit", "Before"), pgettext("audit", "After"),
    ]  # fmt: skip


def rows_of(entries: Any) -> Iterator[list[Any]]:
    """Return the cells of each entry, in the language and zone that are active now, not when the answer leaves."""
    return _rows(entries, translation.get_language(), timezone.get_current_timezone())


def _rows(entries: Any, language: str | None, zone: tzinfo) -> Iterator[list[Any]]:
    for chunk in _chunks(entries.select_related("actor", "content_type")):
        with translation.override(language or settings.LANGUAGE_CODE), timezone.override(zone):
            rows = [_row(entry, changes) for entry, changes in zip(chunk, audit_history.changes(chunk), strict=True)]
        yield from rows


def _chunks(entries: Any) -> Iterator[list[AuditEntry]]:
    """Read by number, so that no transaction stays open and what is added meanwhile moves nothing."""
    chunk = list(entries.order_by("-id")[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(entries.filter(id__lt=chunk[-1].pk).order_by("-id")[:CHUNK])


def _row(entry: AuditEntry, changes: list[audit_history.Change]) -> list[Any]:
    model = entry.content_type.model_class()
    return [
        entry.pk,
        timezone.localtime(entry.timestamp).replace(tzinfo=None, microsecond=0),
        entry.actor.name if entry.actor else _("System"),
        entry.actor.email if entry.actor else "",
        str(dict(AuditEntry.Kind.choices).get(entry.kind, entry.kind)),
        capfirst(str(model._meta.verbose_name)) if model else entry.content_type.name,
        str(entry.object_pk),
        entry.event_id,
        str(entry),
        *("\n".join(lines) for lines in _columns(changes)),
    ]


def _columns(changes: list[audit_history.Change]) -> tuple[list[str], list[str], list[str]]:
    """Field, before and after of each change; the lines say which field they belong to."""
    return (
        [change.label for change in changes],
        [f"{change.label}: {change.before}" for change in changes],
        [f"{change.label}: {change.after}" for change in changes],
    )


def as_csv(rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """Return the table as CSV, line by line: UTF-8 with its mark, commas, moments as ISO writes them."""
    head = "\ufeff".encode() + _line(headings())
    return chain([head], (_line([_plain(value) for value in row]) for row in rows))


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else safe_cell(value)


def _line(cells: list[Any]) -> bytes:
    stream = StringIO()
    csv.writer(stream).writerow(cells)
    return stream.getvalue().encode()


def as_workbook(rows: Iterable[list[Any]]) -> IO[bytes]:
    """Return a temporary file, at its beginning, with the table as a workbook; closing it deletes it."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(_("Audit record")[:31])
    sheet.freeze_panes = "A2"
    sheet.append(headings())
    for row in rows:
        sheet.append([_cell(value) for value in row])
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(value: Any) -> Any:
    return safe_cell(value[:_LONGEST_CELL] if isinstance(value, str) else value)


def file_name(at: datetime, ending: str) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-audit-{at:%Y-%m-%d}.{ending}"

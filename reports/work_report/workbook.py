"""A work report as a file. The same content makes the same bytes, whenever and wherever it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from reports.work_report.rules import Day
from reports.work_report.sheet import Content, write
from reports.work_report.signature import sign

#: What some system or other refuses in the name of a file.
_UNFIT_FOR_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


def build(name: str, month: date, days: Sequence[Day], *, signature: bytes | None = None) -> bytes:
    """Return the workbook of a person's month; `signature` is the PNG that the worker signs with."""
    book = Workbook()
    sheet, content = book.worksheets[0], Content(name, month, days, public_holidays(month.year))
    write(sheet, content)
    if signature is not None:
        sign(sheet, signature, row=content.worker_row)
    return _packed(book, made=datetime.combine(month, time.min))


def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year in Czechia."""
    # Needs a third of a second, which no process that makes no report has to wait for.
    from holidays import country_holidays

    return frozenset(country_holidays("CZ", years=year))


def file_name(name: str, month: date) -> str:
    """Return the name under which the file is offered."""
    return f"výkaz práce {month:%Y-%m} {_UNFIT_FOR_NAMES.sub('_', name)}.xlsx"


def _packed(book: Workbook, *, made: datetime) -> bytes:
    """Return the file; nothing in it tells when and by which program it was made."""
    book.properties.creator, book.properties.created, book.properties.modified = "MedCover", made, made
    stream = BytesIO()
    with _Timeless(stream, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    return stream.getvalue()


class _Timeless(ZipFile):
    """An archive whose parts are all of the same day."""

    def writestr(
        self, zinfo_or_arcname: Any, data: Any, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        """Add a part."""
        super().writestr(ZipInfo(zinfo_or_arcname), data, ZIP_DEFLATED)

    def write(
        self, filename: Any, arcname: Any = None, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        """Add a file as a part."""
        self.writestr(arcname, Path(filename).read_bytes())

"""Our workbooks in another program: LibreOffice opens them, reckons, and writes them anew. One start for all files."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from events.models import Event
from events.tests.factories import PRAGUE
from events.tests.stories import make_capacity_event, place
from reports import printouts
from reports.served import served_spans
from reports.tests.duties import at, served
from reports.work_report import build
from reports.work_report.rules import days_of
from roster.signatures.pipeline import signature_png
from roster.tests.factories import make_member
from roster.tests.pictures import drawing, saved

pytestmark = pytest.mark.django_db

#: By month the lengths of duties in minutes, and what they come to in started half hours; a night of each change of
#: summer time is among them.
MONTHS = {
    date(2027, 2, 1): ([], 0),
    date(2027, 3, 1): ([31, 516], 1 + 9 + 7),
    date(2027, 5, 1): ([600, 601, 1], 10 + 10.5 + 0.5),
    date(2027, 10, 1): ([90], 1.5 + 9),
}
NIGHTS = {date(2027, 3, 1): 27, date(2027, 10, 1): 30}

#: Long enough for a machine that does much else.
PATIENCE = 180


def office() -> str:
    """The program; where there is none this fails, because nothing else proves that our files open elsewhere."""
    found = shutil.which(os.environ.get("SOFFICE", "")) or shutil.which("soffice")
    assert found, "LibreOffice is missing. Run script/office, or name it: SOFFICE=/path/to/soffice"
    return found


def rewritten(folder: Path) -> Path:
    """Have LibreOffice open all workbooks of a folder and save them into another one."""
    target = folder / "rewritten"
    command = [office(), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    files = sorted(map(str, folder.glob("*.xlsx")))
    subprocess.run([*command, "--outdir", str(target), *files], check=True, capture_output=True, timeout=PATIENCE)
    return target


def write_reports(folder: Path) -> None:
    """A report of each month, every other one signed."""
    person, signature = make_member(name="Dvořák Petr"), signature_png(saved(drawing(), "PNG"))
    for number, (month, (lengths, _sum)) in enumerate(MONTHS.items()):
        for day, minutes in enumerate(lengths, start=1):
            served(person, at(month.year, month.month, day), minutes / 60, name=f"Akce {day}")
        if night := NIGHTS.get(month):
            served(person, at(month.year, month.month, night, 22), end=at(month.year, month.month, night + 1, 6))
        days = days_of(month, served_spans(person, month), PRAGUE)
        content = build(person.name, month, days, signature=signature if number % 2 else None)
        (folder / f"{month:%Y-%m}.xlsx").write_bytes(content)


def test_another_program_opens_and_reckons_them(tmp_path):
    place(make_capacity_event({}, name="Půlmaraton"), make_member())
    printout = printouts.build(list(Event.objects.printable()), subtitle="Zkouška")
    (tmp_path / "printout.xlsx").write_bytes(printout)
    write_reports(tmp_path)
    folder = rewritten(tmp_path)
    totals = {}
    for number, month in enumerate(MONTHS):
        sheet = load_workbook(folder / f"{month:%Y-%m}.xlsx", data_only=True).worksheets[0]
        (row,) = [row for row in range(1, 60) if sheet.cell(row, 1).value == "Celkem hodin"]
        totals[month] = sheet.cell(row, 3).value
        assert sheet["D4"].value == "Dvořák Petr"
        assert len(sheet._images) == number % 2
    assert totals == {month: expected for month, (_lengths, expected) in MONTHS.items()}
    overview = load_workbook(folder / "printout.xlsx")["Přehled"]
    assert "Půlmaraton" in [row[1].value for row in overview.iter_rows(max_row=12)]

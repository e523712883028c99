"""What holds for the tests of this app."""

from __future__ import annotations

import json

import pytest

from medcover.common import untrusted_workbook as workbook
from medcover.common.untrusted_workbook import Sheet


def _read_here(data: bytes, titles: tuple[str, ...]) -> dict[str, Sheet]:
    return workbook.sheets_of(json.loads(json.dumps(workbook.plain_of(workbook.parse_sheets(data, titles)))))


@pytest.fixture
def workbooks_read_apart() -> None:
    """Ask for the process that reads workbooks in production; starting it takes longer than most tests."""


@pytest.fixture(autouse=True)
def _workbooks_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "workbooks_read_apart" not in request.fixturenames:
        monkeypatch.setattr(workbook, "_read_apart", _read_here)

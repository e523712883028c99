"""SECURITY.md names code and tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "SECURITY.md").read_text()
ROWS = [line.strip("|").split("|") for line in TEXT.splitlines() if line.startswith("|")]
BEHIND = [
    [cell.strip() for cell in row] for row in ROWS if len(row) == 4 and row[0].strip() not in ("attack", "what", "---")
]


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_every_attack_has_code_and_a_test():
    assert len(BEHIND) > 20
    assert [row[0] for row in BEHIND if "`" not in row[2] or not row[3]] == []


def test_the_code_is_there():
    named = {name for row in BEHIND for name in re.findall(r"`([^`]+)`", row[2])}
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_tests_are_there():
    missing = []
    for row in BEHIND:
        for named in re.findall(r"`([^`]+)`", row[3]):
            path, _colons, name = named.partition("::")
            is_there = (ROOT / path).is_file() and (not name or name in names_in(ROOT / path))
            missing += [] if is_there else [named]
    assert missing == []

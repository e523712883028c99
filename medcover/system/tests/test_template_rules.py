"""Rules for all templates that no linter knows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
#: Mail programs know no style sheets, so mails may carry styles.
#: Files that people take home have to carry their own.
TAKEN_HOME = {"templates/roster/own_data.html", "templates/equipment/static_page.html"}
NAMES = {path: path.relative_to(ROOT).as_posix() for path in TEMPLATES}
PAGES = [path for path, name in NAMES.items() if "mail" not in name and name not in TAKEN_HOME]

FORBIDDEN = {
    "style attribute": re.compile(r"\sstyle\s*="),
    "event handler": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "htmx handler": re.compile(r"\shx-on"),
    "style block": re.compile(r"<style\b"),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*\btype=\"application/json\")"),
    # A link may lead anywhere; nothing may be fetched from elsewhere.
    "other server": re.compile(r"(?:\ssrc=\"|<(?:link|use)\b[^>]*\shref=\")(?:https?:)?//"),
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_content_security_policy_is_kept(path):
    source = path.read_text()
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(source)]
    assert found == []


def test_every_icon_in_use_is_built():
    built = set(json.loads((ROOT / "frontend" / "icons.json").read_text()))
    named = re.compile(r"(?:{% icon |icon_name=)\"([a-z0-9-]+)\"")
    used = {name for path in TEMPLATES for name in named.findall(path.read_text())}
    assert used - built == set()

"""Help behind ⓘ: short plain text, in Czech as well, one sign for each place."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

TEMPLATES = settings.BASE_DIR / "templates"
#: “About 300 characters” of the specification.
LONGEST = 320

#: A help text is a translation that is kept as something with "help" in its name.
_TEXT = re.compile(r'\{% translate "([^"]+)"(?: context "[^"]+")? as (?:\w+_)?help %\}')
_ID = re.compile(r'components/help_icon\.html" with id="([^"]+)"')

TEXTS = sorted({text for path in TEMPLATES.rglob("*.html") for text in _TEXT.findall(path.read_text())})


def test_there_is_help():
    assert len(TEXTS) > 40


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:40])
def test_it_is_short_plain_and_czech(text):
    with override("cs"):
        czech = gettext(text)
    assert czech != text
    for words in (text, czech):
        assert len(words) <= LONGEST
        assert "<" not in words


def test_a_sign_is_named_once_in_a_template():
    for path in TEMPLATES.rglob("*.html"):
        repeated = [name for name, count in Counter(_ID.findall(path.read_text())).items() if count > 1]
        assert repeated == [], path


@pytest.mark.parametrize(
    "template",
    [
        "events/list.html", "events/dashboard.html", "events/_open_signups.html", "events/_overlaps.html",
        "equipment/_short_events.html", "debriefing/_pending.html", "debriefing/_needs_panel.html",
        "events/_crew.html", "events/_coverage.html", "events/_queue.html", "equipment/_event_plan.html",
        "equipment/repairs/queue.html", "equipment/repairs/board.html", "admin/events/masterevent/table.html",
    ],
)  # fmt: skip
def test_headings_that_ask_for_it_have_it(template):
    text = (TEMPLATES / template).read_text()
    assert "components/help_icon.html" in text or _TEXT.search(text)

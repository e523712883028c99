"""What a release makes of CHANGELOG and of „Změny ve verzích“; and that those of this checkout agree."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from medcover.releasing import texts
from medcover.releasing.__main__ import main
from medcover.releasing.texts import Refused

ROOT = Path(settings.BASE_DIR)
DAY = date(2026, 11, 9)
CHANGELOG = """\
# Changelog

The newest version comes first.

## Unreleased

- New
  thing.

## 1.2.0 – 2026-10-01

A sentence that
goes on.

- One item that
  goes on – twice
  even.
- [Another](docs/another.md):
  - with one
    below.

## 1.1.9 – 2026-09-01

- Older.
"""


def heads(text: str) -> list[str]:
    return [heading for heading, _body in texts.sections(text)]


class TestNumber:
    @pytest.mark.parametrize("number", ["1.2", "v1.2.3", "1.2.3.4", "1.2.x", "01.2.3", "1.2.3-rc1", "", "1.2.3\n"])
    def test_what_is_none_is_refused(self, number):
        with pytest.raises(Refused, match="is no version"):
            texts.parts_of(number)

    @pytest.mark.parametrize("number", ["1.2.1", "1.3.0", "2.0.0"])
    def test_one_that_follows(self, number):
        texts.refuse_wrong_order(number, "1.2.0", CHANGELOG)

    @pytest.mark.parametrize("number", ["1.1.10", "0.9.0", "1.2.2", "1.3.1", "1.4.0", "2.1.0", "3.0.0", "11.0.0"])
    def test_one_that_does_not_follow_is_refused(self, number):
        with pytest.raises(Refused, match=re.escape("possible: 1.2.1, 1.3.0, 2.0.0.")):
            texts.refuse_wrong_order(number, "1.2.0", CHANGELOG)

    @pytest.mark.parametrize("number", ["1.2.0", "1.1.9"])
    def test_a_second_time_is_refused(self, number):
        with pytest.raises(Refused, match=f"{number} has been released on 2026"):
            texts.refuse_wrong_order(number, "1.2.0", CHANGELOG)

    def test_the_first_one_is_what_is_being_prepared(self):
        before = "# Changelog\n\n## Unreleased\n\n- Everything.\n"
        texts.refuse_wrong_order("0.1.0", "0.1.0", before)
        with pytest.raises(Refused, match=r"possible: 0\.1\.0\."):
            texts.refuse_wrong_order("0.1.1", "0.1.0", before)


class TestChangelog:
    def test_what_is_unreleased_gets_number_and_day(self):
        done = texts.release_changelog(CHANGELOG, "1.3.0", DAY)
        assert heads(done) == ["Unreleased", "1.3.0 – 2026-11-09", "1.2.0 – 2026-10-01", "1.1.9 – 2026-09-01"]
        assert [body.strip() for _heading, body in texts.sections(done)][:2] == ["", "- New\n  thing."]
        assert done.startswith("# Changelog\n\nThe newest version comes first.\n\n## Unreleased\n\n## 1.3.0")
        assert texts.released(done) == {"1.3.0": DAY, **texts.released(CHANGELOG)}

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "does not begin with “## Unreleased”"),
            ("# Changelog\n", "does not begin"),
            ("# Changelog\n\n## 1.2.0 – 2026-10-01\n\n- X.\n\n## Unreleased\n\n- Y.\n", "does not begin"),
            ("# Changelog\n\n## Unreleased\n\n## 1.2.0 – 2026-10-01\n\n- X.\n", "says nothing"),
            ("# Changelog\n\n## Unreleased\n\nWords, and no item.\n", "says nothing"),
        ],
    )
    def test_nothing_to_release_is_refused(self, text, reason):
        with pytest.raises(Refused, match=reason):
            texts.release_changelog(text, "1.3.0", DAY)


class TestChanges:
    @pytest.mark.parametrize(
        ("language", "heading"), [("cs", "1.3.0 (9. 11. 2026)"), ("en", "1.3.0 (9 November 2026)")]
    )
    def test_people_read_a_day_of_their_own(self, language, heading):
        text = f"# Title\n\n## {texts.COMING[language]}\n\n### Added\n\n- X.\n"
        assert heads(texts.release_changes(text, language, "1.3.0", DAY)) == [texts.COMING[language], heading]

    def test_nothing_for_people_is_refused(self):
        with pytest.raises(Refused, match=r"changes/cs\.md says nothing below “## Chystané změny”"):
            texts.release_changes("# Změny\n\n## Chystané změny\n\n### Přidáno\n", "cs", "1.3.0", DAY)


class TestNotes:
    def test_are_the_section_with_each_item_on_one_line(self):
        assert texts.notes(CHANGELOG, "1.2.0").splitlines() == [
            "A sentence that goes on.",
            "",
            "- One item that goes on – twice even.",
            "- [Another](docs/another.md):",
            "  - with one below.",
        ]

    @pytest.mark.parametrize("number", ["1.3.0", "1.2", "2.0", "Unreleased", ""])
    def test_of_no_version_are_refused(self, number):
        with pytest.raises(Refused):
            texts.notes(CHANGELOG, number)

    def test_are_printed(self, tmp_path, capsys):
        (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
        assert main(["--root", str(tmp_path), "release-notes", "1.1.9"]) == 0
        assert capsys.readouterr() == ("- Older.\n", "")
        assert main(["--root", str(tmp_path), "release-notes", "9.9.9"]) == 1
        assert capsys.readouterr() == ("", "CHANGELOG.md has no version 9.9.9.\n")


class TestThisCheckout:
    """VERSION, CHANGELOG and „Změny ve verzích“ in step."""

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    def test_the_changelog_has_headings_that_a_release_understands(self):
        first, *rest = heads(self.changelog)
        assert first == texts.UNRELEASED
        assert rest == [f"{number} – {day}" for number, day in texts.released(self.changelog).items()]

    def test_versions_and_days_fall(self):
        known = texts.released(self.changelog)
        assert list(known) == sorted(known, key=texts.parts_of, reverse=True)
        assert list(known.values()) == sorted(known.values(), reverse=True)

    def test_the_number_is_the_newest_version(self):
        number = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
        assert texts.parts_of(number)
        assert number == next(iter(texts.released(self.changelog)), number)

    @pytest.mark.parametrize("language", texts.COMING)
    def test_people_read_of_the_same_versions(self, language):
        changes = (ROOT / f"medcover/system/changes/{language}.md").read_text(encoding="utf-8")
        known = texts.released(self.changelog).items()
        wanted = [f"{number} ({texts.DAYS[language](day)})" for number, day in known]
        assert heads(changes) == [texts.COMING[language], *wanted]

"""A release in a scratch repository: refused, repeated, failed half-way, made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from medcover.releasing import texts
from medcover.releasing.__main__ import main

COMING = {"cs": "# Změny\n\n## Chystané změny\n\n### Přidáno\n\n- Něco.\n",
          "en": "# Changes\n\n## Coming changes\n\n### Added\n\n- Something.\n"}  # fmt: skip
WRITTEN = ["CHANGELOG.md", "VERSION", "medcover/system/changes/cs.md", "medcover/system/changes/en.md"]

#: Hooks of git: one that refuses the commit, and one that refuses the tag alone.
FAILING = {"pre-commit": "exit 1", "reference-transaction": "! grep -q refs/tags/"}


class Checkout:
    """A small repository with what a release looks at; its checks are whatever a test wants."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write("VERSION", "0.1.0\n")
        self.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- Everything.\n")
        for language, text in COMING.items():
            self.write(f"medcover/system/changes/{language}.md", text)
        self.write("script/test", "#!/bin/sh\n. .git/checks\n")
        (root / "script/test").chmod(0o755)
        self.checks("echo run >>.git/runs")
        self.commit()

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def checks(self, shell: str) -> None:
        self.write(".git/checks", shell)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def release(self, number: str, *options: str) -> int:
        return main(["--root", str(self.root), "release", number, *options])

    def runs(self) -> int:
        file = self.root / ".git/runs"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def state(self) -> tuple[str, ...]:
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain"), self.git("tag", "--list")


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Checkout:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # a hook of the repository around us would speak of that one
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Hana Malá")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "hana@example.org")
    (tmp_path / "checkout").mkdir()
    return Checkout(tmp_path / "checkout")


class TestMade:
    def test_texts_commit_and_tag(self, checkout, capsys):
        assert checkout.release("0.1.0") == 0
        assert checkout.git("log", "-1", "--format=%s") == "Release 0.1.0"
        assert checkout.git("show", "--name-only", "--format=", "HEAD").splitlines() == ["CHANGELOG.md", *WRITTEN[2:]]
        assert checkout.git("rev-parse", "v0.1.0^{commit}") == checkout.git("rev-parse", "HEAD")
        assert checkout.git("cat-file", "-t", "v0.1.0") == "tag"
        assert checkout.git("status", "--porcelain") == ""
        assert list(texts.released(checkout.read("CHANGELOG.md"))) == ["0.1.0"]
        assert "git push --atomic origin main v0.1.0" in capsys.readouterr().err

    def test_the_next_one(self, checkout):
        assert checkout.release("0.1.0") == 0
        checkout.write("CHANGELOG.md", checkout.read("CHANGELOG.md").replace("Unreleased\n", "Unreleased\n\n- More.\n"))
        for language in COMING:
            name = f"medcover/system/changes/{language}.md"
            more = f"{texts.COMING[language]}\n\n### X\n\n- More.\n"
            checkout.write(name, checkout.read(name).replace(f"{texts.COMING[language]}\n", more))
        checkout.commit()
        assert checkout.release("0.2.0") == 0
        assert checkout.read("VERSION") == "0.2.0\n"
        assert list(texts.released(checkout.read("CHANGELOG.md"))) == ["0.2.0", "0.1.0"]
        assert checkout.git("show", "--name-only", "--format=", "HEAD").splitlines() == WRITTEN
        assert checkout.runs() == 2

    def test_a_rehearsal_writes_nothing_and_checks_nothing(self, checkout, capsys):
        before = checkout.state()
        assert checkout.release("0.1.0", "--dry-run") == 0
        said = capsys.readouterr().err
        assert all(f"would write {name}" in said for name in WRITTEN)
        assert "“Release 0.1.0” and tag v0.1.0" in said
        assert (checkout.state(), checkout.runs()) == (before, 0)


class TestRefused:
    """Each before the checks, which take minutes; nothing is changed."""

    @pytest.fixture(autouse=True)
    def refused(self, checkout, capsys):
        self.said = lambda: capsys.readouterr().err
        yield
        assert checkout.runs() == 0

    def refuse(self, checkout, number, *, why, options=()):
        before = checkout.state()
        assert checkout.release(number, *options) == 1
        assert why in self.said()
        assert checkout.state() == before

    @pytest.mark.parametrize("options", [(), ("--dry-run",)])
    def test_a_changed_file(self, checkout, options):
        checkout.write("VERSION", "0.1.1\n")
        self.refuse(checkout, "0.1.0", why="Not committed yet", options=options)
        assert checkout.read("VERSION") == "0.1.1\n"

    def test_a_new_file(self, checkout):
        checkout.write("forgotten.py", "")
        self.refuse(checkout, "0.1.0", why="forgotten.py")

    def test_another_branch(self, checkout):
        checkout.git("switch", "--quiet", "--create", "work")
        self.refuse(checkout, "0.1.0", why="Releases are made on main, not on work.")

    def test_no_branch(self, checkout):
        checkout.git("switch", "--quiet", "--detach")
        self.refuse(checkout, "0.1.0", why="not on a commit without a branch")

    @pytest.mark.parametrize("number", ["0.2.0", "0.0.9", "1.0.0"])
    def test_wrong_order(self, checkout, number):
        self.refuse(checkout, number, why="possible: 0.1.0.")

    @pytest.mark.parametrize("number", ["v0.1.0", "0.1", "0.1.0; rm -rf /"])
    def test_no_version(self, checkout, number):
        self.refuse(checkout, number, why="is no version")

    def test_a_tag_that_there_is(self, checkout):
        checkout.git("tag", "v0.1.0")
        self.refuse(checkout, "0.1.0", why="There is a tag v0.1.0.")

    @pytest.mark.parametrize("language", COMING)
    def test_nothing_for_people(self, checkout, language):
        checkout.write(f"medcover/system/changes/{language}.md", f"# X\n\n## {texts.COMING[language]}\n")
        checkout.commit()
        self.refuse(checkout, "0.1.0", why=f"changes/{language}.md says nothing")

    def test_nothing_for_engineers(self, checkout):
        checkout.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n")
        checkout.commit()
        self.refuse(checkout, "0.1.0", why="CHANGELOG.md says nothing")


class TestHalfWay:
    def test_repeated(self, checkout, capsys):
        assert checkout.release("0.1.0") == 0
        before = checkout.state()
        assert checkout.release("0.1.0") == 1
        assert "0.1.0 has been released on" in capsys.readouterr().err
        assert (checkout.state(), checkout.runs()) == (before, 1)

    def test_checks_that_are_not_green(self, checkout, capsys):
        checkout.checks("exit 1")
        before = checkout.state()
        assert checkout.release("0.1.0") == 1
        assert "The checks are not green." in capsys.readouterr().err
        assert checkout.state() == before

    def test_somebody_works_while_the_checks_run(self, checkout, capsys):
        checkout.checks("echo more >>script/test")
        assert checkout.release("0.1.0") == 1
        assert "Not committed yet" in capsys.readouterr().err
        assert checkout.read("script/test").endswith("more\n")
        assert checkout.git("tag", "--list") == ""

    def test_somebody_commits_while_the_checks_run(self, checkout, capsys):
        checkout.checks("git commit --quiet --allow-empty --message Work")
        assert checkout.release("0.1.0") == 1
        assert "Something was committed" in capsys.readouterr().err
        assert checkout.git("tag", "--list") == ""

    @pytest.mark.parametrize(("hook", "refusing"), FAILING.items())
    def test_a_commit_or_a_tag_that_fails_leaves_nothing(self, checkout, capsys, hook, refusing):
        before = checkout.state()
        checkout.write(f".git/hooks/{hook}", f"#!/bin/sh\n{refusing}\n")
        (checkout.root / f".git/hooks/{hook}").chmod(0o755)
        assert checkout.release("0.1.0") == 1
        assert "git " in capsys.readouterr().err
        assert checkout.state() == before
        (checkout.root / f".git/hooks/{hook}").unlink()
        assert checkout.release("0.1.0") == 0

"""The steps of a release in a checkout: looked at, checked, written, committed, tagged; all of it or nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from medcover.releasing import texts
from medcover.releasing.texts import Refused

BRANCH = "main"
CHANGES = "medcover/system/changes"


@dataclass(frozen=True)
class Release:
    """One release of the checkout in `root`; `say` is told what happens."""

    root: Path
    number: str
    day: date
    say: Callable[[str], None]

    @property
    def tag(self) -> str:
        return f"v{self.number}"

    def rehearse(self) -> None:
        """Tell what a release would do, except whether the checks are green; write nothing."""
        for name in self._look():
            self.say(f"would write {name}")
        self.say(f"would run script/test, commit “{self._message()}” and tag {self.tag}")

    def make(self) -> None:
        """Release, or raise Refused and leave everything as it was."""
        new_texts = self._look()
        before = self._git("rev-parse", "HEAD")
        self._check()
        # The checks take minutes; somebody may have gone on working.
        self._refuse_if_not_ready()
        if self._git("rev-parse", "HEAD") != before:
            raise Refused("Something was committed while the checks were running.")
        try:
            self._write(new_texts)
        except (Refused, OSError, KeyboardInterrupt):
            # Nothing of anybody's is lost: the tree was clean.
            self._git("reset", "--quiet", "--hard", before)
            raise
        self.say(f"Released {self.number}. To let others have it: git push --atomic origin {BRANCH} {self.tag}")

    def _look(self) -> dict[str, str]:
        """Refuse what can be refused at once; return the new texts by the name of their file."""
        self._refuse_if_not_ready()
        changelog = self._read("CHANGELOG.md")
        texts.parts_of(self.number)
        texts.refuse_wrong_order(self.number, self._read("VERSION").strip(), changelog)
        if self._git("tag", "--list", self.tag):
            raise Refused(f"There is a tag {self.tag}.")
        return {
            "VERSION": f"{self.number}\n",
            "CHANGELOG.md": texts.release_changelog(changelog, self.number, self.day),
            **{f"{CHANGES}/{code}.md": self._changes(code) for code in texts.COMING},
        }

    def _changes(self, language: str) -> str:
        text = self._read(f"{CHANGES}/{language}.md")
        return texts.release_changes(text, language, self.number, self.day)

    def _refuse_if_not_ready(self) -> None:
        if (branch := self._git("branch", "--show-current")) != BRANCH:
            raise Refused(f"Releases are made on {BRANCH}, not on {branch or 'a commit without a branch'}.")
        if changed := self._git("status", "--porcelain"):
            raise Refused(f"Not committed yet:\n{changed}")

    def _check(self) -> None:
        self.say("script/test")
        if subprocess.run(["script/test"], cwd=self.root, check=False).returncode:
            raise Refused("The checks are not green.")

    def _write(self, new_texts: dict[str, str]) -> None:
        for name, text in new_texts.items():
            (self.root / name).write_text(text, encoding="utf-8")
        self._git("commit", "--quiet", "--all", "--message", self._message())
        self._git("tag", "--annotate", self.tag, "--message", f"MedCover {self.number}")

    def _message(self) -> str:
        return f"Release {self.number}"

    def _read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=False, capture_output=True, text=True)
        if done.returncode:
            raise Refused(f"git {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

"""python -m medcover.releasing; see `script/release --help` and `script/release-notes --help`."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from medcover.releasing import texts
from medcover.releasing.steps import Release
from medcover.releasing.texts import Refused

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked; return 1 with a sentence where that is refused."""
    wanted = _parser().parse_args(arguments)
    try:
        _do(wanted)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    release = commands.add_parser("release", description="Makes a version: texts, commit and tag (docs/releasing.md).")
    release.add_argument("number", metavar="X.Y.Z")
    release.add_argument("--dry-run", action="store_true", help="tell what would be done; neither check nor write")
    notes = commands.add_parser("release-notes", description="Prints what CHANGELOG.md says about a version.")
    notes.add_argument("number", metavar="X.Y.Z")
    return parser


def _do(wanted: argparse.Namespace) -> None:
    if wanted.command == "release-notes":
        sys.stdout.write(texts.notes((wanted.root / "CHANGELOG.md").read_text(encoding="utf-8"), wanted.number))
        return
    # The day is that of whoever releases.
    release = Release(wanted.root, wanted.number, date.today(), _say)  # noqa: DTZ011
    release.rehearse() if wanted.dry_run else release.make()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())

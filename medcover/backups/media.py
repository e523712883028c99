"""Uploaded files: which there are, and putting others in their place at one stroke.

New ones are written into a directory inside that of the uploads, so that they lie on the same file system even where
that directory is a mounted volume. Putting them in place is renaming the entries at the top.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from medcover.backups.archive import Archive
from medcover.backups.manifest import MEDIA

#: Directories of ours; no upload begins with a dot.
_NEW, _OLD = ".restored-", ".before-"


def root() -> Path:
    """Return the directory of uploaded files."""
    return Path(settings.MEDIA_ROOT)


def uploads() -> Iterator[tuple[str, Path]]:
    """Yield every uploaded file with its name in archives, in order; links and what begins with a dot are none."""
    top = root()
    for path in sorted(top.rglob("*")):
        inside = path.relative_to(top)
        if not inside.parts[0].startswith(".") and path.is_file() and not path.is_symlink():
            yield MEDIA + inside.as_posix(), path


@contextmanager
def staged(archive: Archive) -> Iterator[Path]:
    """Write the uploads of an archive beside the present ones, and remove in the end what is still there."""
    _drop_leftovers()
    place = root() / f"{_NEW}{secrets.token_hex(4)}"
    place.mkdir(mode=0o755, parents=True)
    try:
        for name in archive.manifest.files:
            archive.extract(MEDIA + name, place / name)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def swapped(place: Path) -> Iterator[None]:
    """Put what was staged in the place of the present uploads; when the block fails, they come back."""
    old = root() / place.name.replace(_NEW, _OLD)
    old.mkdir(mode=0o700)
    moved: list[tuple[Path, Path]] = []
    try:
        _move(_visible(root()), old, moved)
        _move(list(place.iterdir()), root(), moved)
        yield
    except BaseException:
        for source, target in reversed(moved):
            target.rename(source)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _visible(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if not path.name.startswith(".")]


def _move(paths: list[Path], to: Path, moved: list[tuple[Path, Path]]) -> None:
    for path in paths:
        target = to / path.name
        path.rename(target)
        moved.append((path, target))


def _drop_leftovers() -> None:
    """Remove what an interrupted restore has staged; uploads that it had moved away come back first."""
    top = root()
    top.mkdir(mode=0o755, parents=True, exist_ok=True)
    for old in top.glob(f"{_OLD}*"):
        for path in old.iterdir():
            if not (top / path.name).exists():
                path.rename(top / path.name)
        shutil.rmtree(old, ignore_errors=True)
    for place in top.glob(f"{_NEW}*"):
        shutil.rmtree(place, ignore_errors=True)

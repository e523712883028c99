"""Directory of archives: a file appears whole or not at all, and none takes the place of another."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

#: What is being written; no name of an archive begins so.
_DRAFT = ".draft-"


class BackupDirectory(FileSystemStorage):
    """Storage on a disk, for the eyes of its owner alone."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def _save(self, name: str, content: Any) -> str:
        """Write a draft beside it, then give it its name, which fails when there is a file of that name."""
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(_DRAFT + target.name)
        try:
            _write(draft, content)
            _name(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Keep the name: two archives of one name would be a mistake, and the second is refused."""
        return name


def _write(draft: Path, content: Any) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in content.chunks():
            file.write(piece)
        file.flush()
        os.fsync(descriptor)


def _name(draft: Path, target: Path) -> None:
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # not every file system knows hard links; whoever writes holds the lock on backups
        if target.exists():
            raise FileExistsError(target.name) from None
        draft.rename(target)
    with contextlib.suppress(OSError):
        _settle(target.parent)


def _settle(directory: Path) -> None:
    """Have the name survive a power failure, too."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

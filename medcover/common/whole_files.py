"""Files that appear whole or not at all, and that survive a power failure once they are there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def write(draft: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    """Write a draft, and have the disk keep it."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(descriptor)


def give_name(draft: Path, target: Path) -> None:
    """Give a draft on the same disk its name; raises FileExistsError when there is a file of that name."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # not every file system knows hard links; there, two at the same moment are not told apart
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

"""Archives for tests, good and bad."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from medcover.backups import manifest
from medcover.backups.manifest import Manifest, Member

MADE = datetime(2027, 1, 2, 3, 4, 5, 6, tzinfo=UTC)

FILES = {"database.dump": b"PGDMP and so on" * 100, "media/photos/a.jpg": b"picture"}


def manifest_of(files: dict[str, bytes], **changed) -> Manifest:
    members = {name: Member(len(content), sha256(content).hexdigest()) for name, content in files.items()}
    given = {
        "product": "MedCover", "version": "0.1.0", "created": MADE, "server": "18.0", "migrations": [], "rows": {},
        "members": members,
    }  # fmt: skip
    return Manifest(**{**given, **changed})


def write_zip(path: Path, files: dict[str, bytes], says: bytes | None, *, how: int = zipfile.ZIP_STORED) -> Path:
    """A zip with these files and this manifest, or none."""
    with zipfile.ZipFile(path, "w", how) as made:
        for name, content in files.items():
            made.writestr(name, content)
        if says is not None:
            made.writestr(manifest.NAME, says)
    return path


def write_archive(path: Path, files: dict[str, bytes] | None = None, **changed) -> Path:
    """A whole archive, as far as its form goes."""
    files = FILES if files is None else files
    return write_zip(path, files, manifest_of(files, **changed).to_json())

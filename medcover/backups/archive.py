"""Archive: a zip of the dump, uploaded files and a manifest, optionally encrypted as a whole.

Members are stored, not compressed (the dump already is), so a small archive cannot become a large one: whatever is
compressed, or claims to be larger than the archive, is refused before anything is read. Names come from the manifest,
are judged there, and must be exactly those in the zip.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from medcover.backups import manifest as manifests
from medcover.backups.errors import BrokenArchive
from medcover.backups.manifest import Manifest, Member
from medcover.backups.sealing import MARK, SealingWriter, unseal
from medcover.system import audit

#: A manifest names each file; this is enough for some hundred thousand.
MOST_OF_MANIFEST = 64 * 1024 * 1024
MOST_MEMBERS = 500_000

_PIECE = 1024 * 1024


# --- writing ---------------------------------------------------------------------------------------------


class Writer:
    """An archive that is being made; `members` tells what has gone into it."""

    def __init__(self, to: Any) -> None:
        self._zip = zipfile.ZipFile(to, "w", zipfile.ZIP_STORED)
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file; its size and checksum are those of what was read."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self._zip.open(_info(name), "w", force_zip64=True) as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.members[name] = Member(size, digest.hexdigest())

    def end(self, manifest: Manifest) -> None:
        """Add the manifest, without which the rest is nothing."""
        self._zip.writestr(_info(manifests.NAME), manifest.to_json())
        self._zip.close()


def _info(name: str) -> zipfile.ZipInfo:
    """The moment stands in the manifest; here every file has the same."""
    return zipfile.ZipInfo(name)


@contextmanager
def writing(path: Path, key: bytes | None) -> Iterator[Writer]:
    """Make an archive at `path`, encrypted where there is a key."""
    with path.open("wb") as file:
        if key is None:
            yield Writer(file)
        else:
            sealed = SealingWriter(file, key)
            yield Writer(sealed)
            sealed.close()


# --- reading ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Archive:
    """An archive that has been opened: its table of contents is as it should be, its files are not read yet."""

    zip: zipfile.ZipFile
    manifest: Manifest

    def extract(self, name: str, to: Path) -> None:
        """Write a file of the archive; raises BrokenArchive when it is not what the manifest says."""
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with to.open("xb") as target:
            self._read(name, target)

    def check(self) -> None:
        """Read everything; raises BrokenArchive when anything is not what the manifest says."""
        for name in self.manifest.members:
            self._read(name, None)

    def _read(self, name: str, target: IO[bytes] | None) -> None:
        digest = hashlib.sha256()
        try:
            with self.zip.open(name) as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    if target is not None:
                        target.write(piece)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise _damaged(name) from error
        if digest.hexdigest() != self.manifest.members[name].sha256:
            raise _damaged(name)


def _damaged(name: str) -> BrokenArchive:
    return BrokenArchive(audit.sentence(_("The archive is damaged: the checksum of %s does not fit."), name[:100]))


@contextmanager
def reading(path: Path, keys: Sequence[bytes], workshop: Path) -> Iterator[Archive]:
    """Open an archive; an encrypted one is decrypted into the directory `workshop` first. Raises BrokenArchive."""
    plain = _unsealed(path, keys, workshop)
    try:
        with zipfile.ZipFile(plain) as found:
            yield Archive(found, _manifest_of(found, plain.stat().st_size))
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise BrokenArchive(_("The file is no archive of MedCover, or not a whole one.")) from error


def is_sealed(path: Path) -> bool:
    """Say whether the file begins as an encrypted archive."""
    with path.open("rb") as source:
        return source.read(len(MARK)) == MARK


def _unsealed(path: Path, keys: Sequence[bytes], workshop: Path) -> Path:
    if not is_sealed(path):
        return path
    plain = workshop / "unsealed.zip"
    with path.open("rb") as source, plain.open("wb") as target:
        unseal(source, target, keys)
    return plain


def _manifest_of(found: zipfile.ZipFile, size: int) -> Manifest:
    """Judge the table of contents before anything of it is used."""
    infos = found.infolist()
    _expect_modest(infos, size)
    by_name = {info.filename: info for info in infos}
    if len(by_name) != len(infos) or manifests.NAME not in by_name:
        raise BrokenArchive(_("The file is no archive of MedCover, or not a whole one."))
    if by_name[manifests.NAME].file_size > MOST_OF_MANIFEST:
        raise BrokenArchive(_("The archive claims to hold more than it can."))
    manifest = manifests.read(found.read(manifests.NAME))
    inside = {name: info.file_size for name, info in by_name.items() if name != manifests.NAME}
    if inside != {name: member.size for name, member in manifest.members.items()}:
        raise BrokenArchive(_("The archive does not hold the files that its manifest names."))
    return manifest


def _expect_modest(infos: Iterable[zipfile.ZipInfo], size: int) -> None:
    infos = list(infos)
    stored = all(info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1 for info in infos)
    claimed = sum(info.file_size for info in infos)
    if not stored or claimed > size or len(infos) > MOST_MEMBERS:
        raise BrokenArchive(_("The archive claims to hold more than it can."))

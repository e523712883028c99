"""Manifest of an archive: what made it, when, and what has to be in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from medcover.backups.errors import BrokenArchive
from medcover.system import audit

#: Rises when older versions could not read what newer ones write.
FORMAT = 1

NAME, DUMP, MEDIA = "manifest.json", "database.dump", "media/"

_NAME_BYTES = 512


@dataclass(frozen=True)
class Member:
    """A file of the archive."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself. Rows are counted by table, migrations named as "app.name"."""

    product: str
    version: str
    created: datetime
    server: str
    migrations: list[str]
    rows: dict[str, int]
    members: dict[str, Member]

    @property
    def files(self) -> list[str]:
        """Names of uploaded files, relative to their directory."""
        return [name.removeprefix(MEDIA) for name in self.members if name.startswith(MEDIA)]

    def to_json(self) -> bytes:
        """Return it as it lies in the archive."""
        content = {"format": FORMAT, **asdict(self), "created": self.created.isoformat()}
        return json.dumps(content, indent=1, ensure_ascii=False).encode()


def read(content: bytes) -> Manifest:
    """Read a manifest; raises BrokenArchive for anything that this version has not written and cannot understand."""
    try:
        found = json.loads(content)
        number = found["format"]
        if isinstance(number, int) and number > FORMAT:
            words = _("The archive was made by a newer version of MedCover (%s); update this installation first.")
            raise BrokenArchive(audit.sentence(words, _short(found.get("version"))))
        manifest = _understood(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenArchive(_("The archive does not say what is in it: its manifest cannot be read.")) from error
    _expect_sensible(manifest)
    return manifest


def _understood(found: dict[str, Any]) -> Manifest:
    created = datetime.fromisoformat(found["created"])
    if created.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Manifest(
        product=str(found["product"]),
        version=_short(found["version"]),
        created=created,
        server=_short(found["server"]),
        migrations=[str(name) for name in found["migrations"]],
        rows={str(table): int(count) for table, count in found["rows"].items()},
        members={
            str(name): Member(int(member["size"]), str(member["sha256"])) for name, member in found["members"].items()
        },
    )


def _short(text: object) -> str:
    return str(text)[:40]


def _expect_sensible(manifest: Manifest) -> None:
    if manifest.product != "MedCover":
        raise BrokenArchive(_("The archive is of another product."))
    if DUMP not in manifest.members:
        raise BrokenArchive(_("There is no database in the archive."))
    if not all(name == DUMP or is_upload(name) for name in manifest.members):
        raise BrokenArchive(_("The archive holds files with names that no backup gives."))


def is_upload(name: str) -> bool:
    """Say whether the name is one of an uploaded file, from which no way leads out of their directory."""
    inside = name.removeprefix(MEDIA)
    parts = inside.split("/")
    plain = inside == PurePosixPath(inside).as_posix() and not {"", ".", ".."} & set(parts)
    odd = "\\" in name or not name.isprintable() or len(name.encode(errors="replace")) > _NAME_BYTES
    return name.startswith(MEDIA) and plain and not odd and not parts[0].startswith(".")

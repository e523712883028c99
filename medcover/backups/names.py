"""Names of archives: the moment of the backup, to the microsecond in UTC, and whether it is encrypted.

What has no such name is none of ours: it is neither shown nor touched, whatever an address or a storage holds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

PLAIN, SEALED = ".zip", ".zip.enc"

_FORM = re.compile(r"medcover_backup_(\d{8}_\d{6}_\d{6})_UTC(?:\.zip|\.zip\.enc)", re.ASCII)
_MOMENT = "%Y%m%d_%H%M%S_%f"

#: Characters of the longest name.
LENGTH = 64


def name_at(moment: datetime, *, sealed: bool) -> str:
    """Return the name of the archive of this moment."""
    return f"medcover_backup_{moment.astimezone(UTC):{_MOMENT}}_UTC{SEALED if sealed else PLAIN}"


def moment_of(name: str) -> datetime | None:
    """Return when the archive was made; None when this is no name of an archive, or the day does not exist."""
    found = _FORM.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_sealed(name: str) -> bool:
    """Say whether the archive of this name is encrypted."""
    return name.endswith(SEALED)

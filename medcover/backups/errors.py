"""Why a backup, a rehearsal or a restore has not happened; each sentence may be shown."""

from __future__ import annotations

from medcover.common.errors import DomainError, UnreadableSource
from medcover.system.uploads import reason


class BackupFailed(DomainError):
    """It could not be done; nothing of the installation has changed."""


class StoreFailed(BackupFailed):
    """The storage of archives does not answer, or refuses."""


class BrokenArchive(UnreadableSource):
    """The file is no archive of ours, or not a whole one."""


def of_system(error: OSError) -> BackupFailed:
    """Make a sentence of what the operating system has refused."""
    return BackupFailed(reason(error))

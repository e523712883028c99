"""Why a backup, a rehearsal or a restore has not happened; each sentence may be shown."""

from __future__ import annotations

import errno

from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError, UnreadableSource
from medcover.system import audit


class BackupFailed(DomainError):
    """It could not be done; nothing of the installation has changed."""


class StoreFailed(BackupFailed):
    """The storage of archives does not answer, or refuses."""


class BrokenArchive(UnreadableSource):
    """The file is no archive of ours, or not a whole one."""


def of_system(error: OSError) -> BackupFailed:
    """Make a sentence of what the operating system has refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackupFailed(_("The disk is full."))
    reason = error.strerror or type(error).__name__
    return BackupFailed(audit.sentence(_("The server could not read or write a file: %s"), reason))

"""Storage of uploaded files: one that the disk does not take leaves nothing behind, and is refused with a sentence."""

from __future__ import annotations

import errno
import logging
import secrets
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from medcover.common import whole_files
from medcover.common.errors import DomainError
from medcover.common.request_context import current_request
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings

logger = logging.getLogger(__name__)

#: What is being written lies at the top of the directory; nothing that begins with a dot is an upload.
_DRAFT = ".draft-"
_MODE = 0o644
#: Where a request remembers what the disk has refused in it.
_REFUSED = "disk_refused"


class DiskRefuses(DomainError):
    """Refusal: the file could not be stored, and nothing of it is there."""


class UploadDirectory(FileSystemStorage):
    """Directory in which a file appears whole or not at all."""

    def _save(self, name: str, content: Any) -> str:
        """Write a draft, then give it its name; raises DiskRefuses."""
        draft = Path(self.path(_DRAFT + secrets.token_hex(8)))
        try:
            self._write(draft, Path(self.path(name)), content)
        except OSError as error:
            raise _refused(error) from error
        return name

    def _write(self, draft: Path, target: Path, content: Any) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            whole_files.write(draft, content.chunks(), mode=self.file_permissions_mode or _MODE)
            whole_files.give_name(draft, target)
        finally:
            draft.unlink(missing_ok=True)


def reason(error: OSError) -> Any:
    """Return a sentence for what the operating system has refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full.")
    return audit.sentence(_("The server could not read or write a file: %s"), error.strerror or type(error).__name__)


def _refused(error: OSError) -> DiskRefuses:
    """Tell the log, and have the request remember it: what is recorded now would go with the change that fails."""
    why = reason(error)
    logger.warning("A file could not be stored: %s", error.strerror or type(error).__name__)
    if (request := current_request.get()) is not None:
        setattr(request, _REFUSED, why)
    words = _("The file could not be stored: %s Nothing was changed. Please tell an administrator.")
    return DiskRefuses(audit.sentence(words, why))


def record_refusal(request: HttpRequest) -> None:
    """Record, after the answer to a request, that the disk has refused a file in it."""
    why = getattr(request, _REFUSED, None)
    # Looking at the state of the installation tries to write a file, too.
    if why is not None and request.method == "POST":
        summary = audit.sentence(_("An uploaded file could not be stored: %s"), why)
        by = request.user if request.user.is_authenticated else None
        audit.record(SiteSettings.load(), kind=AuditEntry.Kind.ERROR, by=by, summary=summary)

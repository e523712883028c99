"""Directory of archives: a file appears whole or not at all, and none takes the place of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

from medcover.common import whole_files

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
            whole_files.write(draft, content.chunks(), mode=0o600)
            whole_files.give_name(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Keep the name: two archives of one name would be a mistake, and the second is refused."""
        return name

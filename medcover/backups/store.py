"""Storage of archives, wherever it is; only what has the name of an archive exists in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from django.core.files import File
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from medcover.backups.errors import StoreFailed, of_system
from medcover.backups.names import moment_of
from medcover.system import audit


@dataclass(frozen=True)
class Entry:
    """An archive in the storage: its name, bytes, and when it was made."""

    name: str
    size: int
    made_at: datetime


def entries() -> list[Entry]:
    """Return every archive, newest first; raises StoreFailed."""
    with _told():
        names = _names()
        found = [Entry(name, _backend().size(name), moment) for name, moment in names.items()]
    return sorted(found, key=lambda entry: entry.made_at, reverse=True)


def names() -> list[str]:
    """Return the names of all archives; raises StoreFailed."""
    with _told():
        return list(_names())


def _names() -> dict[str, datetime]:
    try:
        _directories, files = _backend().listdir("")
    except FileNotFoundError:  # nothing has been stored yet
        return {}
    moments = {name: moment_of(name) for name in files}
    return {name: moment for name, moment in moments.items() if moment is not None}


def exists(name: str) -> bool:
    """Say whether there is an archive of this name; anything that is no name of one is not there."""
    if moment_of(name) is None:
        return False
    with _told():
        return bool(_backend().exists(name))


def put(name: str, path: Path) -> None:
    """Store the file; raises StoreFailed, also when there is an archive of that name, which stays as it is."""
    _expect_name(name)
    if exists(name):
        raise StoreFailed(_("There is an archive of this name already."))
    with _told(), path.open("rb") as file:
        stored = _backend().save(name, File(file, name))
        if stored != name or _backend().size(name) != path.stat().st_size:
            _backend().delete(stored)
            raise StoreFailed(_("The archive did not arrive whole in the storage."))


def fetch(name: str, to: Path) -> None:
    """Copy an archive into a file; raises StoreFailed, also when there is none of that name."""
    with opened(name) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Open an archive for reading; raises StoreFailed."""
    with open_stored(name) as file, _told():
        yield file


def open_stored(name: str) -> IO[bytes]:
    """Open an archive; whoever asks closes it. Raises StoreFailed."""
    if not exists(name):
        raise StoreFailed(_("The archive is not there any more."))
    with _told():
        file: IO[bytes] = _backend().open(name, "rb")
        return file


def delete(name: str) -> None:
    """Delete an archive; one that is gone already is no failure. Raises StoreFailed."""
    _expect_name(name)
    with _told():
        _backend().delete(name)


def _backend() -> Any:
    return storages["backups"]


def _expect_name(name: str) -> None:
    if moment_of(name) is None:
        raise ValueError(f"Not the name of an archive: {name!r}")


@contextmanager
def _told() -> Iterator[None]:
    """Make a sentence of whatever a storage fails with; the failure itself may hold addresses and keys."""
    try:
        yield
    except FileExistsError as error:
        raise StoreFailed(_("There is an archive of this name already.")) from error
    except OSError as error:
        raise StoreFailed(of_system(error).message) from error
    except _foreign_failures() as error:
        words = _("The storage of backups cannot be reached or refuses: %s")
        raise StoreFailed(audit.sentence(words, _reason(error))) from error


def _reason(error: BaseException) -> str:
    """Return the code that the storage has answered with, or the kind of the failure; never its whole text."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


def _foreign_failures() -> tuple[type[BaseException], ...]:
    """What the libraries of the storage in use raise; the others need not be loaded."""
    backend = type(_backend()).__module__
    if backend.endswith("s3"):
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        return (SuspiciousOperation, Boto3Error, BotoCoreError, ClientError)
    if backend.endswith("gcloud"):
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError

        return (SuspiciousOperation, GoogleAPIError, GoogleAuthError)
    return (SuspiciousOperation,)

"""Where the static page is written: a directory of this machine, S3, or Google storage."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError

FILE_NAME = "index.html"
_TYPE, _CACHE = "text/html; charset=utf-8", "no-cache, no-store, must-revalidate"
#: Seconds after which a store that does not answer counts as down; well below the queue's own limit for a job.
_CONNECT, _READ = 5, 20


class UnfitTarget(DomainError):
    """Refusal: the settings name no place to which the page could be written."""


@dataclass(frozen=True)
class Place:
    """A bucket, and the key of the page in it."""

    bucket: str
    key: str


def is_set() -> bool:
    """Say whether the installation has a static page at all."""
    return bool(settings.STATIC_PAGE_PUSH_TARGET)


def is_remote() -> bool:
    """Say whether the page is written to a store on the network."""
    return bool(settings.STATIC_PAGE_PUSH_METHOD in ("s3", "gcs"))


def name() -> str:
    """Return the target as people read it: the method, and where to."""
    return f"{settings.STATIC_PAGE_PUSH_METHOD} {settings.STATIC_PAGE_PUSH_TARGET}"


def place(target: str) -> Place:
    """Read "bucket/optional/key"; the key is index.html where none is given. Raises UnfitTarget without a bucket."""
    bucket, _slash, key = target.strip().lstrip("/").partition("/")
    if not bucket:
        raise UnfitTarget(_("STATIC_PAGE_PUSH_TARGET names no bucket."))
    if not key or key.endswith("/"):
        key += FILE_NAME
    return Place(bucket, key)


def write(content: str) -> None:
    """Put the page where the settings say, in one step: readers find the old page or the new one, never half of it.

    Raises UnfitTarget, and whatever the disk or the library of the store raises.
    """
    method, target = settings.STATIC_PAGE_PUSH_METHOD, settings.STATIC_PAGE_PUSH_TARGET
    writer = {"local": _write_file, "s3": _write_s3, "gcs": _write_gcs}.get(method)
    if writer is None:
        raise UnfitTarget(_("STATIC_PAGE_PUSH_METHOD is none of local, s3 and gcs."))
    if not target:
        raise UnfitTarget(_("STATIC_PAGE_PUSH_TARGET is empty."))
    writer(target, content.encode())


def _write_file(directory: str, content: bytes) -> None:
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(dir=folder, prefix=".static-page-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)  # another server gives it out
            file.flush()
            os.fsync(file.fileno())
        Path(path).replace(folder / FILE_NAME)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise


def _write_s3(target: str, content: bytes) -> None:
    from botocore.config import Config
    from storages.backends.s3 import S3Storage

    at = place(target)
    storage = S3Storage(
        bucket_name=at.bucket,
        endpoint_url=settings.AWS_S3_ENDPOINT_URL,
        object_parameters={"ContentType": _TYPE, "CacheControl": _CACHE},
        client_config=Config(connect_timeout=_CONNECT, read_timeout=_READ, retries={"total_max_attempts": 1}),
        file_overwrite=True,
        gzip=False,
    )
    # A taken key would get another name if the store could not overwrite it.
    if (written := storage.save(at.key, ContentFile(content))) != at.key:
        raise UnfitTarget(_("STATIC_PAGE_PUSH_TARGET is not a key that the store takes as it is.")) from ValueError(
            written
        )


def _write_gcs(target: str, content: bytes) -> None:
    from storages.backends.gcloud import GoogleCloudStorage

    at = place(target)
    # Not by its `save`: that asks for the old page first, and repeats for longer than a job of the worker may take.
    blob = GoogleCloudStorage(bucket_name=at.bucket).bucket.blob(at.key)
    blob.cache_control = _CACHE
    blob.upload_from_string(content, content_type=_TYPE, timeout=(_CONNECT, _READ), retry=None)

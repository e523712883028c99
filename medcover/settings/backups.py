"""Where archives of backups lie and what they are encrypted with, read from the environment."""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medcover.common.keys import read_key

KINDS = ("disk", "s3", "google")

#: Seconds after which a storage that does not answer counts as unreachable.
CONNECT_SECONDS, READ_SECONDS = 10, 60
_ATTEMPTS = 3

#: Bytes of a downloaded archive that may lie in memory; the rest goes into a temporary file.
_IN_MEMORY = 8 * 1024 * 1024


def storage(env: Any, default_directory: Path) -> dict[str, Any]:
    """Return the entry for Django's STORAGES."""
    kind = env.str("BACKUP_STORAGE", default="disk").strip()
    if kind == "s3":
        return _s3(env)
    if kind == "google":
        return _google(env)
    directory = env.str("BACKUP_DIR", default="") or str(default_directory)
    return {"BACKEND": "medcover.backups.directory.BackupDirectory", "OPTIONS": {"location": directory}}


def _s3(env: Any) -> dict[str, Any]:
    """The client is given its limits here; importing its library takes a while, so only who uses it does."""
    from botocore.config import Config

    options = {
        "bucket_name": env.str("BACKUP_BUCKET", default=""),
        "location": env.str("BACKUP_PREFIX", default=""),
        "endpoint_url": env.str("BACKUP_S3_ENDPOINT_URL", default="") or None,
        "region_name": env.str("BACKUP_S3_REGION", default="") or None,
        "access_key": env.str("BACKUP_S3_ACCESS_KEY_ID", default="") or None,
        "secret_key": env.str("BACKUP_S3_SECRET_ACCESS_KEY", default="") or None,
        "file_overwrite": False,
        "max_memory_size": _IN_MEMORY,
        "client_config": Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"max_attempts": _ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": env.str("BACKUP_S3_ADDRESSING_STYLE", default="auto")},
        ),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _google(env: Any) -> dict[str, Any]:
    """Whoever calls is known by GOOGLE_APPLICATION_CREDENTIALS or by the machine; its library waits 60 s."""
    options = {
        "bucket_name": env.str("BACKUP_BUCKET", default=""),
        "location": env.str("BACKUP_PREFIX", default=""),
        "custom_endpoint": env.str("BACKUP_GOOGLE_ENDPOINT_URL", default="") or None,
        "file_overwrite": False,
        "max_memory_size": _IN_MEMORY,
    }
    return {"BACKEND": "storages.backends.gcloud.GoogleCloudStorage", "OPTIONS": options}


def keys(env: Any) -> list[bytes]:
    """Return the key that encrypts, and behind it those that only open older archives; empty: nothing is encrypted."""
    texts = [env.str("BACKUP_ENCRYPTION_KEY", default=""), *env.list("BACKUP_OLD_ENCRYPTION_KEYS", default=[])]
    return [read_key(text) for text in texts if text.strip()]


def reasons_against(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the variables; nothing when backups can be made."""
    kind = environ.get("BACKUP_STORAGE", "disk").strip()
    if kind not in KINDS:
        yield "BACKUP_STORAGE is none of disk, s3, google."
    if kind in ("s3", "google") and not environ.get("BACKUP_BUCKET", "").strip():
        yield f"BACKUP_BUCKET is missing; BACKUP_STORAGE={kind} needs it."
    if environ.get("BACKUP_OLD_ENCRYPTION_KEYS", "").strip() and not environ.get("BACKUP_ENCRYPTION_KEY", "").strip():
        yield "BACKUP_OLD_ENCRYPTION_KEYS is given without BACKUP_ENCRYPTION_KEY, which new archives would need."
    for name in ("BACKUP_ENCRYPTION_KEY", "BACKUP_OLD_ENCRYPTION_KEYS"):
        if not all(_is_key(text) for text in environ.get(name, "").split(",") if text.strip()):
            yield f"{name} is no key of 32 bytes in base64. Make one: openssl rand -base64 32."


def _is_key(text: str) -> bool:
    try:
        read_key(text)
    except (ValueError, binascii.Error):
        return False
    return True

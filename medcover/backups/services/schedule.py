"""Service of the settings of backups."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from medcover.backups.models import BackupSettings
from medcover.common.errors import NotAllowed
from medcover.system import audit

RIGHT = "system.manage_settings"

EDITABLE = ("scheduled", "begins", "verified", "keep_count", "keep_days")


@transaction.atomic
def save(*, by: Any, version: int | None = None, **fields: Any) -> BackupSettings:
    """Write the settings; raises NotAllowed, StaleRecord when `version` is not the row's, ValidationError."""
    if not by.has_perm(RIGHT):
        raise NotAllowed
    if unknown := fields.keys() - {*EDITABLE}:
        raise TypeError(f"Not settings: {sorted(unknown)}")
    row = BackupSettings.objects.select_for_update().get(pk=BackupSettings.load().pk)
    row.expect_version(version)
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.full_clean()
        row.raise_version()
        with audit.trail(by=by):
            row.save()
    return row

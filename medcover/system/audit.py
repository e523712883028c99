"""Recording changes: a thin layer over django-auditlog.

Registered models are recorded by themselves whenever a row is created, saved with a difference, or
deleted; `record` is for facts that are not a difference of fields. A record has no consequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.diff import model_instance_diff
from auditlog.receivers import log_create
from auditlog.registry import auditlog
from django.db import models
from django.utils.functional import Promise, lazy

from medcover.system.audit_batch import recorded_together
from medcover.system.audit_context import trail
from medcover.system.models import AuditEntry

__all__ = [
    "created", "record", "recorded_by_hand", "recorded_models", "recorded_together", "register", "related",
    "save_locked", "sentence", "trail", "unrecorded",
]  # fmt: skip

#: Derived or technical columns that would only be noise in a history.
NOISE = ["version", "created", "updated", "name_sort", "name_search"]


def _interpolated(pattern: str | Promise, values: object) -> str:
    return str(pattern) % values


_sentence = lazy(_interpolated, str)


def sentence(pattern: str | Promise, values: object) -> Any:
    """Return `pattern % values`, put together only when the entry is written.

    An entry stays for ever, so its summary is in the language of the site and not of whoever acts; `%` on a
    lazy pattern would settle the language at once.
    """
    return _sentence(pattern, values)


def register(model: type[models.Model], *, exclude: list[str] | None = None, m2m: set[str] | None = None) -> None:
    """Record every change of `model`'s rows, except the noise columns and those in `exclude`.

    Rows elsewhere that point at them are no columns of theirs: each would be read for a new or deleted row, and apps
    above would come into the record of apps below.
    """
    present = {field.name for field in model._meta.get_fields()}
    pointing = [field.name for field in model._meta.get_fields() if field.auto_created and not field.concrete]
    hidden = [name for name in NOISE if name in present] + pointing + (exclude or [])
    auditlog.register(model, exclude_fields=hidden, m2m_fields=m2m or set())


_by_hand: set[type[models.Model]] = set()


def recorded_by_hand(model: type[models.Model]) -> None:
    """Declare that services `record` facts about rows whose columns are not for the record."""
    _by_hand.add(model)


def recorded_models() -> list[type[models.Model]]:
    """Return every kind of row that entries may be about."""
    return [*auditlog.get_models(), *_by_hand]


def record(
    instance: models.Model,
    *,
    kind: str,
    summary: object,
    by: Any = None,
    event_id: int | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Write one entry about `instance` that no difference of its fields would produce."""
    with trail(by=by, event_id=event_id, kind=kind, summary=summary):
        AuditEntry.objects.log_create(instance, force_log=True, action=AuditEntry.Action.UPDATE, changes=changes or {})


def save_locked(instance: models.Model, before: models.Model, fields: list[str]) -> None:
    """Write fields of a row that was read as `before` under its lock, and record what differs.

    Saved as usual, the row would be read once more, only to find out what it has been.
    """
    changes = model_instance_diff(before, instance, fields_to_check=fields)
    if changes:
        AuditEntry.objects.log_create(instance, action=AuditEntry.Action.UPDATE, changes=changes)
    with unrecorded():
        instance.save(update_fields=fields)


def created(rows: Iterable[models.Model]) -> None:
    """Record rows that were inserted in bulk, which tells nobody, as if each had been saved by itself."""
    for row in rows:
        log_create(type(row), row, created=True)


def related(instance: models.Model, field: str, rows: Iterable[models.Model]) -> None:
    """Record which rows were related to a new instance in bulk, as if they had been added through the field."""
    AuditEntry.objects.log_m2m_changes(list(rows), instance, "add", field)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Let rows change without entries of their own: only for what must not be kept even in the record.

    Whoever uses it says with `record` what was done.
    """
    with disable_auditlog():
        yield

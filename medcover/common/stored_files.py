"""Files that belong to rows: neither is there without the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models.fields.files import FieldFile


@contextmanager
def withdrawn_on_failure(file: FieldFile) -> Iterator[None]:
    """Delete a file that was stored inside when its row cannot be written."""
    try:
        yield
    except BaseException:
        if file.name:
            file.storage.delete(file.name)
        raise


def deleted_after_commit(file: FieldFile) -> None:
    """Delete the file as soon as its row really is gone, or names another one."""
    storage, name = file.storage, str(file.name)
    transaction.on_commit(lambda: storage.delete(name))

"""Does the database fit this version of the program? Asked before anything is served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from medcover.common.errors import DomainError

_LOCK = "medcover.migrate"
_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false))"
)
#: Names in one sentence, at the most.
_NAMED = 5


def refuse_newer() -> None:
    """Raise DomainError when the database has migrations that this version does not know, unless that is allowed."""
    if not settings.ALLOW_NEWER_DATABASE and (unknown := unknown_migrations()):
        raise DomainError(
            f"The database is newer than this version ({_some(unknown)}). Start the newer version, or set "
            "ALLOW_NEWER_DATABASE=true if the release notes say that this one can work with it."
        )


def verify() -> None:
    """Raise DomainError with the first reason why this version must not serve from the database."""
    refuse_newer()
    if missing := missing_migrations():
        raise DomainError(f"The database lacks migrations ({_some(missing)}). Run: manage.py migrate_safely")
    if gone := missing_columns():
        raise DomainError(f"The database lacks what its migrations have made ({_some(gone)}). Restore a backup.")


def unknown_migrations() -> list[str]:
    """Return migrations that have run, of apps that there are, and that this version does not have."""
    loader = MigrationExecutor(connection).loader
    assert loader.applied_migrations is not None  # noqa: S101
    ours = {app for app, _name in loader.disk_migrations}
    known = loader.disk_migrations.keys()
    return sorted(".".join(key) for key in loader.applied_migrations if key[0] in ours and key not in known)


def missing_migrations() -> list[str]:
    """Return migrations of this version that have not run, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def missing_columns() -> list[str]:
    """Return tables and columns that the models need and that are not there; one statement."""
    there = _columns()
    found = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and not meta.swapped:
            wanted = {str(field.column) for field in meta.local_concrete_fields}
            lacking = wanted - there[meta.db_table]
            found += [meta.db_table] if lacking == wanted else [f"{meta.db_table}.{name}" for name in sorted(lacking)]
    return sorted(found)


@contextmanager
def alone(*, wait_seconds: int, tell: Callable[[str], object]) -> Iterator[None]:
    """Hold the lock on migrating; whoever comes second is told so and waits.

    The lock lives in a connection of its own, as migrations open and close transactions in the usual one; it goes when
    the process does. Raises DomainError when `wait_seconds` were not enough.
    """
    keeper = connections[DEFAULT_DB_ALIAS].copy()
    try:
        with keeper.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_LOCK])
            if not cursor.fetchone()[0]:
                tell("Somebody else is migrating; waiting.")
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{wait_seconds}s"])
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [_LOCK])
    except OperationalError as error:
        keeper.close()
        if "lock timeout" not in str(error):
            raise
        raise DomainError(f"Somebody else has been migrating for more than {wait_seconds} s.") from error
    try:
        yield
    finally:
        keeper.close()


def _columns() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column in cursor.fetchall():
            found[table].add(column)
    return found


def _some(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")

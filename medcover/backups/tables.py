"""What a database holds: rows by table, migrations, and objects that can be moved and dropped."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

#: Tables of passing things: sessions end with a restore, and what waited for the worker then has long been done.
EPHEMERAL = ("django_session", "django_q_ormq", "django_q_task")

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1"


def names(connection: psycopg.Connection[Any], schema: str = "public") -> list[str]:
    """Return the tables of a schema."""
    return [name for (name,) in connection.execute(_TABLES, [schema]).fetchall()]


def other_schemas(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the schemas beside the one of the installation, which are somebody else's or left over."""
    asked = (
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')"
    )
    return [name for (name,) in connection.execute(asked).fetchall()]


def counts(connection: psycopg.Connection[Any], schema: str = "public") -> dict[str, int]:
    """Return how many rows each table holds, without the passing things."""
    tables = [name for name in names(connection, schema) if name not in EPHEMERAL]
    one = sql.SQL("SELECT {name}, count(*) FROM {table}")
    asked = [one.format(name=sql.Literal(name), table=sql.Identifier(schema, name)) for name in tables]
    return dict(connection.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()) if asked else {}


def migrations(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the migrations that have been applied, as "app.name"."""
    if "django_migrations" not in names(connection):
        return []
    rows = connection.execute("SELECT app, name FROM public.django_migrations ORDER BY 1, 2").fetchall()
    return [f"{app}.{name}" for app, name in rows]

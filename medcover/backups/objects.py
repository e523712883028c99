"""Objects of a schema, moved and dropped as a whole. Those of extensions stay where they are."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

_OF_NO_EXTENSION = (
    "NOT EXISTS (SELECT FROM pg_depend WHERE classid = {catalogue!r}::regclass AND objid = o.oid AND deptype = 'e')"
)

#: Tables and views; sequences that belong to a column go with their table.
_RELATIONS = f"""
SELECT o.oid::regclass::text, CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
       WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END
FROM pg_class o WHERE o.relnamespace = %s::regnamespace AND o.relkind = ANY('{{r,p,v,m,f,S}}')
  AND {_OF_NO_EXTENSION.format(catalogue="pg_class")}
  AND NOT (o.relkind = 'S' AND EXISTS (
    SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = o.oid AND deptype = ANY('{{a,i}}')))
"""  # noqa: S608
_TYPES = f"""
SELECT o.oid::regtype::text, 'TYPE' FROM pg_type o LEFT JOIN pg_class c ON c.oid = o.typrelid
WHERE o.typnamespace = %s::regnamespace AND o.typcategory <> 'A' AND (c.oid IS NULL OR c.relkind = 'c')
  AND o.typtype <> 'm' AND {_OF_NO_EXTENSION.format(catalogue="pg_type")}
"""  # noqa: S608
_ROUTINES = f"""
SELECT o.oid::regprocedure::text, 'ROUTINE' FROM pg_proc o
WHERE o.pronamespace = %s::regnamespace AND {_OF_NO_EXTENSION.format(catalogue="pg_proc")}
"""  # noqa: S608


def move(connection: psycopg.Connection[Any], schema: str, to: str) -> None:
    """Move everything of one schema into another one; what points at it goes on pointing at it."""
    target = sql.Identifier(to)
    for kind in (_RELATIONS, _TYPES, _ROUTINES):
        for name, word in _found(connection, kind, schema):
            connection.execute(sql.SQL(f"ALTER {word} {name} SET SCHEMA {{}}").format(target))


def drop(connection: psycopg.Connection[Any], schema: str) -> None:
    """Drop everything of a schema but the schema itself, and what depends on it wherever it is."""
    for kind in (_RELATIONS, _ROUTINES, _TYPES):
        for name, word in _found(connection, kind, schema):
            connection.execute(f"DROP {word} IF EXISTS {name} CASCADE".encode())


def _found(connection: psycopg.Connection[Any], kind: str, schema: str) -> list[tuple[str, str]]:
    """Return names as statements take them, of objects and the word for their kind."""
    # With nothing on the path, PostgreSQL writes names with their schema.
    before = connection.execute("SELECT set_config('search_path', '', true)").fetchone()
    rows = connection.execute(kind.encode(), [schema]).fetchall()
    return rows if before else []

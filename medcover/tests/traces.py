"""Looking for a person in the whole database: every text, JSON and array column of every table."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

_COLUMNS = """
SELECT table_name, column_name
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
  AND data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'ARRAY', 'name', 'bytea', 'xml')
ORDER BY table_name, column_name
"""


def columns() -> list[tuple[str, str]]:
    """Every column that can hold words, as table and name."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        return list(cursor.fetchall())


def found(words: tuple[str, ...], numbers: tuple[str, ...]) -> set[str]:
    """Return the columns, as "table.column", in which one of the words or numbers stands, however it is written."""
    return {f"{table}.{column}" for table, column in columns() if _holds(table, column, words, numbers)}


def _holds(table: str, column: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> bool:
    return any(_mentions(text, words, numbers) for text in _texts(table, column))


def _texts(table: str, column: str) -> Iterator[str]:
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name(column)}::text FROM {name(table)} WHERE {name(column)} IS NOT NULL")
        yield from (text for (text,) in cursor.fetchall())


def _mentions(text: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> bool:
    lowered = text.lower()
    together = "".join(lowered.split())
    return any(word in lowered for word in words) or any(number in together for number in numbers)

"""What the migrations left in the database, brought back after each test that commits.

Django empties every table after such a test, then lets every app write anew what belongs to it: permissions, roles,
schedules. That takes longer than most tests. Here only the tables that differ from their kept copies are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

#: Where the copies lie; nothing else looks into it.
_SCHEMA = "pristine"

#: Tables with a trigger that is asked before rows are deleted (bits 2 and 8 of its type).
_REFUSING_DELETION = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND (tgtype & 10) = 10
"""


@dataclass(frozen=True)
class Pristine:
    """The tables of the database, by what they hold when nothing has happened yet."""

    #: Empty ones.
    empty: frozenset[str]
    #: Those with rows, of which there are copies.
    filled: frozenset[str]
    #: Those whose rows a trigger protects; they are emptied past it.
    protected: frozenset[str]

    @classmethod
    def keep(cls) -> Pristine:
        """Copy what the database holds now."""
        tables = _names("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        filled = _names(_any_of('TABLE public."{name}"', tables))
        _run(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE", f"CREATE SCHEMA {_SCHEMA}")
        _run(*[f'CREATE TABLE {_SCHEMA}."{table}" AS TABLE public."{table}"' for table in filled])
        protected = _names(_REFUSING_DELETION)
        return cls(tables - filled, filled, protected)

    def restore(self) -> None:
        """Make the database hold what was kept, and nothing else. Sequences go on, as after Django's own flush."""
        if touched := self.touched():
            with transaction.atomic():
                # Foreign keys are looked at when all is done; the order of the tables does not matter.
                _run("SET CONSTRAINTS ALL DEFERRED", *[self._emptying(table) for table in touched])
                _run(*[f'INSERT INTO "{table}" TABLE {_SCHEMA}."{table}"' for table in touched & self.filled])

    def touched(self) -> frozenset[str]:
        """Return the tables that do not hold what they held."""
        now, then = 'TABLE public."{name}"', f'TABLE {_SCHEMA}."{{name}}"'
        changed = _any_of(f"({now} EXCEPT ALL {then}) UNION ALL ({then} EXCEPT ALL {now})", self.filled)
        return _names(f"{changed} UNION ALL {_any_of(now, self.empty)}")

    def _emptying(self, table: str) -> str:
        return _past_triggers(f'TRUNCATE "{table}"') if table in self.protected else f'DELETE FROM "{table}"'


def _past_triggers(statement: str) -> str:
    """Only the database's superuser may say this, which no installation logs in as."""
    return f"SET LOCAL session_replication_role = replica; {statement}; SET LOCAL session_replication_role = origin"


def _any_of(rows: str, tables: frozenset[str]) -> str:
    """Return a query for the names among `tables` for which the query `rows` finds anything."""
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS ({rows.format(name=name)})" for name in sorted(tables))


def _names(query: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return frozenset(name for (name,) in cursor.fetchall())


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(";".join(statements))

"""Reading timestamps of the database: a page has hundreds of them, and the driver takes 4 µs for each.

The driver reads any style in any zone by a regular expression. Django's connections speak ISO in UTC, which Python's
own parser reads in a tenth of that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.backends.signals import connection_created


class UtcLoader(BaseTzLoader):
    """Loader of `timestamptz` for connections of Django, which are in UTC."""

    #: Django asks for it, and puts a loader of its own into cursors of connections in another zone.
    timezone = UTC

    def load(self, data: Any) -> datetime:
        """Return the moment. Raises psycopg.DataError where Python has none, as for "infinity"."""
        try:
            moment = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            told: datetime = super().load(data)
            return told
        # Somebody may have set another zone for a transaction.
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def read_quickly(connection: Any, **_kwargs: Any) -> None:
    """Receive `connection_created`."""
    if connection.vendor == "postgresql":
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)


def connect() -> None:
    """Let every connection of Django read timestamps so."""
    connection_created.connect(read_quickly, dispatch_uid="common.timestamps")

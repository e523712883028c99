"""The engine named in DATABASES: PostgreSQL's own, started when it is first needed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server; nothing is started by merely loading the settings."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, after making sure that the server runs and stays while this process lives.

        A server that has died since is started again by whoever misses it.
        """
        settings.EMBEDDED_POSTGRES.acquire()
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            settings.EMBEDDED_POSTGRES.revive()
            return super().get_new_connection(conn_params)

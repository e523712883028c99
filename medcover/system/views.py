"""Pages of the installation itself."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Say 200 `{"status": "ok"}` when the database answers a trivial query, 503 otherwise."""
    try:
        _answers()
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Say 200 `{"status": "ok"}` when the database answers and has every migration of this version, 503 otherwise."""
    try:
        is_ready = _is_migrated() and _answers()
    except DatabaseError:
        is_ready = False
    return JsonResponse({"status": "ok" if is_ready else "unavailable"}, status=200 if is_ready else 503)


#: Whether this process has seen the database with all its migrations; nobody takes them back under a running site.
_seen: set[str] = set()


def _is_migrated() -> bool:
    if not _seen:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _seen.add("migrated")
    return True


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True

"""The page that Prometheus reads."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from medcover.metrics.access import are_on, may_read

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give out the figures (200), to whoever may read them; 401 to others, 404 where there are none.

    While the database is down those that stand in it are missing.
    """
    if not are_on():
        raise Http404
    if not may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    from medcover.metrics.http import registry

    return HttpResponse(generate_latest(registry()) + _from_database(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _from_database() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest

    from medcover.metrics.gauges import Gauges

    found = CollectorRegistry()
    try:
        with transaction.atomic():
            found.register(Gauges())
    except DatabaseError as error:
        logger.warning("No figures from the database: %s", type(error).__name__)
    return generate_latest(found)

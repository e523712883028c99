"""Rate limits: how often somebody may do what reaches other people, counted for all processes together.

What is counted is found by a keyed digest, so that the table tells neither who nor from where.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from medcover.system.models import PaceCounter

#: Nothing is counted over a longer time.
LONGEST = timedelta(days=1)

_COUNT = """
INSERT INTO system_pacecounter AS counter (key, since, count) VALUES (%(key)s, %(at)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.since <= %(from)s THEN 1 ELSE counter.count + 1 END,
    since = CASE WHEN counter.since <= %(from)s THEN excluded.since ELSE counter.since END
RETURNING count
"""


def allows(what: str, who: str, *, most: int, within: timedelta, at: datetime | None = None) -> bool:
    """Count one more time that `who` does `what`; say whether it is at most the `most`-th since the count began.

    The count begins anew `within` after its first one. One statement, so that many at once are all counted.
    """
    moment = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(what, who), "at": moment, "from": moment - within})
        return bool(cursor.fetchone()[0] <= most)


def _key(what: str, who: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"pace\0{what}\0{who}".encode(), hashlib.sha256).hexdigest()


def address_of(request: HttpRequest) -> str:
    """Return the network address that a request came from: what our own outermost proxy says, else the connection's.

    What stands further left in X-Forwarded-For anybody may have written. Of IPv6 it is the /64 network: whoever has one
    address has all of them.
    """
    return _network_of(exact_address_of(request))


def exact_address_of(request: HttpRequest) -> str:
    """Return the address as it was told, which may be none at all; as far as `address_of` believes it."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return str(hops[-settings.TRUSTED_PROXIES])
    return str(request.META.get("REMOTE_ADDR", ""))


def _network_of(address: str) -> str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def forget_old() -> int:
    """Job: forget counts that are over; return how many."""
    return PaceCounter.objects.filter(since__lte=timezone.now() - LONGEST).delete()[0]

"""Who may read the figures: whoever has the token, or asks from one of the named networks. Without either nobody."""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from medcover.system.rate_limits import exact_address_of


def are_on() -> bool:
    """Say whether the installation has figures at all."""
    return bool(settings.METRICS_TOKEN or settings.METRICS_NETWORKS)


def may_read(request: HttpRequest) -> bool:
    """Say whether this request may have them."""
    return _has_token(request) or _is_near(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    wanted = settings.METRICS_TOKEN.encode()
    return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted)


def _is_near(request: HttpRequest) -> bool:
    if not settings.METRICS_NETWORKS:
        return False
    try:
        address = ip_address(exact_address_of(request).partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network, strict=False) for network in settings.METRICS_NETWORKS)

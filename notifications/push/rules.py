"""Pure decisions about what browsers send when they subscribe, and about addresses that the worker may talk to."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

#: Characters; the longest that a service gives out have some hundred.
LONGEST_ENDPOINT = 1500

_POINT_BYTES, _SECRET_BYTES = 65, 16
_HTTPS = 443
#: Where networks that speak the newer protocol only put the older addresses (NAT64).
_TRANSLATED = IPv6Network("64:ff9b::/96")
#: Ends of names that mean something inside a network and never a push service.
_INNER_NAMES = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".arpa")

#: What a browser calls itself → what people call it; the first that fits counts, because most claim to be several.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def is_public(address: str) -> bool:
    """Say whether an IP address is somewhere in the internet: not of this machine, of its network, or of nobody."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = _carried_by(found) or found
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried_by(address: IPv6Address) -> IPv4Address | None:
    """Return the older address that a newer one stands for, by whichever way it is translated."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def is_endpoint(address: str, *, local_too: bool = False) -> bool:
    """Say whether an address can be that of a push service: https, by name or by a public number.

    A name may still lead inside; what it leads to is judged when it is connected to. `local_too` lets services of
    this machine through, for tests.
    """
    parts = _parts_of(address)
    if parts is None or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    host = (parts.hostname or "").rstrip(".")
    if local_too:
        return parts.scheme in ("http", "https") and bool(host)
    return parts.scheme == "https" and (parts.port or _HTTPS) == _HTTPS and _may_be_outside(host)


def _parts_of(address: str) -> SplitResult | None:
    """Return the parts of an address that is one, in characters that an address has."""
    if not 0 < len(address) <= LONGEST_ENDPOINT or not address.isascii() or not address.isprintable():
        return None
    if " " in address or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    return parts


def _may_be_outside(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        # A name. What has only numbers would be taken for an address by the system: 127.1, 0x7f000001.
        last = host.rpartition(".")[2]
        return "." in host and not host.endswith(_INNER_NAMES) and not last[:1].isdigit()


def is_public_point(text: str) -> bool:
    """Say whether this is a browser's public key: a point of the curve P-256."""
    raw = _bytes_of(text)
    if raw is None or len(raw) != _POINT_BYTES:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return True


def is_secret(text: str) -> bool:
    """Say whether this is the secret that a browser shares with those who write to it."""
    raw = _bytes_of(text)
    return raw is not None and len(raw) == _SECRET_BYTES


def _bytes_of(text: str) -> bytes | None:
    """Return what base64 for addresses, with or without padding, stands for."""
    if len(text) > 2 * _POINT_BYTES or not re.fullmatch(r"[\w-]+={0,2}", text, re.ASCII):
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None


def label_of(user_agent: str) -> str:
    """Return what people call a browser, such as „Firefox, Android“; empty when it says nothing known of itself."""
    known = (_first_in(user_agent, _BROWSERS), _first_in(user_agent, _SYSTEMS))
    return ", ".join(name for name in known if name)


def _first_in(text: str, names: Iterable[tuple[str, str]]) -> str:
    return next((name for mark, name in names if mark in text), "")

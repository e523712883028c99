"""One address for every pattern of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

#: What stands for a part of an address, by the name of its converter.
_EXAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": str(UUID(int=1)),
}
_CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
_GROUP = re.compile(r"\(\?P<\w+>((?:[^()]|\([^()]*\))*)\)")


def every_address() -> list[str]:
    """Return one example of every address that the site answers."""
    return sorted(set(_below(get_resolver(), "/")))


def _below(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        here = prefix + _example(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry, here)
        else:
            assert isinstance(entry, URLPattern)
            yield here


def _example(pattern: object) -> str:
    if isinstance(pattern, RoutePattern):
        return _CONVERTER.sub(lambda match: _EXAMPLES[match[1] or "str"], str(pattern))
    return _GROUP.sub(lambda match: _first(match[1]), str(pattern)).strip("^$").replace("\\.", ".").replace("\\Z", "")


def _first(choices: str) -> str:
    """Something that the inside of a group matches."""
    if choices == "[0-9a-f]{64}":
        return "0" * 64
    return "x" if choices == ".*" else choices.split("|")[0]

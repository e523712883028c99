"""The kinds of blocks, filled by the apps that have the data, and who gets the digest.

An app declares its kinds in its `digest.py` and registers them when it is ready; those about the installation, which
lies below this app, are declared here (`kinds/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from notifications.digest.options import BlockOptions, Options

#: What a block has found out: plain values that JSON can hold, moments included; nothing in words of a language.
Facts = dict[str, Any]


def as_it_is(facts: Facts) -> dict[str, Any]:
    """Show facts that need no words."""
    return facts


@dataclass(frozen=True)
class BlockKind:
    """One kind of block.

    `collect` finds out what is to be told at a moment, once for all readers; `present` makes of it what the pair of
    templates (`<template>.html`, `<template>.txt`) shows, in the language of one reader. A block of this kind stands
    at `place` when the digest is made, and is called `title`, or else `label`.
    """

    code: str
    label: str | Promise
    place: int
    template: str
    collect: Callable[[Options, datetime], Facts]
    options: type[BlockOptions] = BlockOptions
    present: Callable[[Facts], dict[str, Any]] = as_it_is
    title: str | Promise = ""
    description: str | Promise = ""

    @property
    def default_title(self) -> str:
        """The title of a new block, in the language of the site."""
        with translation.override(settings.LANGUAGE_CODE):
            return str(self.title or self.label)

    def options_of(self, stored: Any) -> Options:
        """Return the options of a block from its row, title included."""
        return self._titled(self.options.read(stored))

    def options_typed(self, data: Any, *, prefix: str) -> Options:
        """Return the options from a form that was sent."""
        return self._titled(self.options.typed(data, prefix=prefix))

    def _titled(self, options: Options) -> Options:
        return {**options, "title": options["title"] or self.default_title}


_kinds: dict[str, BlockKind] = {}
_audience: list[Callable[[], Iterable[Any]]] = []


def register(*kinds: BlockKind) -> None:
    """Add kinds of blocks."""
    for kind in kinds:
        _kinds[kind.code] = kind


def find(code: str) -> BlockKind | None:
    """Return the kind registered under `code`; None when there is none (any more)."""
    return _kinds.get(code)


def kinds() -> list[BlockKind]:
    """Return all kinds in the order in which a new digest has them."""
    return sorted(_kinds.values(), key=lambda kind: (kind.place, kind.code))


def register_audience(people: Callable[[], Iterable[Any]]) -> None:
    """Say who gets the digest: a function that returns keys of people, or a query of them."""
    _audience[:] = [people]


def audience() -> list[Any]:
    """Return the keys of the people who get the digest now."""
    return [key for people in _audience for key in people()]

"""The catalogue of notification types, filled by the apps that have something to tell.

An app declares its types in its `notices.py` and registers them when it is ready; this app never learns
their words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from notifications.models import OutboxMessage

Payload = dict[str, Any]


def newest_wins(_old: Payload, new: Payload) -> Payload | None:
    """Merge rule of most types: the later message replaces the pending one."""
    return new


@dataclass(frozen=True)
class NoticeType:
    """One kind of message.

    `template` names a pair of templates (`<template>.html`, `<template>.txt`); `context` gives what they
    are rendered with at the moment of sending, or None when the message has lost its point and is to be
    skipped. `roles` are names of groups of which a recipient must have one (empty: anybody). `merge` joins
    a pending message's payload with a newer one; None as a result deletes the pending message.
    """

    code: str
    name: str | Promise
    template: str
    subject: Callable[[Payload], str]
    context: Callable[[OutboxMessage], dict[str, Any] | None]
    roles: frozenset[str] = field(default_factory=frozenset)
    merge: Callable[[Payload, Payload], Payload | None] = newest_wins
    always_on: bool = False
    description: str | Promise = ""


_types: dict[str, NoticeType] = {}


def register(*types: NoticeType) -> None:
    """Add notification types to the catalogue."""
    for notice in types:
        _types[notice.code] = notice


def get(code: str) -> NoticeType:
    """Return the type registered under `code`; KeyError when there is none."""
    return _types[code]


def catalogue() -> list[NoticeType]:
    """Return every registered type in order of its code."""
    return [_types[code] for code in sorted(_types)]

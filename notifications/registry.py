"""The catalogue of notification types, filled by the apps that have something to tell.

An app declares its types in its `notices.py` and registers them when it is ready; this app never learns
their words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import translation
from django.utils.functional import Promise

from notifications.rules import Priority, subject_line

if TYPE_CHECKING:
    from notifications.models import OutboxMessage

Payload = dict[str, Any]


def newest_wins(_old: Payload, new: Payload) -> Payload | None:
    """Merge rule of most types: the later message replaces the pending one."""
    return new


class Attachment(NamedTuple):
    """A file that goes along with a mail."""

    name: str
    content: str
    kind: str


@dataclass(frozen=True)
class MailContent:
    """What a mail says: its subject, what its templates are rendered with, and files that go along.

    `told` are the keys of the messages that it tells; the others have lost their point.
    """

    subject: str
    context: dict[str, Any]
    told: Collection[Any]
    attachments: Sequence[Attachment] = ()


class Brief(NamedTuple):
    """What a notification in a browser says below its title, and the page that it opens."""

    line: str = ""
    path: str = "/"


@dataclass(frozen=True)
class Sample:
    """What a sample message says, and the beginning of what it is about."""

    payload: Payload
    about: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Types of messages that leave together: whatever waits for a person goes into one mail with what is due.

    `content` gets the messages for one person, in the language they read, and returns what the mail says, or None
    when nothing remains to be told. `choices` are what a sample message can be about, `sample` makes one of a type
    about one of them. `brief` says of the content of a single message what a browser shows.
    """

    code: str
    template: str
    content: Callable[[Sequence[OutboxMessage]], MailContent | None]
    choices: Callable[[], Sequence[tuple[str, str]]]
    sample: Callable[[str, str], Sample]
    brief: Callable[[MailContent], Brief] = lambda _content: Brief()


@dataclass(frozen=True)
class NoticeType:
    """One kind of message.

    `template` names a pair of templates (`<template>.html`, `<template>.txt`) that extend the frame of all
    mails (`notifications/mail/frame`); `context` gives what they are rendered with at the moment of sending,
    or None when the message has lost its point and is to be skipped. A type with a `batch` has neither, its batch
    has; such messages share one mail, and what `can_wait` of them does so, the longer the further away the event is.

    `roles` are names of groups of which a recipient must have one (empty: anybody). People whose account is not
    active are told only with `to_inactive`. `merge` joins a pending message's payload with a newer one; None as a
    result deletes the pending message. After one has been sent, the next message of the type about the same topic
    waits for `rest`, and what comes meanwhile merges with it: what people can do over and over floods nobody.

    Types that are not `always_on` are optional: the site may switch them off for everybody and each person for
    themselves; `description` says to people when such a mail comes. `trigger` and `recipients` say in the catalogue
    when it is sent and to whom; `sample` makes the payload of a sample for types without a batch.

    People with a device (`notifications.push`) get every type there that is not about accounts, if they wish to;
    with `by_push` they do until they say otherwise. `brief` says what they see there of a type without a batch; without
    it no browser shows the type.
    """

    code: str
    name: str | Promise
    subject: Callable[[Payload], str]
    template: str = ""
    context: Callable[[OutboxMessage], dict[str, Any] | None] | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    merge: Callable[[Payload, Payload], Payload | None] = newest_wins
    priority: Priority = Priority.NORMAL
    always_on: bool = False
    to_inactive: bool = False
    description: str | Promise = ""
    rest: timedelta = timedelta(0)
    batch: str = ""
    can_wait: bool = False
    trigger: str | Promise = ""
    recipients: str | Promise = ""
    sample: Callable[[], Payload] | None = None
    by_push: bool = False
    brief: Callable[[OutboxMessage], Brief] | None = None

    @property
    def can_be_pushed(self) -> bool:
        """Whether browsers may show it: what is about accounts opens doors, and lies in a mailbox only."""
        return self.priority != Priority.AUTH and bool(self.batch or self.brief)

    def subject_in(self, language: str, payload: Payload) -> str:
        """Return the subject as somebody who reads `language` gets it."""
        with translation.override(language):
            return subject_line(self.subject(payload))

    def is_for(self, roles: Collection[str]) -> bool:
        """Say whether somebody with these roles may be told at all."""
        return not self.roles or not self.roles.isdisjoint(roles)


_types: dict[str, NoticeType] = {}
_batches: dict[str, Batch] = {}


def register(*types: NoticeType) -> None:
    """Add notification types to the catalogue."""
    for notice in types:
        _types[notice.code] = notice


def register_batch(batch: Batch) -> None:
    """Add a batch, for types to be in."""
    _batches[batch.code] = batch


def batch(code: str) -> Batch:
    """Return the batch registered under `code`; KeyError when there is none."""
    return _batches[code]


def batches() -> list[Batch]:
    """Return every registered batch."""
    return list(_batches.values())


def template_of(notice: NoticeType) -> str:
    """Return the name of the pair of templates of a type: its own, or that of its batch."""
    return batch(notice.batch).template if notice.batch else notice.template


def get(code: str) -> NoticeType:
    """Return the type registered under `code`; KeyError when there is none."""
    return _types[code]


def name_of(code: str) -> str:
    """Return what a type is called in the active language; of one that is no longer known, its code."""
    return str(_types[code].name) if code in _types else code


def is_always_sent(code: str) -> bool:
    """Say whether nobody can decline this type; one that is no longer known can be declined."""
    return code in _types and _types[code].always_on


def merge(code: str, old: Payload, new: Payload) -> Payload | None:
    """Join two payloads by the rule of their type; of a type that is no longer known, the newer one wins."""
    rule = _types[code].merge if code in _types else newest_wins
    return rule(old, new)


def catalogue() -> list[NoticeType]:
    """Return every registered type, those that can be declined first, otherwise as the apps have registered them."""
    return sorted(_types.values(), key=lambda notice: notice.always_on)


def by_push_for(roles: Collection[str]) -> list[NoticeType]:
    """Return what somebody with these roles may be told in their browsers, what begins so first."""
    found = [notice for notice in _types.values() if notice.can_be_pushed and notice.is_for(roles)]
    return sorted(found, key=lambda notice: not notice.by_push)


def optional_for(roles: Collection[str]) -> list[NoticeType]:
    """Return what somebody with these roles may be told and may decline."""
    return [notice for notice in catalogue() if not notice.always_on and notice.is_for(roles)]

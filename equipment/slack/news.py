"""What of a change of a repair is told. Pure decisions on plain values."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from equipment.repairs.rules import CLOSED


class News(Enum):
    """Kinds of news; each can be switched off (the name of its setting)."""

    NEW = "slack_new_report"
    RESOLVED = "slack_resolved"
    SEVERITY = "slack_severity"
    ETA = "slack_eta"
    STATUS = "slack_status"
    ASSIGNEE = "slack_assignee"


class State(NamedTuple):
    """What of a repair news are about."""

    status: str
    severity: str
    assignee: Any
    eta: date | None


def news_of(before: State | None, after: State, wanted: Container[News]) -> Iterator[News]:
    """Yield what is told of a change; without `before` the repair is new.

    One change of the status is one message: closing says nothing of the assignee, and switched off it says nothing at
    all; a move to an open status tells of a new assignee as well, who is told alone where such moves are not told.
    """
    if before is None:
        yield from _if_wanted(News.NEW, wanted)
        return
    yield from _about_work(before, after, wanted)
    if before.severity != after.severity:
        yield from _if_wanted(News.SEVERITY, wanted)
    if before.eta != after.eta:
        yield from _if_wanted(News.ETA, wanted)


def _about_work(before: State, after: State, wanted: Container[News]) -> Iterator[News]:
    moved = before.status != after.status
    if moved and after.status in CLOSED:
        yield from _if_wanted(News.RESOLVED, wanted)
    elif moved and News.STATUS in wanted:
        yield News.STATUS
    elif before.assignee != after.assignee:
        yield from _if_wanted(News.ASSIGNEE, wanted)


def _if_wanted(news: News, wanted: Container[News]) -> Iterator[News]:
    if news in wanted:
        yield news

"""What there is in Slack: commands, windows, lists that are searched, buttons and posts, as the apps declare them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from notifications.slack.blocks import Block, Option

Payload = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who asks: a user of the workspace, and the active account with the same e-mail, if there is one."""

    slack_id: str
    name: str
    language: str
    account: Any = None

    def may(self, permission: str) -> bool:
        """Say whether the caller has an account with this right."""
        return self.account is not None and bool(self.account.has_perm(permission))


@dataclass(frozen=True)
class Call:
    """What somebody has sent: the text of a command, what stands in a window, or the value of a button."""

    caller: Caller
    at: datetime
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    hidden: str = ""


@dataclass(frozen=True)
class Say:
    """An answer that only the asker sees."""

    text: str
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Open:
    """A window; over another one if it answers what was sent from there."""

    view: Block


@dataclass(frozen=True)
class Faults:
    """What is wrong with which field of a window; nothing was changed."""

    words: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """Everything was done: all windows close, and the person is told in their own conversation."""

    text: str


@dataclass(frozen=True)
class Command:
    """A command; its name is in the settings. What takes longer is answered `by_worker`, and then opens no window."""

    code: str
    description: str | Promise
    answer: Callable[[Call], Say | Open]
    usage: str | Promise = ""
    by_worker: bool = False


@dataclass(frozen=True)
class Window:
    """A window that people send back; `main` is the field beside which a refusal stands."""

    code: str
    submit: Callable[[Call], Faults | Open | Done]
    main: str


@dataclass(frozen=True)
class Post:
    """A kind of message to a channel or a person. `words` gets what was queued, and how to name a person."""

    code: str
    name: str | Promise
    words: Callable[[Payload, Callable[[Any, str], str]], str]


commands: dict[str, Command] = {}
windows: dict[str, Window] = {}
sources: dict[str, Callable[[Call], Sequence[Option]]] = {}
buttons: dict[str, Callable[[Call], Say]] = {}
posts: dict[str, Post] = {}


def add_commands(*added: Command) -> None:
    """Add commands."""
    commands.update({command.code: command for command in added})


def add_windows(*added: Window) -> None:
    """Add windows."""
    windows.update({window.code: window for window in added})


def add_source(code: str, search: Callable[[Call], Sequence[Option]]) -> None:
    """Add a list that is searched by what people type, `Call.text`."""
    sources[code] = search


def add_button(code: str, press: Callable[[Call], Say]) -> None:
    """Add a button of messages; the worker answers whoever presses it."""
    buttons[code] = press


def add_posts(*added: Post) -> None:
    """Add kinds of messages."""
    posts.update({post.code: post for post in added})

"""The way out to Slack, with limits: `SlackWay` for the worker's posts, `client` for what people wait for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from http.client import HTTPException
from typing import Any

from django.conf import settings

from notifications.push.transport import LONGEST_WAIT

logger = logging.getLogger(__name__)

#: Seconds that a post may take, and a question to which somebody waits for the answer: Slack wants ours in three.
TIMEOUT, QUICK = 15, 1

#: Characters that are kept of what Slack says against a request.
_TOLD = 200


class SlackFailed(Exception):
    """Slack did not take it. The words hold neither texts nor tokens.

    `wait` is for how long it wants to be left alone; `is_down` says that the next one would fail as well.
    """

    def __init__(self, words: str, *, wait: timedelta = timedelta(0), is_down: bool = False) -> None:
        super().__init__(words)
        self.wait, self.is_down = wait, is_down


def client(timeout: int = QUICK) -> Any:
    """Return what talks to Slack in our name."""
    return _client(settings.SLACK_BOT_TOKEN, settings.SLACK_API_URL, timeout)


@lru_cache(maxsize=4)
def _client(token: str, address: str, timeout: int) -> Any:
    from slack_sdk import WebClient  # only installations that have Slack load it

    # What repeats requests by itself would make people wait; the outbox repeats them later.
    return WebClient(token=token, base_url=address, timeout=timeout, retry_handlers=[])


def call(method: str, *, timeout: int = QUICK, **arguments: Any) -> Any:
    """Have Slack do something, and return what it answers. Raises SlackFailed."""
    with _failures():
        return client(timeout).api_call(method, json=arguments)


def ask(method: str, **arguments: Any) -> Any:
    """Ask something of Slack, and return what it answers. Raises SlackFailed."""
    with _failures():
        return client().api_call(method, http_verb="GET", params=arguments)


def respond(address: str, **said: Any) -> None:
    """Answer at the address that a request has brought. Raises SlackFailed."""
    if not address.startswith(settings.SLACK_HOOKS_URL):
        raise SlackFailed("The address for the answer is none of Slack.")
    from slack_sdk.webhook import WebhookClient

    with _failures():
        answer = WebhookClient(address, timeout=TIMEOUT, retry_handlers=[]).send(**said)
    if answer.status_code != 200:
        raise SlackFailed(f"HTTP {answer.status_code}", is_down=answer.status_code >= 500)


@contextmanager
def _failures() -> Iterator[None]:
    """Say of whatever goes wrong inside what it means; words of libraries may hold tokens and texts."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        yield
    except SlackApiError as error:
        raise _as_failure(error.response) from None
    except (SlackClientError, OSError, ValueError, HTTPException) as error:
        raise SlackFailed(type(error).__name__, is_down=True) from None


def _as_failure(response: Any) -> SlackFailed:
    headers = {str(name).lower(): value for name, value in dict(getattr(response, "headers", {}) or {}).items()}
    wait = headers.get("retry-after", "")
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    status = getattr(response, "status_code", 0)
    words = f"HTTP {status} {data.get('error', '')}".strip()[:_TOLD]
    seconds = int(wait) if str(wait).isdigit() else 0
    limited = bool(seconds) or data.get("error") == "ratelimited"
    is_down = limited or status >= 500
    return SlackFailed(words, wait=min(timedelta(seconds=seconds), LONGEST_WAIT), is_down=is_down)


class SlackWay:
    """One drain's way out. Once Slack does not answer, or wants to be left alone, nothing more is tried."""

    def __init__(self) -> None:
        self._failure: SlackFailed | None = None

    @property
    def is_down(self) -> bool:
        """Nothing more can be sent by this drain."""
        return self._failure is not None

    def send(self, channel: str, text: str) -> None:
        """Post; returns only when Slack has taken it. Raises SlackFailed."""
        if self._failure is not None:
            raise self._failure
        try:
            call("chat.postMessage", timeout=TIMEOUT, channel=channel, text=text, unfurl_links=False)
        except SlackFailed as failure:
            self._failure = failure if failure.is_down else None
            raise

    def copy(self, channel: str, text: str) -> None:
        """Post once more elsewhere; should it fail, that is only noted."""
        try:
            self.send(channel, text)
        except SlackFailed as failure:
            logger.warning("A copy for the common channel was not taken by Slack: %s", failure)


@contextmanager
def connected() -> Iterator[SlackWay]:
    """Yield the way out; nothing is opened before something is sent."""
    yield SlackWay()

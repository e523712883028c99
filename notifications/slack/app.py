"""slack-bolt's application: from what Slack sends to the functions that answer. Loaded with the first request."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings

from notifications.slack import config, inbound, registry
from notifications.slack.transport import QUICK, client

logger = logging.getLogger(__name__)


def application() -> Any:
    """Return the application for the tokens and names of the settings."""
    names = tuple(sorted(settings.SLACK_COMMANDS.items()))
    return _application(settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET, settings.SLACK_API_URL, names)


@lru_cache(maxsize=1)
def _application(token: str, secret: str, _address: str, _names: Any) -> Any:
    from slack_bolt import App
    from slack_bolt.authorization import AuthorizeResult

    app = App(
        client=client(QUICK),
        # What the library has to say of requests may hold what people write; ours is said below.
        logger=logging.getLogger("slack_bolt"),
        signing_secret=secret,
        # The token is that of the settings: nobody has to be asked whose it is.
        authorize=lambda enterprise_id, team_id: AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=token
        ),
        # In the thread of the request, and so with its database connection.
        process_before_response=True,
    )
    for code in registry.commands:
        app.command(config.command_name(code))(_answering_command(code))
    every = re.compile("")
    app.view(every)(_answering(inbound.submit))
    app.options(every)(_answering(inbound.search))
    app.action(every)(_answering(inbound.press))
    app.event(every)(_taken)
    app.error(_failed)
    return app


def _answering_command(code: str) -> Callable[..., None]:
    return _answering(lambda body: inbound.run_command(code, body))


def _answering(answer: Callable[[Any], Any]) -> Callable[..., None]:
    def listen(ack: Any, body: Any) -> None:
        ack(**answer(body))

    return listen


def _failed(error: Exception) -> None:
    """Its words may name people."""
    logger.error("A request of Slack failed: %s", type(error).__name__)


def _taken(ack: Any) -> None:
    """Messages in channels are nothing to us, but they want to be acknowledged."""
    ack()

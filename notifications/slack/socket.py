"""Socket Mode: a connection that we open, by which the workspace sends what it else would send to our address."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from medcover.system import heartbeat
from notifications.slack import config
from notifications.slack.app import application

logger = logging.getLogger(__name__)

#: Seconds between attempts to connect.
PAUSE = 30


def serve(stopped: threading.Event) -> None:
    """Keep connected until the event is set; a connection that fails is tried again, and only noted."""
    handler = _handler()
    try:
        _connect(handler, stopped)
        _beat(handler, stopped)
    finally:
        handler.close()


def _connect(handler: Any, stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            handler.connect()
        except Exception as error:  # noqa: BLE001 - network, token, service: anything can fail here
            logger.warning("No connection to Slack: %s", type(error).__name__)
            stopped.wait(PAUSE)
        else:
            logger.info("Connected to Slack")
            return


def _beat(handler: Any, stopped: threading.Event) -> None:
    """Say every few seconds that the connection is there; the library makes a new one by itself when it breaks."""
    while not stopped.is_set():
        if handler.client.is_connected():
            heartbeat.beat_once(config.HEARTBEAT)
        stopped.wait(heartbeat.EVERY_SECONDS)


def stop_on_signals(stopped: threading.Event) -> None:
    """Set the event when the process is asked to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stopped.set())


def _handler() -> Any:
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    class Handler(SocketModeHandler):
        """Answers in threads of its own, whose database connections nobody else looks after."""

        def handle(self, client: Any, req: Any) -> None:
            close_old_connections()
            try:
                super().handle(client, req)
            finally:
                close_old_connections()

    return Handler(application(), settings.SLACK_APP_TOKEN)

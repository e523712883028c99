"""manage.py slack_socket: the process that keeps the connection to Slack (Socket Mode)."""

from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.slack import config, socket


class Command(BaseCommand):
    """Runs until it is asked to end; one process is enough for a workspace."""

    help = (
        "Keeps a connection to Slack, for installations that Slack cannot reach. Needs SLACK_BOT_TOKEN, "
        "SLACK_APP_TOKEN and SLACK_SOCKET_MODE_CONNECT=true."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Connect and serve."""
        if not config.connects():
            raise CommandError(
                "Socket Mode is off: set SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_SOCKET_MODE_CONNECT=true."
            )
        stopped = threading.Event()
        socket.stop_on_signals(stopped)
        socket.serve(stopped)

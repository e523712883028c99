"""What the environment says about Slack."""

from __future__ import annotations

from django.conf import settings

#: By this name the process that keeps a connection open says that it has one.
HEARTBEAT = "slack"


def is_on() -> bool:
    """Say whether this installation talks to a workspace at all."""
    return bool(settings.SLACK_BOT_TOKEN)


def takes_requests() -> bool:
    """Say whether the workspace may send requests to us; without the secret nobody could tell them from forged ones."""
    return is_on() and bool(settings.SLACK_SIGNING_SECRET)


def connects() -> bool:
    """Say whether a process of ours keeps a connection to the workspace open."""
    return is_on() and settings.SLACK_SOCKET_MODE_CONNECT and bool(settings.SLACK_APP_TOKEN)


def command_name(code: str) -> str:
    """Return what a command is called in the workspace."""
    name: str = settings.SLACK_COMMANDS[code]
    return name

"""The manifest of the app: everything that a workspace has to know of it, by the settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation

from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.slack import config, registry

PATH = "/slack/events"

#: What the bot may do: post, take commands, know who asks and by which e-mail, write to one person.
SCOPES = ("chat:write", "commands", "users:read", "users:read.email", "im:write")


def manifest(site: SiteSettings, *, socket_mode: bool) -> dict[str, Any]:
    """Return the manifest; in Socket Mode no address of ours is named, because nothing comes from outside."""
    address = {} if socket_mode else {"url": site_address(site) + PATH}
    with translation.override(settings.LANGUAGE_CODE):
        commands = [_command(command, address) for command in registry.commands.values()]
    return {
        "display_information": {"name": "MedCover", "background_color": "#9b1b30"},
        "features": {
            "bot_user": {"display_name": "MedCover", "always_online": True},
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": _interactivity(address),
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _command(command: registry.Command, address: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {"command": config.command_name(command.code), "description": str(command.description)}
    if command.usage:
        said["usage_hint"] = str(command.usage)
    return {**said, **address, "should_escape": False}


def _interactivity(address: dict[str, str]) -> dict[str, Any]:
    on: dict[str, Any] = {"is_enabled": True}
    if not address:
        return on
    return {**on, "request_url": address["url"], "message_menu_options_url": address["url"]}

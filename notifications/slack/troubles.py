"""What Slack says against a post, and what helps."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_CHANNEL = _("The channel is called otherwise, or the bot was not invited to it: type /invite @MedCover there.")
_TOKEN = _("Slack does not take the token any more. A new one belongs into the environment (SLACK_BOT_TOKEN).")

#: Slack's word → what helps.
_REMEDIES: dict[str, Promise] = {
    "channel_not_found": _CHANNEL,
    "not_in_channel": _CHANNEL,
    "is_archived": _("The channel is archived in Slack. Choose another one."),
    "restricted_action": _("Rules of the workspace do not let the bot post in this channel."),
    "invalid_auth": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "account_inactive": _TOKEN,
    "missing_scope": _("The app lacks a permission. Install it anew from the manifest."),
    "users_not_found": _("Nobody in Slack has this e-mail."),
    "ratelimited": _("It was too much at once. It is sent when Slack takes it again."),
}


def remedy_of(error: str) -> str | Promise:
    """Return what helps against an error of the outbox; empty where nothing is known."""
    return next((remedy for word, remedy in _REMEDIES.items() if word in error.split()), "")

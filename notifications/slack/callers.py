"""Who asks: from a user of the workspace to an account."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from notifications.slack.registry import Caller
from notifications.slack.text import storable
from notifications.slack.transport import SlackFailed, ask

logger = logging.getLogger(__name__)

#: With which rights an account acts from Slack; whoever knows accounts sets it.
acting: list[Callable[[Any], AbstractContextManager[None]]] = []


def caller_of(slack_id: str) -> Caller:
    """Ask Slack who a user is. One that it does not know, or without an answer in time, is a stranger."""
    try:
        found = ask("users.info", user=slack_id, include_locale="true").get("user") or {}
    except SlackFailed as failure:
        logger.warning("Slack did not say who asks: %s", failure)
        found = {}
    profile = found.get("profile") or {}
    account = _account(found, profile.get("email") or "")
    name = profile.get("real_name") or found.get("real_name") or found.get("name") or ""
    return Caller(slack_id, storable(name), _language(account, str(found.get("locale") or "")), account)


def as_account(caller: Caller) -> AbstractContextManager[None]:
    """Act with the rights that the account of a caller has from Slack."""
    return acting[-1](caller.account) if acting and caller.account is not None else nullcontext()


def _account(found: Mapping[str, Any], email: str) -> Any:
    """Return the active account with this address; a robot, somebody who left or a guest of elsewhere has none."""
    foreign = any(found.get(sign) for sign in ("deleted", "is_bot", "is_stranger"))
    if foreign or found.get("is_email_confirmed") is False or not email:
        return None
    people: Any = get_user_model().objects
    return people.filter(email=people.normalize_email(email), is_active=True).first()


def _language(account: Any, locale: str) -> str:
    wanted = account.language if account is not None else locale[:2].lower()
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

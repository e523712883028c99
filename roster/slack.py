"""With which rights an account acts from Slack."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings

from medcover.system.models import SiteSettings
from notifications.slack.callers import acting
from roster.restricted_rights import held_back


def register() -> None:
    """Tell Slack's side of it."""
    acting[:] = [acting_as]


def acting_as(person: Any) -> AbstractContextManager[None]:
    """Hold the person back to a member's rights where the site wants a second factor: Slack has asked for none of ours.

    Not where people log in through a provider, as on the pages.
    """
    required = settings.AUTH_MODE != "oidc" and SiteSettings.current().backoffice_requires_second_factor
    return held_back(person.pk if required else None)

"""With which rights an account acts from Slack, and the link to a new password for those who are there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.slack.callers import acting
from notifications.slack.registry import Payload, Post, add_posts
from roster.models import User
from roster.restricted_rights import held_back


def register() -> None:
    """Tell Slack's side of it."""
    acting[:] = [acting_as]
    add_posts(Post("password_reset_in_slack", gettext_lazy("Slack: link to a new password"), _reset))


def acting_as(person: Any) -> AbstractContextManager[None]:
    """Hold the person back to a member's rights where the site wants a second factor: Slack has asked for none of ours.

    Not where people log in through a provider, as on the pages.
    """
    required = settings.AUTH_MODE != "oidc" and SiteSettings.current().backoffice_requires_second_factor
    return held_back(person.pk if required else None)


def _reset(payload: Payload, _mention: Any) -> str:
    """Return the link, made now like that of the mail; nothing once one has been used."""
    from roster.services.passwords import LINK_LASTS, reset_token

    person = User.objects.not_archived().filter(pk=payload["person"]).first()
    if person is None or not person.password_reset_nonce:
        return ""
    link = site_address(SiteSettings.current()) + reverse("reset_link", args=[reset_token(person)])
    words = _(
        "Somebody has asked for a new password for your account. If it was you, set it within %(minutes)d minutes: "
    )
    return f":key: {words % {'minutes': int(LINK_LASTS.total_seconds() // 60)}}<{link}>"

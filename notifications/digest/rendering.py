"""The digest in words: the type of its messages, and what their templates show."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.digest import registry
from notifications.digest.models import DEFAULT_SUBJECT
from notifications.digest.plain_text import text_of
from notifications.models import OutboxMessage
from notifications.registry import NoticeType, Payload

logger = logging.getLogger(__name__)

CODE = "admin_digest"
#: A digest that still waits is replaced by a newer one.
TOPIC = "digest"
TEST_MARK = "[TEST] "


def notice_type(roles: Iterable[str]) -> NoticeType:
    """Return the type of the digest's messages, for people with one of these roles."""
    return NoticeType(
        code=CODE,
        name=_("Admin digest"),
        description=_(
            "The regular summary for administrators; a page of its own says when it comes and what it holds."
        ),
        trigger=_("By the schedule of the digest, and when an administrator sends it at once."),
        recipients=_("Administrators whose account is active."),
        template="notifications/mail/digest",
        subject=subject,
        context=context,
        roles=frozenset(roles),
        always_on=True,
    )


def subject(payload: Payload) -> str:
    """Return the subject; one of a trial says so."""
    words = payload.get("subject") or str(DEFAULT_SUBJECT)
    return f"{TEST_MARK}{words}" if payload.get("is_test") else words


def context(message: OutboxMessage) -> dict[str, Any]:
    """Return what the mail shows: header, blocks and footer, each as HTML and as text."""
    payload, base_url = message.payload, site_address(SiteSettings.load())
    drawn = [_drawn(block, base_url) for block in payload.get("blocks", [])]
    return {
        "header": _trusted(payload.get("header", "")),
        "footer": _trusted(payload.get("footer", "")),
        "blocks": [block for block in drawn if block is not None],
    }


def _trusted(html: str) -> dict[str, str]:
    """HTML that an administrator has written for administrators goes into the mail as it is."""
    return {"html": mark_safe(html), "text": text_of(html)}  # noqa: S308


def _drawn(block: dict[str, Any], base_url: str) -> dict[str, str] | None:
    """Draw one block in both forms; None when its kind is gone or it cannot be drawn."""
    kind = registry.find(block["kind"])
    if kind is None:
        return None
    try:
        shown = {**kind.present(block["facts"]), "base_url": base_url}
        html, text = (render_to_string(f"{kind.template}.{form}", shown) for form in ("html", "txt"))
    except Exception as error:  # noqa: BLE001 - one block that cannot be drawn must not keep back the others
        logger.error("A block of the digest (%s) cannot be drawn: %s", block["kind"], type(error).__name__)
        return None
    return {"title": block["title"], "html": html, "text": mark_safe(text.strip())}  # noqa: S308 - a text, not HTML

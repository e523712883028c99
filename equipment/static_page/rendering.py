"""Making the file of the static page: one piece of HTML that fetches nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from equipment.static_page import board
from medcover.system.models import SiteSettings


def render(*, at: datetime) -> str:
    """Return the page as the database is now, in the language of the site, stamped with `at` in the site's zone."""
    site = SiteSettings.load()
    style, digest = _style()
    context = {
        "organisation": site.organisation_name,
        "generated": f"{at.astimezone(ZoneInfo(site.time_zone)):%d.%m.%Y %H:%M:%S %Z}",
        "language": settings.LANGUAGE_CODE,
        "style": mark_safe(style),  # noqa: S308 - a file of ours
        "style_digest": digest,
    }
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string("equipment/static_page.html", {**context, "sections": board.read()}).lstrip()


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet, and its digest, which is all that the page's own policy allows."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return style, base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

"""What guides tell of this installation: they show only what is switched on here."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse

from medcover.system.models import SiteSettings

#: Names of the guides, in the order in which they are offered.
NAMES = ("members", "technicians", "staff", "about")


@dataclass(frozen=True)
class Facts:
    """Everything that a guide may ask for; a name that is not here makes its guide fail."""

    version: str
    organisation: str
    public_pages: bool
    wifi_ssid: str
    slack: bool
    slack_report: str
    slack_status: str
    slack_repair: str
    slack_update: str
    static_page: bool
    static_page_url: str
    board_url: str
    kiosk_url: str
    backoffice_url: str


def facts() -> Facts:
    """Return how this installation is set up; without a database only what the site settings say is missing."""
    try:
        site = SiteSettings.current()
    except DatabaseError:
        site = SiteSettings(public_pages=False)
    commands = getattr(settings, "SLACK_COMMANDS", {})
    return Facts(
        version=settings.VERSION,
        organisation=site.organisation_name,
        public_pages=site.public_pages,
        wifi_ssid=site.wifi_ssid,
        slack=bool(getattr(settings, "SLACK_BOT_TOKEN", "")),
        **{f"slack_{name}": commands.get(name, "") for name in ("report", "status", "repair", "update")},
        static_page=bool(settings.STATIC_PAGE_PUSH_TARGET),
        static_page_url=settings.STATIC_PAGE_PUBLIC_URL,
        board_url=reverse("public:board"),
        kiosk_url=reverse("public:kiosk"),
        backoffice_url=reverse("admin:index"),
    )

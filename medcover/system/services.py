"""Services of the site's settings: every change of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from medcover.system.rules import addresses_in
from medcover.system.signals import settings_changing

#: Fields that `save_settings` may write; the password has a way of its own.
EDITABLE = frozenset(
    {
        "organisation_name",
        "time_zone",
        "base_url",
        "session_hours",
        "backoffice_requires_second_factor",
        "minimum_rest_hours",
        "offer_hours",
        "drop_out_hours",
        "public_pages",
        "reporter_days",
        "smtp_host",
        "smtp_port",
        "smtp_use_tls",
        "smtp_user",
        "smtp_sender",
        "mail_block",
        "mail_block_allowed",
        "mails_per_minute",
        "wifi_ssid",
        "wifi_info_default",
    }
)

#: Kept as they are typed: networks have such names.
_VERBATIM = frozenset({"wifi_ssid"})
#: What the record shows of a password.
MASK = "***"

#: Delays of notifications, nearest events first; they have a form and a rule of their own.
DELAYS = (
    "notify_delay_under_24h_min",
    "notify_delay_1_7_days_min",
    "notify_delay_1_4_weeks_min",
    "notify_delay_over_month_min",
)


@transaction.atomic
def save_settings(
    *,
    by: Any,
    version: int | None = None,
    smtp_password: str = "",
    wifi_password: str = "",
    clear_wifi_password: bool = False,
    **fields: Any,
) -> SiteSettings:
    """Write the given settings; an empty password keeps the stored one. Passwords are recorded nowhere.

    `clear_wifi_password` forgets that of the Wi-Fi, whatever else is given.

    Raises StaleRecord when `version` is not the row's, ValidationError for bad values, DomainError when news of a
    nearer event would wait longer than those of a later one, and whatever refusal a floor above answers the
    announcement with.
    """
    if unknown := fields.keys() - EDITABLE - {*DELAYS}:
        raise TypeError(f"Not settings: {sorted(unknown)}")
    site = lock_settings()
    site.expect_version(version)
    changed = {name: value for name, value in _as_stored(fields).items() if getattr(site, name) != value}
    settings_changing.send(sender=SiteSettings, changed=changed, by=by)
    for name, value in changed.items():
        setattr(site, name, value)
    if list(site.notify_delays) != sorted(site.notify_delays):
        raise DomainError(_("The delay must not be shorter for an event that is further away."))
    if smtp_password:
        site.smtp_password = smtp_password
    wifi = _new_wifi_password(site, wifi_password, clear=clear_wifi_password)
    if changed or smtp_password or wifi:
        _write(site, by=by, new_password=bool(smtp_password))
        _record_wifi_password(site, wifi, by=by)
    return site


def _new_wifi_password(site: SiteSettings, typed: str, *, clear: bool) -> list[str]:
    """Put the password into the row; return what the record shows of before and after, nothing if nothing changes."""
    before, after = site.wifi_password, "" if clear else typed or site.wifi_password
    if (before or "") == (after or "") and not (clear and site.wifi_password_token):
        return []
    shown = [MASK if site.wifi_password_token else "", MASK if after else ""]
    site.wifi_password = after or ""
    return shown


def _record_wifi_password(site: SiteSettings, shown: list[str], *, by: Any) -> None:
    if shown:
        changes = {"wifi_password_token": shown}
        audit.record(site, kind=AuditEntry.Kind.EDIT, by=by, summary=_("Wi-Fi password changed"), changes=changes)


@transaction.atomic
def complete_setup(*, by: Any) -> None:
    """Close the set-up wizard for good; closing it again changes nothing."""
    site = lock_settings()
    if site.setup_complete:
        return
    site.setup_complete = True
    site.raise_version()
    with audit.trail(by=by, summary=_("Set-up of the installation completed")):
        site.save()


@transaction.atomic
def forget_exceptions(addresses: Collection[str]) -> int:
    """Take addresses off the exceptions from the block of mails, past the record; return how many there were."""
    site = lock_settings()
    listed = addresses_in(site.mail_block_allowed)
    kept = [address for address in listed if address not in addresses]
    if kept != listed:
        site.mail_block_allowed = ", ".join(kept)
        site.raise_version()
        with audit.unrecorded():
            site.save(update_fields=["mail_block_allowed", "version", "updated"])
    return len(listed) - len(kept)


def lock_settings() -> SiteSettings:
    """Lock and return the settings row; whoever locks anything else as well locks it first."""
    return SiteSettings.objects.select_for_update().get(pk=SiteSettings.load().pk)


def _as_stored(fields: dict[str, Any]) -> dict[str, Any]:
    """Text without stray spaces; the address without a slash at its end, because paths begin with one.

    The list of addresses is read before its line ends become spaces.
    """
    stored = {
        name: tidy(value) if isinstance(value, str) and name not in _VERBATIM else value
        for name, value in fields.items()
    }
    if "base_url" in stored:
        stored["base_url"] = stored["base_url"].rstrip("/")
    if "mail_block_allowed" in fields:
        stored["mail_block_allowed"] = ", ".join(addresses_in(fields["mail_block_allowed"]))
    return stored


def _write(site: SiteSettings, *, by: Any, new_password: bool) -> None:
    site.full_clean()
    site.raise_version()
    with audit.trail(by=by):
        site.save()
    if new_password:
        audit.record(site, kind=AuditEntry.Kind.EDIT, by=by, summary=_("SMTP password changed"))

"""The address that a code leads to: the site's public address and the page of the item for everybody."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem
from medcover.common.errors import DomainError
from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings


class UnfitAddress(DomainError):
    """The public address of the application cannot stand on a label."""


def address_of(item: EquipmentItem) -> str:
    """Return what the code of an item says. Raises UnfitAddress when the site has no address fit for it."""
    return checked_base(site_address(SiteSettings.current())) + reverse("public:item", args=[item.code])


def why_unfit() -> str:
    """Return why no label can be made at all; empty when it can."""
    try:
        checked_base(site_address(SiteSettings.current()))
    except UnfitAddress as refusal:
        return str(refusal)
    return ""


def checked_base(text: str) -> str:
    """Return the address without outer spaces and slashes at its end. Raises UnfitAddress with what is wrong."""
    base = text.strip().rstrip("/")
    if not base:
        raise UnfitAddress(_("The public address of the application is not set, so labels have nowhere to lead to."))
    if not base.isascii() or any(char.isspace() or not char.isprintable() for char in base):
        raise UnfitAddress(_("The public address of the application contains a space or a letter with a diacritic."))
    _check_parts(_split(base))
    if "?" in base or "#" in base or urlsplit(base).path:
        raise UnfitAddress(
            _("The public address of the application must end with the host: no path and no parameters.")
        )
    return base


def _split(base: str) -> SplitResult:
    try:
        return urlsplit(base)
    except ValueError:
        raise UnfitAddress(_("The public address of the application names no host.")) from None


def _check_parts(parts: SplitResult) -> None:
    if parts.scheme not in {"http", "https"}:
        raise UnfitAddress(_("The public address of the application has to begin with https:// or http://."))
    if "@" in parts.netloc:
        raise UnfitAddress(_("The public address of the application must not hold a name or a password."))
    if not parts.hostname:
        raise UnfitAddress(_("The public address of the application names no host."))
    if parts.path or parts.query or parts.fragment or "?" in parts.geturl() or "#" in parts.geturl():
        raise UnfitAddress(
            _("The public address of the application must end with the host: no path and no parameters.")
        )
    if not _port_is_good(parts):
        raise UnfitAddress(_("The port in the public address of the application is not a number from 1 to 65535."))


def _port_is_good(parts: SplitResult) -> bool:
    try:
        return parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        return False

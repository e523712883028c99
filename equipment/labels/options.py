"""What a label shows besides its code, and what the settings allow it to show of the Wi-Fi."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from equipment.labels.sizes import DEFAULT_DEVICE, DEFAULT_SIZE, Device, Size
from medcover.system.models import SiteSettings, WifiInfo

#: From the least to the most; each shows all before it.
_LEVELS = (WifiInfo.NONE, WifiInfo.HEADER, WifiInfo.SSID, WifiInfo.PASSWORD)


@dataclass(frozen=True)
class Network:
    """The Wi-Fi by which the site is reached, as far as it is configured."""

    ssid: str = ""
    password: str = field(default="", repr=False)

    @property
    def offered(self) -> tuple[WifiInfo, ...]:
        """What can be shown: a password only beside the name of its network."""
        known = 2 + bool(self.ssid) + bool(self.ssid and self.password)
        return _LEVELS[:known]

    def lowered(self, wanted: WifiInfo) -> WifiInfo:
        """Return what was wanted, or the most that can be shown of it."""
        return _LEVELS[min(_LEVELS.index(wanted), len(self.offered) - 1)]

    def lines(self, info: WifiInfo) -> tuple[str, ...]:
        """Return the rows of a label in the active language."""
        ssid, password = (" ".join(text.splitlines()) for text in (self.ssid, self.password))
        rows = (_("Only on the Wi-Fi:"), ssid, _("Password: %s") % password)
        header = (_("Only on our Wi-Fi"),)
        level = _LEVELS.index(info)
        return header[:level] if level <= 1 else rows[:level]


def network_of(site: SiteSettings) -> Network:
    """Return what the settings know; a password that cannot be opened any more is none."""
    return Network(site.wifi_ssid, site.wifi_password or "")


@dataclass(frozen=True)
class Options:
    """How one label is to be made."""

    size: Size = DEFAULT_SIZE
    device: Device = DEFAULT_DEVICE
    wifi: WifiInfo = WifiInfo.NONE
    name: bool = False
    url: bool = False


@dataclass(frozen=True)
class Content:
    """What stands on one label; what is empty is left out."""

    address: str
    name: str = ""
    url: str = ""
    wifi: tuple[str, ...] = field(default=(), repr=False)

"""Sizes of labels in inches, devices with their dots per inch, and how many pixels that makes.

Avery 5160 is an address label of 2 5/8 × 1 inches, 5163 a shipping label of 4 × 2 inches, as printed on their packs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError

#: A picture has no more pixels than this.
MOST_PIXELS = 50_000_000
POINTS_PER_INCH = 72


class Unrenderable(DomainError):
    """A label that cannot be made as it was asked for."""


class Size(StrEnum):
    """What a label is called in addresses."""

    STICKER_1 = "sticker_1"
    STICKER_1_5 = "sticker_1_5"
    STICKER_2 = "sticker_2"
    STICKER_3 = "sticker_3"
    STICKER_4 = "sticker_4"
    AVERY_5160 = "avery_5160"
    AVERY_5163 = "avery_5163"
    LETTER = "letter"

    @property
    def inches(self) -> tuple[Decimal, Decimal]:
        """Width and height."""
        width, height = _INCHES[self]
        return Decimal(width), Decimal(height)

    @property
    def label(self) -> Promise:
        """What it is called on screen."""
        return _SIZE_LABELS[self]


class Device(StrEnum):
    """What labels are printed on."""

    LASER_300 = "laser_300"
    LASER_600 = "laser_600"
    LASER_1200 = "laser_1200"
    THERMAL_203 = "thermal_203"
    PTOUCH_180 = "ptouch_180"

    @property
    def dpi(self) -> int:
        """Dots per inch."""
        return int(self.rpartition("_")[2])

    @property
    def label(self) -> Promise:
        """What it is called on screen."""
        return _DEVICE_LABELS[self]


DEFAULT_SIZE, DEFAULT_DEVICE = Size.STICKER_2, Device.LASER_300

_INCHES = {
    Size.STICKER_1: ("1", "1"),
    Size.STICKER_1_5: ("1.5", "1.5"),
    Size.STICKER_2: ("2", "2"),
    Size.STICKER_3: ("3", "3"),
    Size.STICKER_4: ("4", "4"),
    Size.AVERY_5160: ("2.625", "1"),
    Size.AVERY_5163: ("4", "2"),
    Size.LETTER: ("8.5", "11"),
}

_SIZE_LABELS: dict[Size, Promise] = {
    Size.STICKER_1: _("Sticker 1 × 1″ (25 mm)"),
    Size.STICKER_1_5: _("Sticker 1.5 × 1.5″ (38 mm)"),
    Size.STICKER_2: _("Sticker 2 × 2″ (51 mm)"),
    Size.STICKER_3: _("Sticker 3 × 3″ (76 mm)"),
    Size.STICKER_4: _("Sticker 4 × 4″ (102 mm)"),
    Size.AVERY_5160: _("Avery 5160, 2⅝ × 1″ (67 × 25 mm)"),
    Size.AVERY_5163: _("Avery 5163, 4 × 2″ (102 × 51 mm)"),
    Size.LETTER: _("Letter page, 8.5 × 11″"),
}

_DEVICE_LABELS: dict[Device, Promise] = {
    Device.LASER_300: _("Laser printer, 300 dpi"),
    Device.LASER_600: _("Laser printer, 600 dpi"),
    Device.LASER_1200: _("Laser printer, 1200 dpi"),
    Device.THERMAL_203: _("Thermal printer, 203 dpi"),
    Device.PTOUCH_180: _("P-touch, 180 dpi"),
}


@dataclass(frozen=True)
class Canvas:
    """A picture in pixels, and how many of them make an inch."""

    width: int
    height: int
    dpi: int

    def points(self, points: int) -> int:
        """Return a size of type in pixels, rounded up."""
        return -(-points * self.dpi // POINTS_PER_INCH)


def canvas_of(size: Size, dpi: int) -> Canvas:
    """Return the picture for a size. Raises Unrenderable when it would have too many pixels, or none."""
    if dpi <= 0:
        raise Unrenderable(_("The number of dots per inch has to be positive."))
    width, height = (_half_up(inches * dpi) for inches in size.inches)
    if width * height > MOST_PIXELS:
        raise Unrenderable(
            _("A label of this size would be too large a picture for this printer. Choose a coarser one.")
        )
    return Canvas(width, height, dpi)


def _half_up(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))

"""Names of files with labels."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from equipment.labels.sizes import Device

MOST_LETTERS, FALLBACK = 50, "equipment"


def png_name(pk: int, name: str, device: Device) -> str:
    """Return the name under which the label of one item is offered."""
    return f"qr-{pk}-{slug(name)}-{device}.png"


def slug(name: str) -> str:
    """Return a name in plain small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_LETTERS].strip("-") or FALLBACK


def pdf_name(at: datetime) -> str:
    """Return the name under which sheets of labels are offered."""
    return f"medcover-stitky-{at:%Y-%m-%d}.pdf"

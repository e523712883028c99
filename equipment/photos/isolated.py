"""Photos made in a process of their own."""

from __future__ import annotations

from roster.signatures.isolated import made_apart

PROCESS = "equipment.photos.encoder_process"


def photo_jpeg(data: bytes) -> bytes:
    """Return the picture as a JPEG. Raises UnfitPicture, DomainError when others are being served for too long."""
    return made_apart(PROCESS, data)

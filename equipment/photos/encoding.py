"""Image processing: from a picture that somebody sends to the photo that is kept, bytes in, bytes out."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from roster.signatures.pipeline import decoded

#: No side of the photo is longer, in pixels.
LONGEST_SIDE = 1600
QUALITY = 82


def photo_jpeg(data: bytes) -> bytes:
    """Return the picture as a JPEG, upright, on white, without metadata. Raises UnfitPicture."""
    picture = decoded(data)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    # A new picture, so that nothing of what the old one carried along comes with it.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()

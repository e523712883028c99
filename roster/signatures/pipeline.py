"""Image processing: from a picture of a signature to the small PNG that is kept, bytes in, bytes out.

The size is judged before anything is decoded, of the metadata only the orientation is read, and a large picture is
made small before anything else is done with it.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from math import ceil

from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from roster.signatures.refusals import Reason, UnfitPicture
from roster.signatures.sniffing import Kind, kind_of

MAX_PIXELS = 25_000_000
MAX_RESULT_BYTES = 50 * 1024

#: Of the result, in pixels.
HEIGHT = 200
#: No side of the result is more than so many times the other; around what is longer there is white.
MAX_ASPECT = 8
COLOURS = 64

#: Greys from here up are paper.
PAPER = 200
#: A crop that keeps less of the area has found a spot rather than a signature.
LEAST_KEPT = 0.30
#: What is left around the signature: a share of the shorter side, but at least so many pixels.
PADDING_SHARE, LEAST_PADDING = 0.01, 4

#: A picture may be made so small on its shorter side without any loss: a crop keeps at least 0.3 of the height.
_WORKING_SIDE = ceil(HEIGHT / LEAST_KEPT) * 2

_READERS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.HEIF: "HEIF"}

_UPRIGHT = 1
#: What EXIF's other numbers of an orientation ask for.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def signature_png(data: bytes) -> bytes:
    """Return the signature as a PNG of 200 pixels in height. Raises UnfitPicture."""
    return _packed(_fitted(_cropped(decoded(data))))


# --- reading -----------------------------------------------------------------------------------------


def decoded(data: bytes) -> Image.Image:
    """Return the picture upright, on white, and no larger than it has to be. Raises UnfitPicture."""
    try:
        picture = _opened(data)
        picture.load()
        turn = _TURNS.get(_orientation(picture))
        picture = _on_white(_reduced(_with_plain_channels(picture)))
        return picture if turn is None else picture.transpose(turn)
    except (UnfitPicture, MemoryError):
        raise
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over.
        raise UnfitPicture(Reason.NOT_A_PICTURE) from error


def _opened(data: bytes) -> Image.Image:
    """Open the file without decoding it, and judge what it says of itself."""
    kind = kind_of(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(BytesIO(data), formats=[_READERS[kind]])
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise UnfitPicture(Reason.TOO_MANY_PIXELS) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise UnfitPicture(Reason.TOO_MANY_PIXELS)
    if kind is Kind.PNG and getattr(picture, "is_animated", False):
        raise UnfitPicture(Reason.UNSUPPORTED)
    if kind is Kind.JPEG:
        picture.draft(None, _working_size(picture))
    return picture


def _working_size(picture: Image.Image) -> tuple[int, int]:
    share = _WORKING_SIDE / min(picture.size)
    return ceil(picture.width * share), ceil(picture.height * share)


def _orientation(picture: Image.Image) -> int:
    """Return what EXIF says; HEIF's own orientation has been followed by its reader, which then takes EXIF's away."""
    try:
        said = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - metadata that cannot be read do not spoil the picture
        said = None
    return said if isinstance(said, int) else _UPRIGHT


def _with_plain_channels(picture: Image.Image) -> Image.Image:
    """Turn palettes, sixteen bits and the inks of printing into greys or RGB, with alpha where there is any."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode in ("L", "LA", "RGB", "RGBA") and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _reduced(picture: Image.Image) -> Image.Image:
    factor = min(picture.size) // _WORKING_SIDE
    return picture.reduce(factor) if factor > 1 else picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Lay the picture on white paper, in RGB."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture)
    return paper


# --- finishing ---------------------------------------------------------------------------------------


def _cropped(picture: Image.Image) -> Image.Image:
    """Cut off the empty paper around the signature, unless hardly anything would remain."""
    ink = picture.convert("L").point(lambda grey: 255 if grey < PAPER else 0).getbbox()
    if ink is None:
        return picture
    padding = max(LEAST_PADDING, round(min(picture.size) * PADDING_SHARE))
    left, top = max(0, ink[0] - padding), max(0, ink[1] - padding)
    right, bottom = min(picture.width, ink[2] + padding), min(picture.height, ink[3] + padding)
    kept = (right - left) * (bottom - top) / (picture.width * picture.height)
    return picture.crop((left, top, right, bottom)) if kept >= LEAST_KEPT else picture


def _fitted(picture: Image.Image) -> Image.Image:
    """Scale the picture to the height of the result; what is too wide for that gets white above and below."""
    scale = min(HEIGHT / picture.height, HEIGHT * MAX_ASPECT / picture.width)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    # The gap makes very long pictures shorter before they are scaled well, which would take much memory.
    scaled = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    paper = Image.new("RGB", (max(scaled.width, HEIGHT // MAX_ASPECT), HEIGHT), "white")
    paper.paste(scaled, ((paper.width - scaled.width) // 2, (HEIGHT - scaled.height) // 2))
    return paper


def _packed(picture: Image.Image) -> bytes:
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = BytesIO()
    few.save(out, "PNG", optimize=True)
    if out.tell() > MAX_RESULT_BYTES:
        raise UnfitPicture(Reason.TOO_HEAVY)
    return out.getvalue()

"""Pictures for the tests of signatures: such as people send, and such as nobody sends in good faith."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

from roster.signatures.refusals import Reason

register_heif_opener()

#: What a bomb of compressed zeros unpacks to.
_PACKED_ZEROS_BYTES = 100 * 1024 * 1024


def drawing(size: tuple[int, int] = (900, 300), *, mode: str = "RGB", ink: Any = "black", paper: Any = "white"):
    """A scribble that fills most of the paper and looks different from every side."""
    picture = Image.new(mode, size, paper)
    draw, (width, height) = ImageDraw.Draw(picture), size
    points = [(0.1, 0.8), (0.2, 0.15), (0.3, 0.8), (0.45, 0.3), (0.6, 0.8), (0.9, 0.7)]
    draw.line([(x * width, y * height) for x, y in points], fill=ink, width=max(1, min(size) // 25))
    return picture


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the picture as a file of that kind."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@cache
def accepted() -> dict[str, bytes]:
    """One file of each kind that people send."""
    see_through = drawing(mode="RGBA", paper=(255, 255, 255, 0))
    return {
        "png": saved(drawing(), "PNG"),
        "png, grey": saved(drawing(mode="L"), "PNG"),
        "png, black and white": saved(drawing(mode="1", ink=0, paper=1), "PNG"),
        "png, sixteen bits": saved(drawing(mode="I;16", ink=0, paper=65535), "PNG"),
        "png, transparent": saved(see_through, "PNG"),
        "png, transparent grey": saved(see_through.convert("LA"), "PNG"),
        "png, transparent palette": saved(see_through.quantize(8), "PNG"),
        "png, one transparent colour": saved(drawing(), "PNG", transparency=(255, 255, 255)),
        "jpeg": saved(drawing(), "JPEG"),
        "jpeg, grey": saved(drawing(mode="L"), "JPEG"),
        "jpeg, for printing": saved(drawing().convert("CMYK"), "JPEG"),
        "jpeg, progressive": saved(drawing(), "JPEG", progressive=True),
        "jpeg of several pictures": saved(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (90, 30))]),
        "heic": saved(drawing(), "HEIF"),
        "heic, transparent": saved(see_through, "HEIF"),
    }


def turned(orientation: int) -> Image.Image:
    """The drawing as a camera stores it that is held as this number of EXIF says."""
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    return drawing().transpose(turn) if turn is not None else drawing()


def noise(size: tuple[int, int] = (1600, 400)) -> bytes:
    """A picture that cannot be made small."""
    return saved(Image.effect_noise(size, 200), "PNG")


# --- made to do harm ---------------------------------------------------------------------------------


@cache
def hostile() -> dict[str, tuple[bytes, Reason]]:
    """Files that are refused, each with the reason."""
    ok, zeros = zlib.compress(b"\0\0\0" * 10), packed_zeros()
    return {
        "nothing": (b"", Reason.EMPTY),
        "a PNG of 3.6 thousand million pixels": (png(60_000, 60_000, depth=8, colours=6), Reason.TOO_MANY_PIXELS),
        "a PNG of a row too many": (png(5_000, 5_001), Reason.TOO_MANY_PIXELS),
        "a PNG that ends before its pixels": (png(5_000, 5_000, depth=8, colours=6), Reason.NOT_A_PICTURE),
        "a JPEG of 4 thousand million pixels": (jpeg_claiming(65_000, 65_000), Reason.TOO_MANY_PIXELS),
        "a HEIC of 900 million pixels": (heic_claiming((200, 100), 30_000, 30_000), Reason.TOO_MANY_PIXELS),
        "a HEIC of absurd size": (heic_claiming((200, 100), 2**32 - 1, 2**32 - 1), Reason.NOT_A_PICTURE),
        "a HEIC that claims too much": (heic_claiming((200, 100), 5_000, 4_900), Reason.NOT_A_PICTURE),
        "a HEIC that claims too little": (heic_claiming((1_000, 1_000), 60, 60), Reason.NOT_A_PICTURE),
        "a compressed text that is a bomb": (png(10, 10, chunk(b"zTXt", b"a\0\0" + zeros), ok), Reason.NOT_A_PICTURE),
        "another one": (png(10, 10, chunk(b"iTXt", b"a\0\1\0\0\0" + zeros), ok), Reason.NOT_A_PICTURE),
        "one behind the pixels": (
            png(10, 10, data=ok, behind=chunk(b"iTXt", b"a\0\1\0\0\0" + zeros)),
            Reason.NOT_A_PICTURE,
        ),
        "many compressed texts": (png(10, 10, many_texts(), ok), Reason.NOT_A_PICTURE),
        "a colour profile that is a bomb": (png(10, 10, chunk(b"iCCP", b"a\0\0" + zeros), ok), Reason.NOT_A_PICTURE),
        "half a PNG": (_half(saved(drawing(), "PNG")), Reason.NOT_A_PICTURE),
        "half a JPEG": (_half(saved(drawing(), "JPEG")), Reason.NOT_A_PICTURE),
        "half a HEIC": (_half(saved(drawing(), "HEIF")), Reason.NOT_A_PICTURE),
        "the first bytes of a PNG": (b"\x89PNG\r\n\x1a\n", Reason.NOT_A_PICTURE),
        "a moving PNG": (
            saved(drawing(), "PNG", save_all=True, append_images=[drawing(ink="red")]),
            Reason.UNSUPPORTED,
        ),
        "a moving GIF": (
            saved(drawing(), "GIF", save_all=True, append_images=[drawing(ink="red")]),
            Reason.UNSUPPORTED,
        ),
        "WebP": (saved(drawing(), "WEBP"), Reason.UNSUPPORTED),
        "AVIF": (saved(drawing(), "AVIF"), Reason.UNSUPPORTED),
        "TIFF": (saved(drawing(), "TIFF"), Reason.UNSUPPORTED),
        "SVG": (
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
            Reason.UNSUPPORTED,
        ),
        "a film": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(1000), Reason.UNSUPPORTED),
        "PDF with a PNG behind": (b"%PDF-1.7\n" + saved(drawing(), "PNG"), Reason.UNSUPPORTED),
        "HTML with a PNG behind": (b"<script>alert(1)</script>" + saved(drawing(), "PNG"), Reason.NOT_A_PICTURE),
        "ZIP": (b"PK\x03\x04" + bytes(1000), Reason.NOT_A_PICTURE),
        "a program": (b"\x7fELF\x02\x01\x01" + bytes(1000), Reason.NOT_A_PICTURE),
    }


#: What hides in the files below.
PAYLOAD = b"<script>alert('polyglot')</script>"


@cache
def harmless_once_redrawn() -> dict[str, bytes]:
    """Pictures that are whole and carry something besides; nothing but their pixels may survive."""
    scribble, directory = drawing(), overlapping_tags()
    return {
        "a JPEG with a ZIP behind": saved(scribble, "JPEG") + b"PK\x03\x04" + PAYLOAD,
        "a PNG with HTML behind": saved(scribble, "PNG") + PAYLOAD,
        "a PNG with HTML inside": _inserted(saved(scribble, "PNG"), chunk(b"tEXt", b"Comment\0" + PAYLOAD)),
        "a JPEG with HTML inside": saved(scribble, "JPEG", comment=PAYLOAD),
        "a JPEG of huge metadata": jpeg_with_exif(saved(scribble, "JPEG"), directory),
        "a PNG of huge metadata": _inserted(saved(scribble, "PNG"), chunk(b"eXIf", directory)),
    }


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG."""
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(
    width: int,
    height: int,
    before: bytes = b"",
    data: bytes | None = None,
    *,
    depth: int = 1,
    colours: int = 0,
    behind: bytes = b"",
) -> bytes:
    """A PNG that claims a size, whatever its packed data hold."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)) if data is None else data)
    return b"\x89PNG\r\n\x1a\n" + head + before + pixels + behind + chunk(b"IEND", b"")


def _inserted(file: bytes, part: bytes) -> bytes:
    """Put a part into a PNG, behind its head."""
    return file[:33] + part + file[33:]


def packed_zeros() -> bytes:
    """A hundred kilobytes that become a hundred megabytes."""
    packer, block = zlib.compressobj(9), bytes(1024 * 1024)
    packed = b"".join(packer.compress(block) for _ in range(_PACKED_ZEROS_BYTES // len(block)))
    return packed + packer.flush()


def many_texts() -> bytes:
    """Texts that are each just small enough, and together are not."""
    packed = zlib.compress(bytes(1024 * 1024 - 10), 9)
    return b"".join(chunk(b"zTXt", b"k%d\0\0" % number + packed) for number in range(300))


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG that says it is large."""
    file = bytearray(saved(Image.new("L", (40, 40), "white"), "JPEG"))
    frame = file.find(b"\xff\xc0")
    file[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(file)


def jpeg_of_many_passes() -> bytes:
    """Two megabytes that would take minutes: the last pass over a large picture, over and over."""
    file = saved(Image.new("RGB", (5_000, 4_990), "white"), "JPEG", progressive=True, quality=10)
    last = file[file.rfind(b"\xff\xda") : -2]
    return file[:-2] + last * (2 * 1024 * 1024 // len(last)) + file[-2:]


def heic_claiming(size: tuple[int, int], width: int, height: int) -> bytes:
    """A HEIC whose container says another size than the film inside has."""
    file = bytearray(saved(Image.new("RGB", size, "white"), "HEIF", quality=20))
    found = file.find(b"ispe")
    assert found > 0
    while found > 0:
        file[found + 8 : found + 16] = struct.pack(">II", width, height)
        found = file.find(b"ispe", found + 4)
    return bytes(file)


def overlapping_tags() -> bytes:
    """Metadata of seven megabytes in which each of sixty thousand entries claims all seven as its own."""
    count, size = 60_000, 7 * 1024 * 1024
    entries = b"".join(struct.pack(">HHLL", 256 + tag, 1, size, 8) for tag in range(count))
    return (b"MM\0*\0\0\0\x08" + struct.pack(">H", count) + entries).ljust(size, b"\0")


def jpeg_with_exif(file: bytes, exif: bytes) -> bytes:
    """Put metadata of any length into a JPEG, in as many segments as it takes."""
    parts = [b"Exif\0\0" + exif[at : at + 65_000] for at in range(0, len(exif), 65_000)]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return file[:2] + segments + file[2:]


def _half(file: bytes) -> bytes:
    return file[: len(file) // 2]

"""File types by first bytes; the name of a file and what a browser says of it count for nothing."""

from __future__ import annotations

from enum import Enum, auto

from roster.signatures.refusals import Reason, UnfitPicture

#: Of so many bytes what a file is can be told.
HEAD_BYTES = 512

#: Brands of still pictures in HEIF. "mif1" says so of every codec; files of other codecs name these besides.
_HEIF_STILLS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_OTHER_CODECS = frozenset({b"avif", b"avis"})

#: First bytes of what else people may take for a picture: GIF, BMP, TIFF, Photoshop, icons, JPEG XL and 2000, PDF.
_OTHERS = (
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"8BPS",
    b"\x00\x00\x01\x00",
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL ",
    b"\x00\x00\x00\x0cjP  ",
    b"%PDF-",
    b"%!PS",
)


class Kind(Enum):
    """The kinds of files that are read."""

    PNG = auto()
    JPEG = auto()
    HEIF = auto()


def kind_of(data: bytes) -> Kind:
    """Return what the file is. Raises UnfitPicture when it is nothing that is read here."""
    if not data:
        raise UnfitPicture(Reason.EMPTY)
    head = data[:HEAD_BYTES]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if _is_heif_still(head):
        return Kind.HEIF
    raise UnfitPicture(Reason.UNSUPPORTED if _is_something_else(head) else Reason.NOT_A_PICTURE)


def _is_heif_still(head: bytes) -> bool:
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIF_STILLS:
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = {head[at : at + 4] for at in range(16, end - 3, 4)}
    return not compatible & _OTHER_CODECS


def _is_something_else(head: bytes) -> bool:
    """Say whether the file is a picture, film or document, only not one for us."""
    is_container = head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
    return is_container or head.startswith(_OTHERS) or b"<svg" in head.lower()

"""Encryption of archives: AES-256-GCM in pieces, so that any length passes through little memory.

A file begins with a header: a mark, the id of the key, a salt. The key of the file is derived from the installation's
key and the salt. Every piece is authenticated together with the header, its number, and whether it is the last one, so
pieces can neither be changed, swapped nor cut off. Nothing of a piece leaves before it has proved genuine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext_lazy as _

from medcover.backups.errors import BrokenArchive
from medcover.common.keys import KEY_BYTES
from medcover.system import audit

MARK = b"MEDCOVER-SEALED-1\n"
_ID_BYTES, _SALT_BYTES, _TAG_BYTES = 8, 32, 16
_HEADER_BYTES = len(MARK) + _ID_BYTES + _SALT_BYTES

#: Bytes of plain text in each piece but the last.
PIECE = 1024 * 1024


def key_id(key: bytes) -> str:
    """Return by what the key is called in headers; it tells nothing of the key."""
    return _id_of(key).hex()


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"medcover backup key" + key).digest()[:_ID_BYTES]


class SealingWriter:
    """A binary file, only to be written, whose content goes on encrypted; `close` ends it and leaves the other open."""

    def __init__(self, to: IO[bytes], key: bytes) -> None:
        salt = os.urandom(_SALT_BYTES)
        self._header = MARK + _id_of(key) + salt
        self._cipher = _cipher(key, salt)
        self._to, self._number, self._held = to, 0, bytearray()
        to.write(self._header)

    def write(self, data: bytes) -> int:
        """Take more of the content."""
        self._held += data
        while len(self._held) > PIECE:
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(data)

    def flush(self) -> None:
        """Keep what does not fill a piece; only the end makes it one."""

    def close(self) -> None:
        """Write the last piece, by which a reader knows that nothing is missing."""
        self._seal(bytes(self._held), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._to.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


def unseal(source: IO[bytes], to: IO[bytes], keys: Sequence[bytes]) -> None:
    """Write the plain content of `source`; raises BrokenArchive for another key, and for what was changed or cut."""
    header = source.read(_HEADER_BYTES)
    if len(header) != _HEADER_BYTES or not header.startswith(MARK):
        raise BrokenArchive(_("The file is not an encrypted archive of MedCover."))
    cipher = _cipher(_key_for(header, keys), header[-_SALT_BYTES:])
    for number, (piece, last) in enumerate(_pieces(source)):
        try:
            to.write(cipher.decrypt(_nonce(number, last=last), piece, header))
        except InvalidTag as error:
            raise BrokenArchive(_("The archive is damaged or incomplete: its encryption does not hold.")) from error


def _key_for(header: bytes, keys: Sequence[bytes]) -> bytes:
    wanted = header[len(MARK) :][:_ID_BYTES]
    found = next((key for key in keys if _id_of(key) == wanted), None)
    if found is None:
        words = _("The archive is encrypted with a key that this installation does not have (key %s).")
        raise BrokenArchive(audit.sentence(words, wanted.hex()))
    return found


def _pieces(source: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each piece, and whether it is the last."""
    piece = source.read(PIECE + _TAG_BYTES)
    while True:
        following = source.read(PIECE + _TAG_BYTES)
        yield piece, not following
        if not following:
            return
        piece = following


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"medcover backup").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    """The key belongs to this file alone, so the number of the piece is enough."""
    return number.to_bytes(11, "big") + bytes([last])

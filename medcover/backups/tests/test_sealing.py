"""Encryption of archives."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcover.backups import sealing
from medcover.backups.errors import BrokenArchive
from medcover.backups.sealing import SealingWriter, unseal
from medcover.common.keys import read_key

KEY, OTHER = b"k" * 32, b"o" * 32
SMALL = 16


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", SMALL)


def sealed(*parts: bytes, key: bytes = KEY) -> bytes:
    to = BytesIO()
    writer = SealingWriter(to, key)
    for part in parts:
        writer.write(part)
    writer.close()
    return to.getvalue()


def opened(content: bytes, *keys: bytes) -> bytes:
    to = BytesIO()
    unseal(BytesIO(content), to, keys or (KEY,))
    return to.getvalue()


@pytest.mark.parametrize("length", [0, 1, SMALL - 1, SMALL, SMALL + 1, 5 * SMALL])
def test_any_length_comes_back(length):
    plain = bytes(range(256))[:length]
    assert opened(sealed(plain)) == opened(sealed(plain[:3], plain[3:])) == plain


def test_the_same_content_never_looks_the_same():
    assert sealed(b"abc") != sealed(b"abc")
    assert b"secret" not in sealed(b"secret")


def test_an_older_key_still_opens():
    assert opened(sealed(b"abc", key=OTHER), KEY, OTHER) == b"abc"


def test_another_key_is_refused_by_its_name():
    with pytest.raises(BrokenArchive, match=sealing.key_id(OTHER)):
        opened(sealed(b"abc", key=OTHER), KEY)


def test_something_else_is_no_archive():
    for content in (b"", b"PK\x03\x04", sealing.MARK):
        with pytest.raises(BrokenArchive):
            opened(content)


@given(st.data())
@settings(max_examples=60)
def test_no_byte_can_be_changed_and_nothing_cut_off_or_added(data):
    whole = sealed(b"x" * 40)
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place] ^= data.draw(st.integers(1, 255))
    for content in (bytes(flipped), whole[:place], whole + b"\0"):
        with pytest.raises(BrokenArchive):
            opened(content)


def test_pieces_cannot_be_swapped_or_left_out():
    whole = sealed(b"a" * SMALL + b"b" * SMALL + b"c")
    begin, step = len(whole) - 2 * (SMALL + 16) - 17, SMALL + 16
    head, first, second, last = whole[:begin], whole[begin:][:step], whole[begin + step :][:step], whole[-17:]
    assert opened(head + first + second + last)
    for content in (head + second + first + last, head + first + last, head + first + second):
        with pytest.raises(BrokenArchive):
            opened(content)


@pytest.mark.parametrize("text", ["", "short", "ž" * 44, "A" * 44, "!" * 44])
def test_only_32_bytes_are_a_key(text):
    with pytest.raises(ValueError, match=r"."):
        read_key(text)


def test_keys_are_read_in_both_alphabets():
    assert read_key(" " + "_-" * 21 + "0=\n") == read_key("/+" * 21 + "0=")

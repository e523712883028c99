"""Reading codes off what people type and cameras see."""

from __future__ import annotations

import pytest

from equipment.codes import code_in

CODE = "ABCD2345EFGH6789"


@pytest.mark.parametrize(
    "text",
    [
        CODE, CODE.lower(), f"  {CODE}\r\n", "abcd 2345 efgh 6789", "ABCD-2345-EFGH-6789",
        f"https://example.org/equipment/code/{CODE}/", f"http://[::1]:8000/public/x?code={CODE.lower()}#top",
        f"{CODE} {CODE}",
    ],
)  # fmt: skip
def test_finds_the_code(text):
    assert code_in(text) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "AED 1", CODE[:-1], CODE + "A", f"x{CODE}", "ABCD2345EFGH678O", "ABCD2345EFGH6781",
        f"{CODE} {CODE[::-1]}", "ß" * 16, "\x00" * 16, f"{' ' * 3000}{CODE}", "https://example.org/equipment/17/",
    ],
)  # fmt: skip
def test_finds_nothing_in_anything_else(text):
    assert code_in(text) == ""

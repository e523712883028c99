"""The documentation under docs/ says what the program says, and leads only to what there is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import django
import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

DOCS = settings.BASE_DIR / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
CZECH = [*sorted((DOCS / "cs").rglob("*.md")), DOCS / "index.md"]

#: Django's own words are on our pages, too: those of the backoffice above all.
CATALOGUES = (
    settings.BASE_DIR / "locale/cs/LC_MESSAGES/django.po",
    Path(django.__file__).parent / "contrib/admin/locale/cs/LC_MESSAGES/django.po",
)

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def said() -> frozenset[str]:
    """Return everything that the program says in Czech, as far as it can be compared."""
    texts: set[str] = set()
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                texts.update([message.string] if isinstance(message.string, str) else message.string)
    return frozenset(comparable(text) for text in texts)


def comparable(text: str) -> str:
    """Return a text without what differs from place to place: how it begins, what follows it, a number beside it."""
    text = re.sub(r"\(%\(\w+\)s\)|%\(\w+\)[sd]|%[sd]", "", " ".join(text.split()))
    return text.strip(" …:.").casefold()


def without_blocks(page: Path) -> str:
    """Return the text of a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def relative(page: Path) -> str:
    """Name a page in a report."""
    return str(page.relative_to(DOCS))


@pytest.mark.parametrize("page", CZECH, ids=relative)
def test_what_is_bold_stands_on_the_screen(page):
    names = [" ".join(name.split()) for name in _BOLD.findall(page.read_text())]
    assert [name for name in names if comparable(name) not in said()] == []


def test_a_name_that_the_screen_does_not_have_is_noticed():
    assert comparable("Převzít") in said()
    assert comparable("Uchopit závadu") not in said()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_and_pictures_are_there(page):
    targets = [target.split("#")[0] for target in _LINK.findall(without_blocks(page)) if "://" not in target]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", CZECH, ids=relative)
def test_addresses_are_those_of_pages(page):
    addresses = [code for code in _CODE.findall(without_blocks(page)) if re.fullmatch(r"/[a-z0-9/._-]*/?", code)]
    commands = set(settings.SLACK_COMMANDS.values())
    assert [address for address in addresses if address not in commands and not is_page(address)] == []


def is_page(address: str) -> bool:
    """Say whether the program answers at an address."""
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_and_scripts_exist(page):
    text = page.read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text)) - {"runserver"}
    assert commands <= set(get_commands())
    scripts = set(re.findall(r"\bscript/([a-z-]+)", text))
    assert [name for name in scripts if not (settings.BASE_DIR / "script" / name).exists()] == []


def test_every_page_is_in_the_menu():
    menu = set(re.findall(r"(\S+\.md)$", (settings.BASE_DIR / "mkdocs.yml").read_text(), re.MULTILINE))
    assert {relative(page) for page in PAGES} == menu


def test_every_picture_is_shown_somewhere():
    shown = {Path(name).name for page in [*PAGES, settings.BASE_DIR / "README.md"] for name in
             re.findall(r"images/[\w-]+\.png", page.read_text())}  # fmt: skip
    assert {picture.name for picture in (DOCS / "images").glob("*.png")} == shown

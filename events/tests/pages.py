"""Reading pages in tests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

#: What htmx says of itself.
HTMX = {"HX-Request": "true"}

_TITLE_CELL = re.compile(r'<td class="cell-title">.*?<a[^>]*>(.*?)</a>', re.DOTALL)
_TAGS = re.compile(r"<span.*?</span>", re.DOTALL)
_INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:""", re.IGNORECASE)


def logged_in(person: Any) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def text_of(answer: HttpResponse) -> str:
    """The page with every run of white space as one space."""
    return " ".join(answer.content.decode().split())


def names_in(answer: HttpResponse) -> list[str]:
    """The names of the events that a list shows, in its order."""
    cells = _TITLE_CELL.findall(answer.content.decode())
    return [unescape(_TAGS.sub("", cell)).strip() for cell in cells]


def inline_parts(answer: HttpResponse) -> list[str]:
    """What the content security policy would not let run."""
    return _INLINE.findall(answer.content.decode())

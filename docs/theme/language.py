"""A hook of MkDocs: pages in English say that they are, so that they are read aloud and hyphenated as English."""

from __future__ import annotations

from typing import Any


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Name the language of a page; the site is Czech, and what is not below cs/ is English, save for the home page."""
    if page.is_homepage or page.file.src_uri.startswith("cs/"):
        return output
    return output.replace('lang="cs"', 'lang="en"', 1)

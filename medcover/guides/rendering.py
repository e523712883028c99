"""Guides from Markdown with placeholders to HTML."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.safestring import mark_safe
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown import Markdown
from markupsafe import Markup

from medcover.guides.facts import NAMES, Facts

CONTENT = Path(__file__).parent / "content"

#: What Markdown would take for more than letters.
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|>~-])")


def _plain(value: Any) -> Any:
    """Let what people have typed into settings stand in a guide as it is, whatever Markdown would make of it."""
    if isinstance(value, str) and not isinstance(value, Markup) and not value.startswith("/"):
        return _MARKS.sub(r"\\\1", value)
    return value


_environment = Environment(
    loader=FileSystemLoader(CONTENT), autoescape=True, undefined=StrictUndefined, finalize=_plain, trim_blocks=True
)


@lru_cache(maxsize=64)
def html_of(name: str, language: str, facts: Facts) -> str:
    """Return a guide as HTML. Another configuration is another key, so nothing has to be thrown away.

    Raises jinja2.UndefinedError when the guide asks for something that no installation has.
    """
    guides = {other: reverse("guides:guide", args=[other]) for other in NAMES}
    text = _environment.get_template(f"{language}/{name}.md").render(guides=guides, **asdict(facts))
    html: str = Markdown(extensions=["tables", "sane_lists"], output_format="html").convert(text)
    # What was put in has been escaped above; everything else is ours.
    return mark_safe(html.replace("<table>", '<table class="table">'))  # noqa: S308

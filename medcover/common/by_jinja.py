"""Drawing by Jinja what a page has dozens of; see `templates/jinja2`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def draw(template: str, **shown: Any) -> SafeString:
    """Draw a template of `templates/jinja2`."""
    drawing: Any = engines["jinja2"].get_template(template)
    drawn: str = drawing.render(shown)
    return mark_safe(drawn)  # noqa: S308 - the engine has escaped it


def token_field(request: HttpRequest) -> SafeString:
    """Draw the hidden field against forged requests that every form brings along."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))

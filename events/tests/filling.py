"""Filling in a form of a page as a browser would send it, without running scripts."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

_UNSENT = {"submit", "button", "image", "reset", "file"}


class _Fields(HTMLParser):
    """Collects what the form with the given id would send."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.select, self.textarea = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        elif self.inside:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str | None]) -> None:
        name = given.get("name") or ""
        if tag == "input" and given.get("type") in {"checkbox", "radio"}:
            if "checked" in given:
                self.sent[name].append(given.get("value") or "on")
        elif tag == "input" and given.get("type") not in _UNSENT:
            self.sent[name].append(given.get("value") or "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.sent[self.select].append(given.get("value") or "")
        elif tag == "textarea":
            self.textarea = name
            self.sent[name].append("")

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.sent[self.textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.sent[self.textarea][-1] = self.sent[self.textarea][-1].removeprefix("\n").replace("\r\n", "\n")
            self.textarea = ""
        elif tag == "form":
            self.inside = False


def filled(answer: HttpResponse, form_id: str = "event_form", **typed: Any) -> dict[str, Any]:
    """What the form would send after `typed` was put in; None leaves a field out."""
    fields = _Fields(form_id)
    fields.feed(answer.content.decode())
    sent: dict[str, Any] = dict(fields.sent) | typed
    return {name: value for name, value in sent.items() if value is not None and name}

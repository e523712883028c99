"""HTML of an administrator as text that can be read, for the plain part of the mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Elements that begin on a line of their own.
_BLOCKS = {
    "address", "article", "blockquote", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
#: Elements after which there is an empty line.
_APART = {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"}
#: Elements whose content nobody reads.
_UNREAD = {"head", "script", "style", "template", "title"}

_SPACES = re.compile(r"[ \t\r\f\n]+")
_LOOSE = re.compile(r" *\n *")


def text_of(html: str) -> str:
    """Return the words of the HTML: paragraphs apart, lists with dashes, addresses of links in brackets."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _LOOSE.sub("\n", "".join(reader.parts)).strip()


class _Reader(HTMLParser):
    """Collects the text piece by piece; breaks between elements wait until there is text after them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._gap = self._unread = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, an item or a link."""
        given = dict(attrs)
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "br":
            self._gap = min(2, self._gap + 1)
        elif tag in _BLOCKS:
            self._break(tag)
        if tag == "li":
            self._say("- ")
        elif tag == "img":
            self._say(given.get("alt") or "")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        """End a line, a paragraph or a link."""
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Take the words over; white space counts as one space."""
        words = _SPACES.sub(" ", data)
        if not self._unread and (words != " " or not self._gap):
            self._say(words)

    def _break(self, tag: str) -> None:
        self._gap = max(self._gap, 2 if tag in _APART else 1)

    def _say(self, words: str) -> None:
        if words:
            self.parts.append("\n" * self._gap + words)
            self._gap = 0

    def _end_link(self, address: str, begun: int) -> None:
        words = "".join(self.parts[begun:]).strip()
        if address.partition(":")[0].lower() in {"http", "https", "mailto"} and words != address:
            self.parts.append(f" ({address})")

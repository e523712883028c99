"""Texts as Slack writes them: what people have typed stays what it is, and calls nobody."""

from __future__ import annotations

from medcover.common.text import tidy

#: Of a message; Slack cuts off what is longer.
LONGEST_MESSAGE = 3900

#: The meaning of signs (docs/slack.md shows them): the same in answers and in posts.
NEW, RISK, REPAIR, MOVED = ":rotating_light:", ":warning:", ":wrench:", ":arrows_counterclockwise:"
PERSON, DAY, DONE = ":bust_in_silhouette:", ":calendar:", ":white_check_mark:"
REFUSED, NOT_FOUND, SUMMARY, LOCKED = ":x:", ":mag:", ":bar_chart:", ":lock:"


def storable(text: object) -> str:
    """Return what somebody has typed without what no text of ours can hold: NUL, and halves of characters."""
    return str(text).replace("\0", "").encode(errors="ignore").decode()


def escape(text: object) -> str:
    """Return a text in which nothing is a link, a mention or a call of a whole channel."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def line(text: object) -> str:
    """Return a text as one escaped line, in which nothing is bold."""
    return escape(tidy(str(text))).replace("*", "∗")


def cut(text: object, length: int) -> str:
    """Return at most so many characters of a text, as one line."""
    tidied = tidy(str(text))
    return tidied if len(tidied) <= length else tidied[: length - 1].rstrip() + "…"


def message(lines: list[str]) -> str:
    """Join lines to a message that is not too long."""
    joined = "\n".join(lines)
    return joined if len(joined) <= LONGEST_MESSAGE else joined[: LONGEST_MESSAGE - 1].rsplit("\n", 1)[0] + "\n…"

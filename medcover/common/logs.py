"""What must not get into logs."""

from __future__ import annotations

import logging
import re

#: The address of a calendar feed is a password: whoever has it reads the feed.
_FEED = re.compile(r"(/ical/)[^/\s\"'?]+")


class HideFeedTokens(logging.Filter):
    """Blacken the secret part of calendar links wherever a record names an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record if need be; nothing is held back."""
        text = record.getMessage()
        if "/ical/" in text:
            record.msg, record.args = _FEED.sub(r"\1***", text), None
        return True

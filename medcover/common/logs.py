"""What must not get into logs."""

from __future__ import annotations

import logging
import re

#: These addresses are passwords: whoever has one reads a feed, registers as the invited, sets a new password.
_SECRET = re.compile(r"(/(?:ical|register|password/new)/)[^/\s\"'?]+")


class HideFeedTokens(logging.Filter):
    """Blacken the secret part of calendar links and of links in mails wherever a record names an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record if need be; nothing is held back."""
        text = record.getMessage()
        if _SECRET.search(text):
            record.msg, record.args = _SECRET.sub(r"\1***", text), None
        return True

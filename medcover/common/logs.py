"""Logging filters for what must not get into logs."""

from __future__ import annotations

import logging
import re

#: These addresses are passwords: whoever has one reads a feed, registers as the invited, sets a new password.
_SECRET = re.compile(r"(/(?:ical|register|password/new)/)[^/\s\"'?]+")


class HideFeedTokens(logging.Filter):
    """Logging filter that blackens the secret part of calendar links and of links in mails."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record if need be; nothing is held back."""
        text = record.getMessage()
        if _SECRET.search(text):
            record.msg, record.args = _SECRET.sub(r"\1***", text), None
        return True


class NoTracebackOfRefusals(logging.Filter):
    """Leave out how the code got to an answer that refuses a bad request; what a stranger sends is not our error."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass; refusals (answers below 500) with their one line only."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info, record.exc_text = None, None
        return True

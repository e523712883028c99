"""Worker jobs of Slack."""

from __future__ import annotations

from django.utils import timezone

from notifications.slack import config, working
from notifications.slack.models import SlackRequest


def answer_waiting() -> int:
    """Answer what was left over, and forget old requests; run once a minute."""
    if not config.is_on() and not SlackRequest.objects.exists():
        return 0
    return working.answer_waiting(at=timezone.now())

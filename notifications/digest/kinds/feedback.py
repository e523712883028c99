"""What users have written to the administrators."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.digest import sources
from notifications.digest.moments import window, with_moments
from notifications.digest.options import BlockOptions, Options, hours_field, rows_field
from notifications.digest.registry import BlockKind, Facts


class FeedbackOptions(BlockOptions):
    """How long back, and how many."""

    hours = hours_field()
    rows = rows_field(20)


def collect(options: Options, at: datetime) -> Facts:
    """Read the newest feedback of the window, if anything collects it."""
    source = sources.feedback()
    if source is None:
        return {"is_known": False}
    entries, total = source(window(options, at), at, options["rows"])
    return {"is_known": True, "rows": [asdict(one) for one in entries], "total": total, "hours": options["hours"]}


def present(facts: Facts) -> dict[str, Any]:
    """Read the moments."""
    return {**facts, "rows": [with_moments(row, "sent_at") for row in facts.get("rows", [])]}


KIND = BlockKind(
    code="feedback_summary",
    label=_("Feedback"),
    place=50,
    template="notifications/mail/digest/feedback_summary",
    options=FeedbackOptions,
    collect=collect,
    present=present,
    description=_("What users have written to the administrators."),
)

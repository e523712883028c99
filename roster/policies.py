"""Permission checks about one's own account."""

from __future__ import annotations

from typing import Any

#: Whoever makes work reports of their own may keep a signature for them.
KEEP_SIGNATURE = "reports.generate_work_report"


def may_keep_signature(person: Any) -> bool:
    """Say whether the person may have a signature here."""
    return bool(person.has_perm(KEEP_SIGNATURE))

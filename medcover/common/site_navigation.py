"""Navigation and menu of a page: drawn once for the place that is marked and for what its reader may do, and kept."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from medcover.common.components import panel_drawn

#: What decides which entries there are.
_RIGHTS = (
    "credentials.view_qualification", "debriefing.manage_debriefings", "debriefing.settle_needs",
    "equipment.manage_repairs", "equipment.view_equipment", "events.view_event", "reports.view_reports",
    "roster.access_backoffice", "roster.view_user",
)  # fmt: skip

#: Pages that are entries themselves; of all others only their app matters.
_ENTRIES = frozenset({
    "changes", "debriefing:needs", "equipment:items", "equipment:repairs", "events:calendar", "events:dashboard",
    "events:list", "people", "qualifications", "roster:profile",
})  # fmt: skip


def draw(part: str, request: Any) -> SafeString:
    """Return the main navigation ("site_nav") or the entries of the menu ("site_menu_entries") for a request."""
    match = request.resolver_match
    return panel_drawn(
        f"components/{part}.html",
        view=match.view_name if match.view_name in _ENTRIES else "",
        app=match.namespace,
        in_repairs="/repairs/" in request.path,
        rights=frozenset(filter(request.user.has_perm, _RIGHTS)),
        has_public_pages=request.site_settings.public_pages,
    )

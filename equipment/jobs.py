"""Worker jobs of this app."""

from __future__ import annotations

from django.utils import timezone

from equipment.static_page import pushing


def push_static_page() -> str:
    """Write the static page if something has altered it; after every such commit and once a minute."""
    push = pushing.push_due(at=timezone.now())
    return push.status if push else "nothing to do"

"""Read-only admin classes: what is written elsewhere can be read and filtered here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from medcover.backoffice.lookups import ClosedLookups


class GuardedPage(ClosedLookups):
    """Admin class behind one right of its own, for rows that have no rights by kind of change."""

    right: str

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Name the app on the start page for whoever may open this page."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the one right."""
        return request.user.has_perm(self.right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the one right."""
        return request.user.has_perm(self.right)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse adding: rows come about elsewhere."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deleting: rows stay."""
        return False


class ReadOnlyPage(GuardedPage):
    """Admin class in which nothing can be changed."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse changes to everybody."""
        return False

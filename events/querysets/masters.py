"""Queryset of master events."""

from __future__ import annotations

from typing import Any

from django.db import models

from medcover.common.czech import fold


class MasterEventQuerySet(models.QuerySet):
    """Master events."""

    def not_archived(self) -> MasterEventQuerySet:
        """Master events that events may be put under."""
        return self.filter(is_archived=False)

    def matching(self, text: str) -> MasterEventQuerySet:
        """Master events whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def general(self) -> Any:
        """Return the built-in one."""
        return self.get(is_general=True)

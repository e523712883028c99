"""How much a database holds."""

from __future__ import annotations

from django.apps import apps


def rows_per_table() -> dict[str, int]:
    """Return how many rows each table holds."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {model._meta.label: model._base_manager.count() for model in models}

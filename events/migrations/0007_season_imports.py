"""Imports of a season wait here between reading and writing."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add their table."""

    dependencies = [
        ("events", "0006_waiting_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SeasonImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("source", models.CharField(max_length=255, verbose_name="source")),
                ("places", models.JSONField(default=dict)),
                ("season", models.JSONField(default=dict)),
                ("deselected", models.JSONField(default=dict)),
                ("expires_at", models.DateTimeField(verbose_name="kept until")),
                ("imported_at", models.DateTimeField(null=True, verbose_name="imported at")),
                ("report", models.JSONField(null=True)),
                (
                    "master_event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="events.masterevent"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="season_imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "import of events",
                "verbose_name_plural": "import of events",
                "ordering": ["-created", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("imported_at__isnull", True), ("report__isnull", True)),
                            models.Q(("imported_at__isnull", False), ("report__isnull", False)),
                            _connector="OR",
                        ),
                        name="season_import_done_has_report",
                    )
                ],
            },
        ),
    ]

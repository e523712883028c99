"""Conditions that the crew of an event has to meet."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credentials", "0003_qualifications_on_invitations"),
        ("events", "0003_conditions_need_both_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffingCondition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minimum", models.PositiveSmallIntegerField(verbose_name="minimum")),
                ("order", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conditions",
                        to="events.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conditions",
                        to="credentials.qualification",
                        verbose_name="qualification",
                    ),
                ),
            ],
            options={
                "verbose_name": "staffing condition",
                "verbose_name_plural": "staffing conditions",
                "ordering": ["order", "id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("event", "qualification"), name="condition_once_per_qualification"),
                    models.CheckConstraint(condition=models.Q(("minimum__gte", 1)), name="condition_minimum_positive"),
                ],
            },
        ),
    ]

"""A capacity by conditions has both its numbers: a check whose comparison meets NULL lets the row pass."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Write the check so that NULL fails it."""

    dependencies = [
        ("events", "0002_assignment_position_of_same_event"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="event",
            name="event_capacity_only_with_conditions",
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("max_participants__isnull", True),
                        ("min_participants__isnull", True),
                        ("staffing_mode", "positions"),
                    ),
                    models.Q(
                        ("max_participants__gte", models.F("min_participants")),
                        ("max_participants__isnull", False),
                        ("min_participants__gte", 1),
                        ("min_participants__isnull", False),
                        ("staffing_mode", "conditions"),
                    ),
                    _connector="OR",
                ),
                name="event_capacity_only_with_conditions",
            ),
        ),
    ]

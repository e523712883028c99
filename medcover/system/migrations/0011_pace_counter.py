"""Counts of what reaches other people, by keyed digests."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("system", "0010_waiting_lists_and_drop_outs")]

    operations = [
        migrations.CreateModel(
            name="PaceCounter",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
    ]

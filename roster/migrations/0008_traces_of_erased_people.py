"""Keyed digests by which erased people are recognised in old lists."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("roster", "0007_erased_people")]

    operations = [
        migrations.CreateModel(
            name="ErasedTrace",
            fields=[("digest", models.CharField(max_length=64, primary_key=True, serialize=False))],
            options={"default_permissions": ()},
        ),
    ]

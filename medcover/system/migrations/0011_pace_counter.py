"""Counts of what reaches other people, by keyed digests; what the second factor guards."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table, and say in a help text what is true now."""

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
        migrations.AlterField(
            model_name="sitesettings",
            name="backoffice_requires_second_factor",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Whoever has not switched it on is led to it on the way into the backoffice, and has only a "
                    "member's rights on all other pages until then. Set up your own one first."
                ),
                verbose_name="backoffice only with two-step verification",
            ),
        ),
    ]

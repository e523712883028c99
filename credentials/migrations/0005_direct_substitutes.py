from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The relation is read one way only by its name; table and columns stay as they are."""

    dependencies = [("credentials", "0004_names_of_invitation_grants")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("qualification", "parents", "direct_substitutes"),
                migrations.AlterField(
                    "qualification",
                    "direct_substitutes",
                    models.ManyToManyField(
                        "credentials.qualification",
                        blank=True,
                        db_table="credentials_qualification_parents",
                        related_name="directly_substitutes",
                        verbose_name="superior qualifications (may stand in)",
                    ),
                ),
            ]
        )
    ]

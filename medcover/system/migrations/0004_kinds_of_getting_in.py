from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("system", "0003_settings_version_and_zone"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "Created"),
                    ("edit", "Edited"),
                    ("delete", "Deleted"),
                    ("status_change", "Status changed"),
                    ("archive", "Archived"),
                    ("unarchive", "Unarchived"),
                    ("import", "Imported"),
                    ("export", "Exported"),
                    ("resend", "Sent again"),
                    ("cancel", "Cancelled"),
                    ("link_clicked", "Link opened"),
                    ("complete", "Completed"),
                    ("password_reset_requested", "New password requested"),
                    ("password_reset_completed", "New password set"),
                    ("email_failed", "Mail failed"),
                    ("error", "Error"),
                ],
                db_index=True,
                max_length=32,
                verbose_name="kind",
            ),
        ),
    ]

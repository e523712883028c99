from django.db import migrations, models

import medcover.common.zones


class Migration(migrations.Migration):
    dependencies = [("system", "0002_audit_append_only")]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="sitesettings",
            name="time_zone",
            field=models.CharField(
                default="Europe/Prague",
                max_length=64,
                validators=[medcover.common.zones.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
    ]

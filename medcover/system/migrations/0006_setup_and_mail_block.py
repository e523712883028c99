from django.db import migrations, models

import medcover.system.rules


class Migration(migrations.Migration):
    dependencies = [("system", "0005_backoffice_second_factor")]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="setup_complete",
            field=models.BooleanField(default=False, editable=False, verbose_name="set-up complete"),
        ),
        migrations.AddField(
            model_name="sitesettings",
            name="mail_block",
            field=models.BooleanField(
                default=False,
                help_text="Mails from the outbox are skipped instead of sent, those about accounts included.",
                verbose_name="block sending of mails (development mode)",
            ),
        ),
        migrations.AddField(
            model_name="sitesettings",
            name="mail_block_allowed",
            field=models.TextField(
                blank=True,
                help_text="Separated by commas. When empty, the block lets nothing through.",
                validators=[medcover.system.rules.validate_addresses],
                verbose_name="allowed addresses (exceptions from the block)",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("system", "0004_kinds_of_getting_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="backoffice_requires_second_factor",
            field=models.BooleanField(
                default=False,
                help_text="Whoever has not switched it on is led to it on the way into the backoffice. Set up your own one first.",
                verbose_name="backoffice only with two-step verification",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roster", "0004_second_factor"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="oidc_subject",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=255),
        ),
    ]

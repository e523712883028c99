from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_reset_nonce",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
    ]

"""Whoever has accounts was set up before there was a wizard, and must not be handed to the first visitor."""

from typing import Any

from django.db import migrations


def mark_set_up(apps: Any, _schema_editor: Any) -> None:
    """Mark the installation as set up if it has any account; an empty database stays for the wizard."""
    if apps.get_model("roster", "User").objects.exists():
        apps.get_model("system", "SiteSettings").objects.update_or_create(pk=1, defaults={"setup_complete": True})


class Migration(migrations.Migration):
    dependencies = [("system", "0006_setup_and_mail_block"), ("roster", "0001_initial")]

    operations = [migrations.RunPython(mark_set_up, migrations.RunPython.noop)]

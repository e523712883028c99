"""The rights that stood on a model without a table now stand on the real models; the old rows go."""

from django.db import migrations


def drop_old_rights(apps, schema_editor):
    """Delete the content type and with it its rights; roles are filled anew after every migrate."""
    content_types = apps.get_model("contenttypes", "ContentType")
    permissions = apps.get_model("auth", "Permission")
    old = content_types.objects.filter(app_label="equipment", model="equipmentrights")
    permissions.objects.filter(content_type__in=old).delete()
    old.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("equipment", "0002_registry"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(drop_old_rights, migrations.RunPython.noop, elidable=True)]

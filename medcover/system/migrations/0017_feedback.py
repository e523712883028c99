"""Feedback of users, its switch, and an audit record that cannot be emptied as a whole either."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORBID_EMPTYING = """
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON system_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_never_emptied();
"""

FUNCTION = """
CREATE FUNCTION audit_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

ALLOW_EMPTYING = """
DROP TRIGGER audit_never_emptied ON system_auditentry;
DROP FUNCTION audit_never_emptied();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("system", "0016_slack"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="feedback_enabled",
            field=models.BooleanField(
                default=True,
                help_text="Puts “Feedback” into the menu of every page; without it nobody can send anything.",
                verbose_name="people can send feedback",
            ),
        ),
        migrations.CreateModel(
            name="UserFeedback",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("message", models.TextField(verbose_name="feedback")),
                ("page", models.CharField(blank=True, max_length=2048, verbose_name="page of the application")),
                ("user_agent", models.TextField(blank=True, verbose_name="browser")),
                ("screen", models.CharField(blank=True, max_length=255, verbose_name="screen")),
                ("app_version", models.CharField(blank=True, max_length=64, verbose_name="version of the application")),
                ("submitted", models.DateTimeField(db_index=True, verbose_name="time")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback of users",
                "ordering": ["-submitted", "-id"],
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(FUNCTION + FORBID_EMPTYING, ALLOW_EMPTYING),
    ]

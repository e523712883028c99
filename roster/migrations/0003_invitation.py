import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import roster.models.account


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("roster", "0002_password_reset_nonce"),
    ]

    operations = [
        # One valid invitation per address: an equal address and an overlapping time in one index.
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "token",
                    models.CharField(
                        default=roster.models.account.new_token, editable=False, max_length=64, unique=True
                    ),
                ),
                ("email", models.EmailField(max_length=255, verbose_name="e-mail")),
                ("subject", models.CharField(blank=True, max_length=255, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="message")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("opened_at", models.DateTimeField(editable=False, null=True, verbose_name="link first opened")),
                ("used_at", models.DateTimeField(editable=False, null=True, verbose_name="used")),
                ("cancelled_at", models.DateTimeField(editable=False, null=True, verbose_name="cancelled")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="notifications.outboxmessage",
                        verbose_name="mail",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations to register",
                "ordering": ["-created_at", "-id"],
                "default_permissions": (),
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("cancelled_at__isnull", True), ("used_at__isnull", True)),
                        expressions=[
                            ("email", "="),
                            (
                                models.Func(
                                    models.F("created_at"),
                                    models.F("expires_at"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="invitation_one_valid_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cancelled_at__isnull", False), ("used_at__isnull", False), _negated=True),
                        name="invitation_not_both_used_and_cancelled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="invitation_expires_later"
                    ),
                ],
            },
        ),
    ]

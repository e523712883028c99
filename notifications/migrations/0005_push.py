import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PushChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, verbose_name="type")),
                ("wanted", models.BooleanField(verbose_name="wanted")),
            ],
            options={
                "verbose_name": "choice of notifications in browsers",
                "verbose_name_plural": "choices of notifications in browsers",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("endpoint_digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("endpoint_token", models.TextField(editable=False)),
                ("auth_token", models.TextField(editable=False)),
                ("p256dh", models.CharField(editable=False, max_length=128)),
                ("application_key", models.CharField(editable=False, max_length=128)),
                ("label", models.CharField(blank=True, max_length=100, verbose_name="device")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("last_used", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
            ],
            options={
                "verbose_name": "device for notifications",
                "verbose_name_plural": "devices for notifications",
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="outboxmessage",
            name="outbox_one_pending_per_person_topic_type",
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="channel",
            field=models.CharField(
                choices=[("mail", "e-mail"), ("push", "browser")], default="mail", max_length=8, verbose_name="way"
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="device",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("recipient__isnull", False), ("status", "pending"), models.Q(("topic", ""), _negated=True)
                ),
                fields=("recipient", "topic", "code", "device"),
                name="outbox_one_pending_per_person_topic_type",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "mail"), ("device__isnull", True)),
                    models.Q(("channel", "push"), ("device__isnull", False)),
                    _connector="OR",
                ),
                name="outbox_push_has_device",
            ),
        ),
        migrations.AddField(
            model_name="pushchoice",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="push_choices", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pushsubscription",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="push_subscriptions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="pushchoice",
            constraint=models.UniqueConstraint(fields=("person", "code"), name="push_choice_once_per_person_and_type"),
        ),
    ]

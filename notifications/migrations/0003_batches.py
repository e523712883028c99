from django.db import migrations, models
from django.db.models.functions import Coalesce


def fill_in(apps, _schema_editor):
    """Give what waits a batch, and what was being sent the mail that it had: one of its own."""
    messages = apps.get_model("notifications", "OutboxMessage").objects
    messages.filter(status__in=["pending", "sending"], topic__startswith="event:").update(batch="events")
    messages.filter(status="sending").update(mail_id=models.F("id"))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_opt_outs_of_people")]

    operations = [
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_drain"),
        migrations.AddField(
            model_name="outboxmessage",
            name="batch",
            field=models.CharField(blank=True, editable=False, max_length=32, verbose_name="batch"),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="mail_id",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("priority"),
                Coalesce("send_after", "created_at"),
                condition=models.Q(("status", "pending")),
                name="outbox_due",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("mail_id"), condition=models.Q(("status", "sending")), name="outbox_being_sent"
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "sending"), _negated=True) | models.Q(("mail_id__isnull", False)),
                name="outbox_sending_has_mail",
            ),
        ),
        migrations.AddIndex(model_name="outboxmessage", index=models.Index(models.F("claimed_at"), name="outbox_pace")),
    ]

"""Rows of the outbox."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.digest.models import Digest, DigestBlock, QueueDepth
from notifications.push.models import PushChoice, PushSubscription
from notifications.querysets import DUE, OptOutManager, OutboxManager, SwitchManager
from notifications.rules import SUBJECT_LENGTH, Priority
from notifications.slack.models import SlackRequest

__all__ = [
    "Digest",
    "DigestBlock",
    "NotificationSwitch",
    "OptOut",
    "OutboxMessage",
    "PushChoice",
    "PushSubscription",
    "QueueDepth",
    "SlackRequest",
]


class OutboxMessage(models.Model):
    """One message to one person: it exists if and only if the change that caused it does.

    `topic` names what the message is about in the sending app's words (for example "event:17"), so that
    two pending messages about the same thing can merge; `payload` is what the body is rendered from at the
    moment of sending.
    """

    class Status(models.TextChoices):
        """Life of a message; `sending` is held only while a worker talks to the mail server."""

        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")

    class Channel(models.TextChoices):
        """By which way it goes; in a browser each device of a person has a message of its own.

        In Slack the address is a channel or a user of the workspace.
        """

        MAIL = "mail", _("e-mail")
        PUSH = "push", _("browser")
        SLACK = "slack", _("Slack")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("type"), max_length=64, db_index=True)
    channel = models.CharField(_("way"), max_length=8, choices=Channel, default=Channel.MAIL)
    # The key of a push subscription. No foreign key: a device that is removed at this moment must not make the change
    # fail that has something to tell.
    device = models.UUIDField(null=True, blank=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    to_email = models.CharField(_("address"), max_length=255)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    topic = models.CharField(_("about"), max_length=64, blank=True, db_index=True)
    payload = models.JSONField(_("content"), default=dict, blank=True)
    # Messages of one batch to one person wait for each other and leave as one mail; what stands alone has none.
    batch = models.CharField(_("batch"), max_length=32, blank=True, editable=False)
    # The mail that the message is sent by, or was tried to be: part of its Message-ID.
    mail_id = models.UUIDField(null=True, blank=True, editable=False)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)
    send_after = models.DateTimeField(_("not before"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    instance_name = models.CharField(_("installation"), max_length=64, blank=True)

    objects = OutboxManager()

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outbox")
        ordering = ["-created_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "topic", "code", "device"],
                condition=Q(status="pending", recipient__isnull=False) & ~Q(topic=""),
                nulls_distinct=False,
                name="outbox_one_pending_per_person_topic_type",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["mail", "slack"], device__isnull=True)
                | Q(channel="push", device__isnull=False),
                name="outbox_push_has_device",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending", "sent", "failed", "skipped"]),
                name="outbox_known_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(mail_id__isnull=False), name="outbox_sending_has_mail"
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="outbox_sent_has_moment"
            ),
        ]
        indexes = [
            # Due messages in their order; those that are not due yet lie behind them and are not read.
            models.Index("priority", DUE, condition=Q(status="pending"), name="outbox_due"),
            models.Index("mail_id", condition=Q(status="sending"), name="outbox_being_sent"),
            models.Index("claimed_at", name="outbox_pace"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"


class NotificationSwitch(models.Model):
    """The site's switch of one optional notification type; no row means switched on."""

    code = models.CharField(_("type"), max_length=64, primary_key=True)
    enabled = models.BooleanField(_("enabled"), default=True)

    objects = SwitchManager()

    class Meta:
        verbose_name = _("notification switch")
        verbose_name_plural = _("notification switches")
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class OptOut(models.Model):
    """An optional notification type that a person does not wish to get; no row means that they do."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_opt_outs")
    code = models.CharField(_("type"), max_length=64)

    objects = OptOutManager()

    class Meta:
        verbose_name = _("notification not wanted")
        verbose_name_plural = _("notifications not wanted")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "code"], name="opt_out_once_per_person_and_type")]

    def __str__(self) -> str:
        return f"{self.person}: {self.code}"

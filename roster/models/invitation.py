"""Invitations to register."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from notifications.models import OutboxMessage
from notifications.rules import SUBJECT_LENGTH
from roster.models.account import User, new_token
from roster.querysets import InvitationQuerySet

#: How long an invitation is valid; sending it again does not prolong it.
VALIDITY = timedelta(hours=72)


class Invitation(models.Model):
    """Somebody's way to an account: a secret link, valid until it is used, cancelled or too old."""

    class State(models.TextChoices):
        """How far the invited person has come."""

        WAITING = "waiting", _("Waiting for registration")
        COMPLETED = "completed", _("Registered")
        CANCELLED = "cancelled", _("Invitation cancelled")
        EXPIRED = "expired", _("Invitation expired")

    class Delivery(models.TextChoices):
        """Where the mail is."""

        UNQUEUED = "unqueued", _("Not queued")
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Mail sent")
        FAILED = "failed", _("Mail error")

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    email = models.EmailField(_("e-mail"), max_length=255)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH, blank=True)
    text = models.TextField(_("message"), blank=True)
    created_by = models.ForeignKey(User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    opened_at = models.DateTimeField(_("link first opened"), null=True, editable=False)
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)
    mail = models.ForeignKey(
        OutboxMessage, verbose_name=_("mail"), null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations to register")
        ordering = ["-created_at", "-id"]
        default_permissions = ()
        constraints = [
            # The same as `InvitationQuerySet.valid_at`, at any moment: two people inviting at once find out here.
            ExclusionConstraint(
                name="invitation_one_valid_per_address",
                expressions=[
                    ("email", RangeOperators.EQUAL),
                    (
                        Func(F("created_at"), F("expires_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(used_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=~Q(used_at__isnull=False, cancelled_at__isnull=False),
                name="invitation_not_both_used_and_cancelled",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"),
        ]

    def __str__(self) -> str:
        return self.email

    def state_at(self, at: datetime) -> State:
        """Say how far the invited person has come by the moment `at`."""
        if self.used_at:
            return self.State.COMPLETED
        if self.cancelled_at:
            return self.State.CANCELLED
        return self.State.WAITING if at < self.expires_at else self.State.EXPIRED

    def is_valid_at(self, at: datetime) -> bool:
        """Say whether the link works: not used, not cancelled, not expired."""
        return self.state_at(at) == self.State.WAITING

    @property
    def delivery(self) -> Delivery:
        """State of the mail, by its row in the outbox."""
        if self.mail is None:
            return self.Delivery.UNQUEUED
        Status = OutboxMessage.Status  # noqa: N806 - a class
        known = {Status.SENT.value: self.Delivery.SENT, Status.FAILED.value: self.Delivery.FAILED}
        known[Status.SKIPPED.value] = self.Delivery.FAILED
        return known.get(self.mail.status, self.Delivery.QUEUED)

"""Rows of web push: the browsers that people have told us of, and what they wish to get there."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medcover.common.crypto import decrypt, encrypt
from notifications.push.keys import public_key


class SubscriptionQuerySet(models.QuerySet):
    """Devices."""

    def working(self) -> SubscriptionQuerySet:
        """Devices that were subscribed with the present key; those of another one no service takes anything for."""
        return self.filter(application_key=public_key())

    def of(self, person_id: Any) -> SubscriptionQuerySet:
        """One person's, oldest first."""
        return self.filter(person=person_id).order_by("created", "id")


class ChoiceQuerySet(models.QuerySet):
    """Decisions."""

    def of(self, person_id: Any) -> dict[str, bool]:
        """What one person has decided: code → whether they wish it."""
        return dict(self.filter(person=person_id).values_list("code", "wanted"))


SubscriptionManager = models.Manager.from_queryset(SubscriptionQuerySet)
ChoiceManager = models.Manager.from_queryset(ChoiceQuerySet)


def digest_of(endpoint: str) -> str:
    """Return by what an endpoint is found; it is too random to be guessed from this."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


class PushSubscription(models.Model):
    """One browser of a person. Whoever knows its endpoint can have things shown there, so that is kept encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint_digest = models.CharField(max_length=64, unique=True, editable=False)
    endpoint_token = models.TextField(editable=False)
    auth_token = models.TextField(editable=False)
    p256dh = models.CharField(max_length=128, editable=False)
    # The public half of our key at that time: a browser takes only what that one has signed.
    application_key = models.CharField(max_length=128, editable=False)
    label = models.CharField(_("device"), max_length=100, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = SubscriptionManager()

    class Meta:
        verbose_name = _("device for notifications")
        verbose_name_plural = _("devices for notifications")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.person}: {self.name}"

    @property
    def name(self) -> str:
        """What the device is called on the screen and in the record."""
        return self.label or str(_("unknown browser"))

    @property
    def short_digest(self) -> str:
        """By which a browser recognises itself in the list of devices."""
        return self.endpoint_digest[:16]

    def keep(self, endpoint: str, auth: str) -> None:
        """Take over the secrets."""
        self.endpoint_digest = digest_of(endpoint)
        self.endpoint_token, self.auth_token = encrypt(endpoint), encrypt(auth)

    @property
    def endpoint(self) -> str | None:
        """The address in clear, or None when it cannot be opened any more."""
        return decrypt(self.endpoint_token)

    @property
    def auth(self) -> str | None:
        """The shared secret in clear, or None when it cannot be opened any more."""
        return decrypt(self.auth_token)


class PushChoice(models.Model):
    """What a person has decided about one type of notification in browsers; no row means what the type begins with."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_choices")
    code = models.CharField(_("type"), max_length=64)
    wanted = models.BooleanField(_("wanted"))

    objects = ChoiceManager()

    class Meta:
        verbose_name = _("choice of notifications in browsers")
        verbose_name_plural = _("choices of notifications in browsers")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "code"], name="push_choice_once_per_person_and_type")]

    def __str__(self) -> str:
        return f"{self.person}: {self.code}"

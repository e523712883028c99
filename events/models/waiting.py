"""Waiting list of an event, offers of free places, and hand-overs of duties."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.staffing import Position
from events.querysets.waiting import HandOverQuerySet, OfferQuerySet, QueueQuerySet
from events.rules.waiting import HandOverState, OfferState


class OfEvent(models.Model):
    """A row that belongs to an event, also in the audit."""

    class Meta:
        abstract = True

    event: models.ForeignKey[Any, Any]

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}  # type: ignore[attr-defined]


class QueueEntry(OfEvent):
    """A person waits for a place on an event; kept while an offer to them is open, so that they can keep their turn."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="queue")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="queue_entries"
    )
    queued_at = models.DateTimeField(_("waiting since"), default=timezone.now)

    objects = QueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a waiting list")
        verbose_name_plural = _("waiting lists")
        ordering = ["queued_at", "id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="one_queue_entry_per_person_and_event")]

    def __str__(self) -> str:
        return f"{self.person} – {self.event}"


class Offer(OfEvent):
    """A free place offered to somebody from the waiting list; while it is open, it holds the place for them.

    `position` is empty where the event is staffed by conditions: then the offer holds a seat.
    """

    State = OfferState

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="offers")
    position = models.ForeignKey(
        Position,
        verbose_name=_("position"),
        null=True,
        blank=True,
        # Whoever deletes a position withdraws the open offer first; what was answered stays as a record.
        on_delete=models.SET_NULL,
        related_name="offers",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="offers"
    )
    offered_at = models.DateTimeField(_("offered"), default=timezone.now)
    expires_at = models.DateTimeField(_("to be answered until"))
    state = models.CharField(_("state"), max_length=16, choices=OfferState, default=OfferState.OPEN)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer of a place")
        verbose_name_plural = _("offers of places")
        ordering = ["offered_at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=Q(state=OfferState.OPEN), name="one_open_offer_per_position"
            ),
            models.UniqueConstraint(
                fields=["event", "person"], condition=Q(state=OfferState.OPEN), name="one_open_offer_per_person"
            ),
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="offer_known_state"),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN, answered_at__isnull=True)
                | (~Q(state=OfferState.OPEN) & Q(answered_at__isnull=False)),
                name="offer_open_until_answered",
            ),
            models.CheckConstraint(condition=Q(expires_at__gte=F("offered_at")), name="offer_expires_after_it_is_made"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state=OfferState.OPEN), name="offer_due")]

    def __str__(self) -> str:
        return f"{self.person} – {self.event}"


class HandOver(OfEvent):
    """A participant asks a certain person to take their duty over; nothing moves before that person accepts."""

    State = HandOverState

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="hand_overs")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="hand_overs"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("substitute"),
        on_delete=models.PROTECT,
        related_name="hand_overs_to_answer",
    )
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    state = models.CharField(_("state"), max_length=16, choices=HandOverState, default=HandOverState.PROPOSED)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over of a duty")
        verbose_name_plural = _("hand-overs of duties")
        ordering = ["proposed_at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person"],
                condition=Q(state=HandOverState.PROPOSED),
                name="one_open_hand_over_per_duty",
            ),
            models.CheckConstraint(condition=~Q(person=F("substitute")), name="hand_over_to_somebody_else"),
            models.CheckConstraint(condition=Q(state__in=HandOverState.values), name="hand_over_known_state"),
            models.CheckConstraint(
                condition=Q(state=HandOverState.PROPOSED, answered_at__isnull=True)
                | (~Q(state=HandOverState.PROPOSED) & Q(answered_at__isnull=False)),
                name="hand_over_open_until_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.substitute} – {self.event}"

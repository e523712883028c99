"""Positions, staffing conditions and assignments."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.models.event import Event
from events.querysets import AssignmentQuerySet, PositionQuerySet
from medcover.common.db import Versioned


class Position(Versioned, models.Model):
    """One place for one person; whoever takes it needs every living qualification it demands."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="positions")
    description = models.CharField(_("description of the position"), max_length=255, blank=True)
    is_optional = models.BooleanField(_("optional"), default=False)
    qualifications = models.ManyToManyField(
        Qualification,
        verbose_name=_("required qualifications"),
        blank=True,
        related_name="positions",
        help_text=_("Empty = anyone"),
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["is_optional", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.description or str(_("Position"))

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}

    @property
    def occupant(self) -> Any:
        """The person on this place, or None; free when the row was read `with_crew()`."""
        assignment = getattr(self, "assignment", None)
        return assignment.person if assignment else None


class StaffingCondition(models.Model):
    """A number of people with a qualification that the crew of an event has to hold; in the planner's order."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="conditions")
    qualification = models.ForeignKey(
        Qualification, verbose_name=_("qualification"), on_delete=models.PROTECT, related_name="conditions"
    )
    minimum = models.PositiveSmallIntegerField(_("minimum"))
    order = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("staffing condition")
        verbose_name_plural = _("staffing conditions")
        ordering = ["order", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["event", "qualification"], name="condition_once_per_qualification"),
            models.CheckConstraint(condition=models.Q(minimum__gte=1), name="condition_minimum_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.qualification} ×{self.minimum}"

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}


class Assignment(models.Model):
    """A person on an event; on a position, or on none where the event is staffed by conditions.

    That the position belongs to the same event is held by a composite foreign key in the database.
    """

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="assignments")
    position = models.OneToOneField(
        Position,
        verbose_name=_("position"),
        null=True,
        blank=True,
        # An occupied position is never deleted alone, only together with its whole event.
        on_delete=models.RESTRICT,
        related_name="assignment",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="assignments"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    assigned_at = models.DateTimeField(_("assigned at"), default=timezone.now)
    #: When the person was last reminded of the duty.
    reminded_at = models.DateTimeField(null=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["assigned_at", "id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="one_assignment_per_person_and_event")]
        indexes = [models.Index(fields=["person", "event"], name="assignment_person")]

    def __str__(self) -> str:
        return f"{self.person} – {self.event}"

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.event_id}

"""Event model."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models.figures import StaffingFigures
from events.models.master import MasterEvent
from events.querysets import EventQuerySet
from events.querysets.staffing import ConditionsRead, Participant, conditions_of_now
from events.rules.joining import Crew
from events.rules.lifecycle import FINAL, Status
from events.rules.planning import Kind
from events.rules.readiness import Readiness
from events.rules.reminders import DEFAULT_SCHEDULE
from events.rules.staffing import Mode, Staffing
from medcover.common.db import Named, TimeStamped, Versioned
from medcover.common.intervals import hours


class Event(Versioned, TimeStamped, Named, StaffingFigures, models.Model):
    """Something that is covered by people, from `start` up to, not including, `end`."""

    Status = Status
    Kind = Kind
    Mode = Mode

    name = models.CharField(_("name"), max_length=255)
    master_event = models.ForeignKey(
        MasterEvent, verbose_name=_("master event"), on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField(_("type of event"), max_length=16, choices=Kind, default=Kind.MEDICAL)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT, editable=False)
    is_archived = models.BooleanField(_("archived"), default=False, editable=False)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    signups_open_at = models.DateTimeField(
        _("sign-ups open at"), null=True, blank=True, help_text=_("Empty = at once when the event is published")
    )
    address = models.CharField(_("address"), max_length=500, blank=True)
    contact = models.CharField(_("contact person"), max_length=255, blank=True)
    is_paid = models.BooleanField(_("paid event"), default=False)
    description = models.TextField(_("description"), blank=True)
    colour = models.CharField(
        _("colour"), max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9A-F]{6}$")], editable=False
    )
    responsible_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("responsible person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_events",
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    actual_start = models.DateTimeField(_("actual start"), null=True, blank=True, editable=False)
    actual_end = models.DateTimeField(_("actual end"), null=True, blank=True, editable=False)
    planned_participants = models.PositiveIntegerField(_("planned number of participants"), null=True, blank=True)
    post_event_count = models.PositiveIntegerField(_("number after the event"), null=True, blank=True, editable=False)
    staffing_mode = models.CharField(_("staffing"), max_length=16, choices=Mode, default=Mode.POSITIONS, editable=False)
    min_participants = models.PositiveIntegerField(_("minimum of participants"), null=True, blank=True, editable=False)
    max_participants = models.PositiveIntegerField(_("maximum of participants"), null=True, blank=True, editable=False)
    reminder_schedule = models.CharField(
        _("reminders of free places"),
        max_length=60,
        default=DEFAULT_SCHEDULE,
        blank=True,
        help_text=_(
            "Hours before the start, separated by commas, for example 72, 24. The responsible person and the "
            "coordinator of the master event are reminded while somebody is missing."
        ),
    )
    #: By offset in hours, when its reminder went out.
    reminders_sent = models.JSONField(default=dict, editable=False)
    capacity_closed = models.BooleanField(_("closed by capacity"), default=False, editable=False)

    #: In this order a form shows the fields and a history their changes.
    FORM_ORDER = (
        "name", "kind", "planned_participants", "master_event", "responsible_person", "start", "end", "signups_open_at",
        "min_participants", "max_participants", "is_paid", "address", "contact", "description", "reminder_schedule",
    )  # fmt: skip

    #: Whether the figures in the row may be believed: it was read `with_staffing()`.
    carries_staffing = False
    #: The row as `lock_event` has read it, and as it was written since.
    as_locked: Event | None = None
    #: Set by `with_readiness()`; stays None for what is not to take place, or not any more.
    readiness: Readiness | None = None

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["start", "id"]
        permissions = [
            ("view_draft_event", _("Can view drafts of events")),
            ("publish_event", _("Can publish events")),
            ("open_signups", _("Can open sign-ups")),
            ("close_signups", _("Can close sign-ups")),
            ("cancel_event", _("Can cancel events")),
            ("restore_event", _("Can restore cancelled events")),
            ("archive_draft_event", _("Can archive drafts")),
            ("archive_event", _("Can archive events")),
            ("unarchive_event", _("Can unarchive events")),
            ("assign_own", _("Can sign up and off")),
            ("assign_other", _("Can assign and remove others")),
            ("set_responsible_person", _("Can choose the responsible person")),
            ("send_notification", _("Can send messages about events")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")),
                name="event_ends_after_start",
                violation_error_message=_("The end of the event must be after its start."),
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="event_known_status"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="event_known_kind"),
            models.CheckConstraint(
                condition=Q(planned_participants__isnull=True) | Q(kind=Kind.TRAINING),
                name="event_planned_count_only_for_training",
                violation_error_message=_("Only a training has a planned number of participants."),
            ),
            models.CheckConstraint(
                condition=Q(staffing_mode=Mode.POSITIONS, min_participants__isnull=True, max_participants__isnull=True)
                | Q(
                    # A comparison with NULL is not false, so a check would let it pass.
                    staffing_mode=Mode.CONDITIONS,
                    min_participants__isnull=False,
                    max_participants__isnull=False,
                    min_participants__gte=1,
                    max_participants__gte=F("min_participants"),
                ),
                name="event_capacity_only_with_conditions",
            ),
            models.CheckConstraint(
                condition=Q(capacity_closed=False) | Q(status=Status.CLOSED), name="event_capacity_closed_is_closed"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "start"], name="event_status_start"),
            models.Index(fields=["start"], condition=Q(is_archived=False), name="event_living_start"),
            # Of five years' events few are still to end.
            models.Index(fields=["end"], condition=Q(is_archived=False), name="event_living_end"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the event's page."""
        return event_url(self.pk)

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit which event its entries belong to."""
        return {"event_id": self.pk}

    @property
    def planned_hours(self) -> Decimal:
        """Length of the plan in hours, to one decimal."""
        return hours(self.start, self.end)

    @property
    def actual_hours(self) -> Decimal | None:
        """Length as it really was, in hours to one decimal; None until both times are known."""
        if self.actual_start is None or self.actual_end is None:
            return None
        return hours(self.actual_start, self.actual_end)

    @property
    def is_final(self) -> bool:
        """Completed or cancelled: nothing may be edited any more."""
        return self.status in FINAL

    @property
    def is_booked_out(self) -> bool:
        """Nobody else can sign up, by the figures in the row: every place is taken, or held by an offer."""
        places, taken = self.mandatory_total + self.optional_total, self.mandatory_filled + self.optional_filled
        if self.by_conditions:
            places, taken = self.max_participants or 0, self.participant_count
        return bool(0 < places <= taken + self.held_places)

    @property
    def staffing(self) -> Staffing:
        """Figures of the staffing; free when the row was read `with_staffing()`, else read for it alone."""
        if self.by_conditions:
            return self._read.figures
        if not self.carries_staffing:
            return self.staffing_of_now()
        return self.position_staffing()

    @property
    def crew(self) -> Crew:
        """The people against the conditions; only of an event staffed by conditions, as cheap as `staffing`."""
        return self._read.crew

    @property
    def participants(self) -> list[Participant]:
        """The people on an event staffed by conditions, in order of name; as cheap as `staffing`."""
        return self._read.people

    @property
    def _read(self) -> ConditionsRead:
        if self.conditions_read is None:
            self.conditions_read = self._of_now().conditions_read
        if self.conditions_read is None:
            raise TypeError("Only an event staffed by conditions has a crew to be measured.")
        return self.conditions_read

    def staffing_of_now(self) -> Staffing:
        """Figures of the staffing as the database holds them at this moment."""
        return self._of_now().staffing

    def crew_of_now(self) -> Crew:
        """The people against the conditions as the database holds them at this moment."""
        if not self.by_conditions:
            raise TypeError("Only an event staffed by conditions has a crew to be measured.")
        return conditions_of_now(self).crew

    def _of_now(self) -> Event:
        found: Event = type(self).objects.order_by().with_staffing().get(pk=self.pk)
        return found


@lru_cache(maxsize=16_384)
def event_url(key: int) -> str:
    """Return the address of an event's page; kept, because lists and feeds need the same ones over and over."""
    return reverse("events:detail", args=[key])

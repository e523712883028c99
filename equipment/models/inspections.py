"""Repeating checks: what is to be checked how often, what came of it, and until when each item is in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment import inspection_rules
from equipment.inspection_querysets import InspectionQuerySet, PlanQuerySet, ResultQuerySet
from equipment.models.parts import Attachment
from equipment.models.stock import EquipmentItem, EquipmentType
from events.models import Event
from medcover.common.db import Named, TimeStamped, Versioned

MOST_MONTHS, MOST_USES, MOST_DAYS = 240, 100_000, 366
#: Of a checklist, in lines.
MOST_LINES = 40


class InspectionPlan(Versioned, TimeStamped, Named, models.Model):
    """A check that every item of a type has to pass again and again. Archived, never deleted."""

    type = models.ForeignKey(
        EquipmentType, verbose_name=_("type"), on_delete=models.CASCADE, related_name="inspection_plans"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=80)
    months = models.PositiveSmallIntegerField(
        _("every (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
        help_text=_("Counted from the last inspection that was passed; without one, from the day of acquisition."),
    )
    uses = models.PositiveIntegerField(
        _("after so many uses"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_USES)],
        help_text=_(
            "A use is over when somebody returns the item, or when it comes back from an event. An inspection that is "
            "recorded on a later day counts the uses of its own day. With months as well, whichever is sooner counts."
        ),
    )
    is_safety = models.BooleanField(
        _("safety inspection"),
        default=False,
        help_text=_("An item that is overdue or has failed counts for no event and is not handed out."),
    )
    checklist = models.TextField(
        _("checklist"),
        blank=True,
        validators=[MaxLengthValidator(4000)],
        help_text=_("One point to a line; they are ticked when the inspection is recorded."),
    )
    remind_days = models.PositiveSmallIntegerField(
        _("remind days ahead"), default=30, validators=[MaxValueValidator(MOST_DAYS)]
    )
    is_archived = models.BooleanField(_("archived"), default=False)

    #: Set by services that make it stricter: the events that lack something because of it.
    breaks: Sequence[Event] = ()

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan of inspections")
        verbose_name_plural = _("plans of inspections")
        default_permissions = ()
        ordering = ["name_sort", "id"]
        constraints = [
            models.UniqueConstraint(
                "type",
                Lower("name"),
                name="inspection_plan_name_unique",
                violation_error_message=_("The type has an inspection of this name already, perhaps in the archive."),
            ),
            models.CheckConstraint(
                condition=Q(months__isnull=False, months__gte=1) | Q(uses__isnull=False, uses__gte=1),
                name="inspection_plan_comes_round",
                violation_error_message=_("Say after how many months or after how many uses the inspection is due."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def repeat(self) -> inspection_rules.Repeat:
        """When it comes round, as the rules take it."""
        return inspection_rules.Repeat(self.months, self.uses)

    @property
    def points(self) -> list[str]:
        """The checklist, point by point."""
        return [line for line in self.checklist.splitlines() if line]


class InspectionResult(models.Model):
    """What came of one inspection of an item. Never altered: a newer row that `corrects` it takes its place."""

    class Outcome(models.TextChoices):
        """How it ended; what was recorded by mistake does not count."""

        PASSED = "passed", _("Passed")
        REMARKS = "remarks", _("Passed with remarks")
        FAILED = "failed", pgettext_lazy("inspection", "Failed")
        VOID = "void", _("Recorded by mistake")

    item = models.ForeignKey(
        EquipmentItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="inspection_results"
    )
    plan = models.ForeignKey(
        InspectionPlan, verbose_name=_("inspection"), on_delete=models.PROTECT, related_name="results"
    )
    done_on = models.DateField(_("day of the inspection"))
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    firm = models.CharField(_("outside firm"), max_length=120, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    note = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(2000)])
    next_due = models.DateField(_("next inspection set by the inspector"), null=True, blank=True)
    #: The points of the checklist on that day, one to a line.
    ticked = models.TextField(_("ticked points"), blank=True)
    unticked = models.TextField(_("points not ticked"), blank=True)
    protocol = models.ForeignKey(
        Attachment,
        verbose_name=_("report of the inspection"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    corrects = models.OneToOneField(
        "self", verbose_name=_("corrects"), on_delete=models.PROTECT, null=True, blank=True, related_name="correction"
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    #: Set by the service that records it: the events that lack something because of it.
    breaks: Sequence[Event] = ()

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of an inspection")
        verbose_name_plural = _("results of inspections")
        default_permissions = ()
        permissions = [("record_inspection", _("Can record inspections of items"))]
        ordering = ["-done_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_by__isnull=False, firm="") | (Q(done_by__isnull=True) & ~Q(firm="")),
                name="inspection_result_done_by_one",
            ),
            models.CheckConstraint(
                condition=Q(outcome="passed") | ~Q(note=""), name="inspection_result_note_unless_passed"
            ),
            models.CheckConstraint(
                condition=Q(next_due__isnull=True) | Q(outcome__in=["passed", "remarks"], next_due__gt=F("done_on")),
                name="inspection_result_next_due_after_a_pass",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="void") | Q(corrects__isnull=False), name="inspection_result_void_corrects"
            ),
        ]
        indexes = [models.Index(fields=["item", "plan", "done_on"], name="inspection_result_of_item")]

    def __str__(self) -> str:
        return f"{self.item} – {self.plan}"

    @property
    def counts(self) -> bool:
        """It has neither been corrected nor withdrawn."""
        return self.outcome != self.Outcome.VOID and not hasattr(self, "correction")

    @property
    def who(self) -> str:
        """The person or firm that made the inspection."""
        return self.firm or (self.done_by.name if self.done_by else "")

    @property
    def as_check(self) -> inspection_rules.Check:
        """The result as the rules take it."""
        passed = self.outcome in {self.Outcome.PASSED, self.Outcome.REMARKS}
        return inspection_rules.Check(self.done_on, passed, self.recorded_at, self.next_due)


class ItemInspection(models.Model):
    """How an item stands with one plan of its type: derived from plan, results and uses, and stored to be asked in SQL.

    Services write it (`services.standings`); `manage.py verify_inspections` proves it.
    """

    item = models.ForeignKey(
        EquipmentItem, verbose_name=_("item"), on_delete=models.CASCADE, related_name="inspections"
    )
    plan = models.ForeignKey(
        InspectionPlan, verbose_name=_("inspection"), on_delete=models.CASCADE, related_name="standings"
    )
    #: The last day on which the item is in order; None as long as nothing is due.
    due_on = models.DateField(_("due on"), null=True, db_index=True)
    uses = models.PositiveIntegerField(_("uses since the last inspection"), default=0)
    last_result = models.ForeignKey(
        InspectionResult, verbose_name=_("last result"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection of an item")
        verbose_name_plural = _("inspections of items")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["item", "plan"], name="item_inspection_once")]

    def __str__(self) -> str:
        return f"{self.item} – {self.plan}"

    @property
    def has_failed(self) -> bool:
        """It was not passed the last time."""
        return self.last_result is not None and self.last_result.outcome == InspectionResult.Outcome.FAILED

    def state_on(self, day: date) -> inspection_rules.State:
        """Say how it is seen on a day."""
        return inspection_rules.state_of(
            self.due_on, failed=self.has_failed, today=day, remind_days=self.plan.remind_days
        )

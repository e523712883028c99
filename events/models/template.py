"""Event templates: a staffing plan with a name, to begin new events with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.querysets import TemplateQuerySet
from events.rules.planning import Kind
from events.rules.staffing import Mode
from medcover.common.db import Named, TimeStamped, Versioned


class EventTemplate(Versioned, TimeStamped, Named, models.Model):
    """What new events may begin with; nothing links an event to its template afterwards."""

    name = models.CharField(
        _("name"),
        max_length=255,
        unique=True,
        error_messages={"unique": _("A template of this name already exists.")},
    )
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("type of event"), max_length=16, choices=Kind, default=Kind.MEDICAL)
    is_paid = models.BooleanField(_("paid event"), default=False)
    staffing_mode = models.CharField(
        _("staffing"), max_length=16, choices=Mode, default=Mode.CONDITIONS, editable=False
    )
    min_participants = models.PositiveIntegerField(_("minimum of participants"), null=True, blank=True, editable=False)
    max_participants = models.PositiveIntegerField(_("maximum of participants"), null=True, blank=True, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("event template")
        verbose_name_plural = _("event templates")
        ordering = ["name_sort", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="template_known_kind"),
            models.CheckConstraint(
                condition=Q(staffing_mode=Mode.POSITIONS, min_participants__isnull=True, max_participants__isnull=True)
                | Q(
                    staffing_mode=Mode.CONDITIONS,
                    min_participants__isnull=False,
                    max_participants__isnull=False,
                    min_participants__gte=1,
                    max_participants__gte=F("min_participants"),
                ),
                name="template_capacity_only_with_conditions",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_conditions(self) -> bool:
        """The demand for people is described by conditions, not by positions."""
        return self.staffing_mode == Mode.CONDITIONS


class TemplatePosition(models.Model):
    """A position that events of the template begin with."""

    template = models.ForeignKey(EventTemplate, on_delete=models.CASCADE, related_name="positions")
    description = models.CharField(_("description of the position"), max_length=255, blank=True)
    is_optional = models.BooleanField(_("optional"), default=False)
    qualifications = models.ManyToManyField(
        Qualification, verbose_name=_("required qualifications"), blank=True, related_name="template_positions"
    )

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["is_optional", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.description or str(_("Position"))


class TemplateCondition(models.Model):
    """A condition that events of the template begin with."""

    template = models.ForeignKey(EventTemplate, on_delete=models.CASCADE, related_name="conditions")
    qualification = models.ForeignKey(
        Qualification, verbose_name=_("qualification"), on_delete=models.PROTECT, related_name="template_conditions"
    )
    minimum = models.PositiveSmallIntegerField(_("minimum"))
    order = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("staffing condition")
        verbose_name_plural = _("staffing conditions")
        ordering = ["order", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["template", "qualification"], name="template_condition_once"),
            models.CheckConstraint(condition=Q(minimum__gte=1), name="template_condition_minimum_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.qualification} ×{self.minimum}"

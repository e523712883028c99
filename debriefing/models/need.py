"""Needs: what people say would help next time, or has to be refilled, and what has become of it.

Nothing here is confidential. Who said it is known to the debriefing and is shown to nobody who works with needs.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from debriefing.models.debriefing import Debriefing, UsedMaterial
from debriefing.need_querysets import NeedQuerySet
from debriefing.need_rules import WORDS_LIMIT, Kind, Outcome, State
from equipment.models import EquipmentType
from events.models import EventTemplate
from medcover.common.czech import fold

#: Of each kind the one column that says what is needed.
SUBJECTS = {Kind.PEOPLE: "qualification", Kind.EQUIPMENT: "equipment_type", Kind.MATERIAL: "material"}


def _one_subject() -> Q:
    found = Q()
    for kind, own in SUBJECTS.items():
        given = {f"{name}__isnull": name != own for name in SUBJECTS.values()}
        found |= Q(kind=kind, **given)
    return found


class Need(models.Model):
    """So many more of something, as one person wrote of one event; open until somebody settles it."""

    Kind, State, Outcome = Kind, State, Outcome

    debriefing = models.ForeignKey(
        Debriefing, verbose_name=_("debriefing"), on_delete=models.CASCADE, related_name="needs"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    qualification = models.ForeignKey(
        Qualification, verbose_name=_("qualification"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    # A type can be deleted only while nothing is of it; then nobody needs more of it either.
    equipment_type = models.ForeignKey(
        EquipmentType, verbose_name=_("type"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    material = models.OneToOneField(
        UsedMaterial, verbose_name=_("used material"), on_delete=models.CASCADE, null=True, related_name="need"
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    words = models.CharField(_("what for"), max_length=WORDS_LIMIT, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    outcome = models.CharField(_("what it became"), max_length=10, choices=Outcome, blank=True)
    template = models.ForeignKey(
        EventTemplate, verbose_name=_("event template"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    #: How it was settled by hand, or why it was dismissed.
    note = models.CharField(_("note"), max_length=200, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("settled by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled"), null=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        default_permissions = ()
        permissions = [("settle_needs", _("Can settle what debriefings ask for"))]
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=_one_subject(), name="need_of_one_thing"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=999), name="need_quantity_in_range"),
            models.CheckConstraint(
                condition=Q(state=State.OPEN, settled_at__isnull=True, settled_by__isnull=True, outcome="", note="")
                | Q(state=State.DONE, settled_at__isnull=False) & ~Q(outcome="")
                | Q(state=State.DISMISSED, settled_at__isnull=False, outcome="") & ~Q(note=""),
                name="need_settled_with_an_outcome",
            ),
        ]
        indexes = [
            # Of years' needs only the open ones are counted and listed by itself.
            models.Index(fields=["debriefing"], condition=Q(state=State.OPEN), name="needs_open")
        ]

    def __str__(self) -> str:
        return f"{self.quantity}× {self.subject}"

    @property
    def subject(self) -> str:
        """What is needed, as people call it."""
        return str(self.qualification or self.equipment_type or self.material_name)

    @property
    def known_subject(self) -> str:
        """What is needed, by a name that the organisation gave it; of material in somebody's own words the kind."""
        consumable = self.material.consumable if self.material else None
        return str(self.qualification or self.equipment_type or consumable or self.get_kind_display())

    @property
    def group(self) -> tuple[str, object]:
        """Needs of one event that are equal in this are the same need of several people."""
        if self.material is None:
            return self.kind, self.qualification_id or self.equipment_type_id
        return self.kind, self.material.consumable_id or fold(self.material.name)

    @property
    def material_name(self) -> str:
        """The material: as the stock calls it where it is known there, otherwise in the writer's words."""
        if self.material is None:
            return ""
        return str(self.material.consumable or self.material.name)

"""Models of qualifications, the stored closure of their graph, holdings, and what an invitation will grant."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from credentials.querysets import HoldingQuerySet, QualificationQuerySet
from medcover.common.db import Named, Versioned
from roster.models import Invitation


class Qualification(Versioned, Named, models.Model):
    """Something a person can be qualified for.

    A parent's holder may stand in for this qualification: Lékař is a parent of Záchranář. The link works
    one way and over any number of steps.
    """

    name = models.CharField(_("name"), max_length=128)
    description = models.TextField(_("description"), blank=True)
    can_lead = models.BooleanField(
        _("can be responsible person"),
        default=False,
        help_text=_("Direct holders may be the responsible person of an event. The flag is not inherited."),
    )
    direct_substitutes = models.ManyToManyField(
        "self",
        verbose_name=_("superior qualifications (may stand in)"),
        symmetrical=False,
        related_name="directly_substitutes",
        db_table="credentials_qualification_parents",
        blank=True,
    )
    is_deleted = models.BooleanField(_("deleted"), default=False, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["name_sort", "id"]
        permissions = [("assign_qualification", _("Can change the qualifications of people"))]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(is_deleted=False),
                name="qualification_name_unique_among_living",
                violation_error_message=_("A qualification of this name already exists."),
            ),
            models.CheckConstraint(
                condition=Q(is_deleted=True, deleted_at__isnull=False) | Q(is_deleted=False, deleted_at__isnull=True),
                name="qualification_deletion_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Substitution(models.Model):
    """One pair of the transitive closure: a holder of `substitute` satisfies a demand for `requirement`.

    Contains every living qualification with itself. Chains run through deleted qualifications, but a
    deleted one is neither substitute nor requirement. Rebuilt by `services` with every change of the
    graph, so that all questions of eligibility are plain joins.
    """

    requirement = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="satisfied_by")
    substitute = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="satisfies")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["requirement", "substitute"], name="substitution_once")]

    def __str__(self) -> str:
        return f"{self.substitute_id} → {self.requirement_id}"


class Holding(models.Model):
    """A person's qualification, valid up to and including `valid_until` (None: without end)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="holdings"
    )
    qualification = models.ForeignKey(
        Qualification, verbose_name=_("qualification"), on_delete=models.PROTECT, related_name="holdings"
    )
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("Last day on which it counts; empty means without end.")
    )

    # Which reminder of its end was the last one: so many days before it.
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification of a person")
        verbose_name_plural = _("qualifications of people")
        default_permissions = ()
        ordering = ["qualification__name_sort"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "qualification"],
                name="holding_once_per_person",
                violation_error_message=_("The person already holds this qualification."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.qualification}"

    def is_valid_on(self, day: date) -> bool:
        """Say whether the holding counts on `day`."""
        return self.valid_until is None or day <= self.valid_until


class InvitationGrant(models.Model):
    """A qualification that the invited person is given when they register."""

    invitation = models.ForeignKey(
        Invitation, verbose_name=_("invitation"), on_delete=models.CASCADE, related_name="grants"
    )
    qualification = models.ForeignKey(
        Qualification, verbose_name=_("qualification"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("qualification granted by an invitation")
        verbose_name_plural = _("qualifications granted by invitations")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["invitation", "qualification"], name="invitation_grant_once")]

    def __str__(self) -> str:
        return f"{self.invitation} – {self.qualification}"

"""Confidential answers: for the eyes of debriefing managers, and of whoever wrote them.

They are kept apart from the debriefing so that whatever reads debriefings (pages, reports, exports) does not have them
at hand by accident. They have no page in the backoffice and are never recorded. Read them with
`ConfidentialAnswers.objects.readable_by(reader)` and in no other way.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from debriefing.models.debriefing import Debriefing
from debriefing.querysets import ConfidentialAnswersQuerySet
from debriefing.rules import TEXTS, NoteStatus


class ConfidentialAnswers(models.Model):
    """Whether something was unusual, and in the writer's words what it was."""

    NoteStatus = NoteStatus

    debriefing = models.OneToOneField(
        Debriefing, verbose_name=_("debriefing"), on_delete=models.CASCADE, primary_key=True, related_name="answers"
    )
    note_status = models.PositiveSmallIntegerField(_("note"), choices=NoteStatus)
    feedback_event = models.TextField(_("how the event went"), blank=True)
    feedback_customer = models.TextField(_("the customer or organiser"), blank=True)
    feedback_colleagues = models.TextField(_("colleagues"), blank=True)

    objects = ConfidentialAnswersQuerySet.as_manager()

    class Meta:
        verbose_name = _("confidential answers")
        verbose_name_plural = _("confidential answers")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(note_status__in=NoteStatus.values), name="debriefing_known_note_status"),
            models.CheckConstraint(
                condition=Q(note_status=NoteStatus.DESCRIBED) | Q(**dict.fromkeys(TEXTS, "")),
                name="debriefing_texts_only_when_described",
            ),
        ]

    def __str__(self) -> str:
        # Whatever prints a row (a log, an error report) must not tell what stands in it.
        name = _("Confidential answers")
        return f"{name} {self.pk}"

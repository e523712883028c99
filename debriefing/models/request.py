"""Who was asked for a debriefing and when: the memory of invitations and reminders."""

from __future__ import annotations

from django.db import models

from debriefing.querysets import DebriefingRequestQuerySet
from events.models import Assignment


class DebriefingRequest(models.Model):
    """One person was asked for the debriefing of one duty.

    Duties that ended before anybody was asked, such as imported ones, have none; nobody is reminded of them.
    """

    assignment = models.OneToOneField(
        Assignment, on_delete=models.CASCADE, primary_key=True, related_name="debriefing_request"
    )
    invited_at = models.DateTimeField()
    #: When the person was last reminded gently: by the worker, or by a debriefing manager.
    reminded_at = models.DateTimeField(null=True)
    #: When the person was reminded for the last time.
    last_reminded_at = models.DateTimeField(null=True)

    objects = DebriefingRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            # Of years' requests only the latest are still to be reminded of.
            models.Index(
                fields=["invited_at"],
                condition=models.Q(last_reminded_at__isnull=True),
                name="debriefing_request_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.invited_at:%Y-%m-%d}"

"""Personal data in this app: what a person has handed in, and their name in what others write about events.

How many answers name somebody is confidential itself: whoever looks into an erasure is told that such words go, and
never whether there are any. What others have written about a person is not given out to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy

from debriefing.models import ConfidentialAnswers, Debriefing, Need, UsedMaterial
from debriefing.rules import TEXTS
from events.models import Assignment, Event
from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Mask, Needle
from roster.models import User
from roster.privacy.export import Labels, Part, choice
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

_LABELS: Labels = {
    "event_id": "",
    "event": gettext_lazy("Event"),
    "start": gettext_lazy("Start"),
    "submitted_at": gettext_lazy("Submitted"),
    "own_start": gettext_lazy("There from"),
    "own_end": gettext_lazy("There until"),
    "own_hours": gettext_lazy("Own hours"),
    "material": gettext_lazy("Material used"),
    "needs": gettext_lazy("What would help next time"),
    "note": gettext_lazy("Note"),
    "feedback_event": gettext_lazy("How the event went"),
    "feedback_customer": gettext_lazy("The customer or organiser"),
    "feedback_colleagues": gettext_lazy("Colleagues"),
}


class DebriefingData(Contributor):
    """What was handed in stays under the pseudonym, as the organisation learns from it; names in texts go."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out the person's own debriefings, the confidential part of them included."""
        own = ConfidentialAnswers.objects.filter(debriefing__assignment__person=person)
        rows = Debriefing.objects.of(person).select_related("assignment__event").order_by("submitted_at", "pk")
        needs = Need.objects.besides_material().with_subject()
        found = rows.prefetch_related(Prefetch("answers", own), "material", Prefetch("needs", needs))
        yield Part("debriefings", gettext_lazy("Your debriefings"), _LABELS, [*map(_debriefing, found)])

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Name what is masked, uncounted."""
        yield Finding(gettext_lazy("name and contacts in debriefings, wherever they stand there"))

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Count what the person has handed in, and what of others they have dealt with."""
        key = identity.person_id
        count = Debriefing.objects.filter(Q(assignment__person=key) | Q(submitted_by=key)).count()
        yield Finding(gettext_lazy("debriefings handed in"), count)
        yield Finding(gettext_lazy("needs dealt with"), Need.objects.filter(settled_by=key).count())

    def erase(self, erasure: Erasure) -> None:
        """Mask the person in all texts: for certain where they had to do with the event, else where it must be them."""
        for rows, texts, needle, mask in _texts(erasure):
            # Several rows may belong to one event; in the order of keys, as everybody locks rows of a kind.
            mask_rows(mentioning(rows, texts, needle).select_for_update().order_by("pk"), texts, mask)


def _texts(erasure: Erasure) -> Iterator[tuple[QuerySet[Any], tuple[str, ...], Needle, Mask]]:
    identity = erasure.identity
    columns: list[tuple[type[Any], tuple[str, ...]]] = [
        (UsedMaterial, ("name",)),
        (Need, ("words", "note")),
        (ConfidentialAnswers, TEXTS),
    ]
    for model, texts in columns:
        rows = model._default_manager.all()
        concerned = Q(debriefing__assignment__event__in=_events_of(identity.person_id))
        yield rows.filter(concerned), texts, identity.own, erasure.own
        yield rows.exclude(concerned), texts, identity.elsewhere, erasure.elsewhere


def _events_of(person_id: Any) -> QuerySet[Event, Any]:
    duties = Assignment.objects.of(person_id).values("event")
    return Event.objects.filter(Q(pk__in=duties) | Q(responsible_person=person_id)).order_by().values("pk")


def _debriefing(row: Debriefing) -> dict[str, Any]:
    event, answers = row.assignment.event, row.answers
    return {
        "event_id": event.pk,
        "event": event.name,
        "start": event.start,
        "submitted_at": row.submitted_at,
        "own_start": row.own_start,
        "own_end": row.own_end,
        "own_hours": row.own_hours,
        "material": [str(used) for used in row.material.all()],
        "needs": [_said(need) for need in row.needs.all()],
        "note": choice(answers, "note_status"),
        **{name: getattr(answers, name) for name in TEXTS},
    }


def _said(need: Need) -> str:
    return f"{need} – {need.words}" if need.words else str(need)

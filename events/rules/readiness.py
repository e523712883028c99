"""Readiness of an event: one light of three, whether it can take place as planned, with the reasons in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from events.rules.lifecycle import RUNNING
from events.rules.staffing import ConditionStaffing, PositionStaffing, Staffing

#: So long before its start, and during it, an event that is not ready is an alarm.
NEAR = timedelta(days=7)


class Light(TextChoices):
    """The readiness of an event in one word."""

    READY = "ready", pgettext_lazy("readiness", "Ready")
    ATTENTION = "attention", pgettext_lazy("readiness", "Attention")
    ALARM = "alarm", pgettext_lazy("readiness", "Urgent")


@dataclass(frozen=True)
class Reason:
    """Something that stands against the event as planned.

    `code` names the sort of it (people, conditions, leader and what other apps add), `words` say it to people, `brief`
    in a line of a list; empty means that the words are short enough.
    """

    code: str
    words: str
    brief: str = ""

    @property
    def in_a_line(self) -> str:
        """The words for a line of a list."""
        return self.brief or self.words


@dataclass(frozen=True)
class Readiness:
    """The light of one event and everything that keeps it from being green."""

    light: Light
    reasons: Sequence[Reason] = ()


def is_watched(status: str, *, is_archived: bool, end: datetime, at: datetime) -> bool:
    """Say whether the event is still to take place, so that its readiness matters; a draft is a plan so far."""
    return status in RUNNING and not is_archived and end > at


def judged(reasons: Sequence[Reason], *, start: datetime, at: datetime) -> Readiness:
    """Return the light of an event that begins at `start`, as it is seen at `at`."""
    if not reasons:
        return Readiness(Light.READY)
    return Readiness(Light.ALARM if start - at <= NEAR else Light.ATTENTION, reasons)


def reasons_in(staffing: Staffing, *, has_leader: bool) -> list[Reason]:
    """Return what people, conditions and the lead leave to be wished for; `has_leader` says that somebody is named."""
    match staffing:
        case ConditionStaffing():
            return list(_in_conditions(staffing))
        case PositionStaffing():
            return [*_in_positions(staffing), *([] if has_leader else [_leaderless(_("No responsible person"))])]
    raise TypeError(f"Unknown way of staffing: {staffing!r}")


def _in_positions(staffing: PositionStaffing) -> Iterator[Reason]:
    free = staffing.mandatory_free
    if not staffing.mandatory_total:
        yield Reason("people", _("The event has no mandatory position"))
    elif free:
        words = ngettext("%d mandatory position is free", "%d mandatory positions are free", free)
        yield Reason("people", words % free)


def _in_conditions(staffing: ConditionStaffing) -> Iterator[Reason]:
    if staffing.is_full and not staffing.is_sufficient:
        yield Reason("full", str(staffing.level.label))
    if staffing.missing:
        yield Reason("people", _("Participants missing: %d") % staffing.missing)
    if staffing.unmet:
        listed = ", ".join(f"{row.name} ×{row.deficit}" for row in staffing.unmet)
        yield Reason("conditions", _("Qualifications missing: %s") % listed, _("Missing: %s") % listed)
    if not staffing.leader_is_valid:
        yield _leaderless(_("No qualified responsible person"))


def _leaderless(words: str) -> Reason:
    return Reason("leader", words, _("No RP"))

"""Open proposals to hand a duty over, as far as they end by themselves; the event is always locked.

What people do with them is in `handover`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.models import Event, HandOver
from events.rules.waiting import HandOverState
from events.services import notifications
from medcover.system import audit

_CLOSING = {
    HandOverState.ACCEPTED: _("%(substitute)s took the duty of %(person)s on %(event)s over"),
    HandOverState.DECLINED: _("%(substitute)s declined to take the duty of %(person)s on %(event)s over"),
    HandOverState.WITHDRAWN: _("The proposal of %(person)s to hand %(event)s over to %(substitute)s was withdrawn"),
}


def close(event: Event, proposal: HandOver, state: HandOverState, *, at: datetime, by: Any = None) -> None:
    """Write what has become of an open proposal."""
    proposal.state, proposal.answered_at = state, at
    words = {"person": proposal.person.name, "substitute": proposal.substitute.name, "event": event.name}
    with audit.trail(by=by, kind="edit", summary=audit.sentence(_CLOSING[state], words)):
        proposal.save(update_fields=["state", "answered_at"])


def of_leaver(event: Event, person: Any, *, at: datetime) -> None:
    """Close the proposals of somebody who has left the event; the asked person is told."""
    for proposal in _open(event).filter(person=person):
        _lapse(event, proposal, tell=proposal.substitute_id, at=at)


def of_substitute(event: Event, person: Any, *, at: datetime) -> None:
    """Close the proposals to somebody who is on the event or may not take duties; who asked them is told."""
    for proposal in _open(event).filter(substitute=person):
        _lapse(event, proposal, tell=proposal.person_id, at=at)


def drop_all(event: Event, *, at: datetime) -> None:
    """End every open proposal silently, because the event itself has ended."""
    for proposal in _open(event):
        close(event, proposal, HandOverState.WITHDRAWN, at=at)


def _open(event: Event) -> Any:
    return event.hand_overs.open().select_related("person", "substitute").order_by("pk")


def _lapse(event: Event, proposal: HandOver, *, tell: Any, at: datetime) -> None:
    close(event, proposal, HandOverState.WITHDRAWN, at=at)
    notifications.notify_people("handover_withdrawn", event, [tell], {"hand_overs": [proposal.pk]})

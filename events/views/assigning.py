"""Assigning somebody to an event: what the backoffice and the member pages have in common."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from events import policies
from events.models import Event, Offer, Position
from events.querysets.candidates import search_for
from events.rules.eligibility import TO_ASSIGN, objections
from events.services import crew
from medcover.common.paging import page_query, slice_of

PER_PAGE = 25


@dataclass(frozen=True)
class Target:
    """Where somebody is to be put: a position, or an event staffed by conditions; read with staffing."""

    event: Event
    position: Position | None = None

    @property
    def title(self) -> str:
        """What the page is about."""
        if self.position is None:
            return _("Assign a participant")
        return _("Assign to the position: %s") % self.position

    @property
    def refusal(self) -> str:
        """Why nobody can be put there now, empty when somebody can; a used-up capacity is said at each person."""
        facts = replace(policies.facts_about(self.event, self.position), is_full=False)
        return str(next(iter(objections(TO_ASSIGN, facts)), ""))

    @property
    def offer(self) -> Offer | None:
        """The open offer of the position to somebody from the waiting list; assigning somebody else takes it back."""
        return self.position.offers.open().select_related("person").first() if self.position else None

    def assign(self, person: str | None, *, by: Any, reason: str) -> crew.Joined:
        """Assign the chosen person. Raises what the services raise."""
        more: dict[str, Any] = {"by": by, "at": timezone.now(), "override_reason": reason}
        if self.position is None:
            return crew.assign_to_event(self.event.pk, key_of(person), **more)
        return crew.assign(self.position.pk, key_of(person), **more)


def page_of(target: Target, params: QueryDict, *, may_except: bool) -> dict[str, Any]:
    """Return what a page of candidates shows: those found, the pager, and what was asked.

    Only whoever `may_except`, make exceptions, is shown people without the qualification, and may choose those for
    whom a reason is needed.
    """
    search = search_for(target.event, target.position)
    everyone, text = may_except and params.get("everyone") == "1", params.get("q", "").strip()
    found = slice_of(search.found(text, everyone=everyone), params.get("page"), PER_PAGE)
    return {
        "target": target,
        "event": target.event,
        "position": target.position,
        "candidates": search.described(found.page),
        "found": found,
        "text": text,
        "everyone": everyone,
        "may_except": may_except,
        "previous": page_query(params, found.number - 1) if found.page.has_previous() else "",
        "next": page_query(params, found.number + 1) if found.page.has_next() else "",
    }


def key_of(text: str | None) -> uuid.UUID | None:
    """Read a person's key; None, whom nobody is, for anything odd."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None

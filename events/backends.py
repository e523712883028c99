"""Authentication backend for permissions on one event, beyond a person's roles."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from events.models import Event
from events.services import responsible

#: What the responsible person may do on their event.
LEADER = frozenset({"events.open_signups", "events.close_signups", "events.send_notification"})
#: What the responsible person, and every participant able to lead, may do where no coordinator places people.
CREW = frozenset({"events.assign_other"})


class ResponsiblePersonBackend(BaseBackend):
    """Backend that grants rights on a single event; authenticates nobody."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether the person's part in the event `obj` grants `perm`."""
        if not isinstance(obj, Event) or not user_obj.is_active:
            return False
        if perm in LEADER:
            return bool(obj.responsible_person_id == user_obj.pk)
        return perm in CREW and not obj.master_event.is_coordinated and _manages_crew(user_obj, obj)


def _manages_crew(user: Any, event: Event) -> bool:
    """The responsible person, or a participant who could be it."""
    return bool(responsible.leaders_among_crew(event).filter(pk=user.pk).exists())

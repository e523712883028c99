"""Authentication backend for what people may do with the equipment of one event, beyond their roles."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from equipment.services.issues import REPORT
from equipment.services.packing import ASSIGN
from events.models import Event


class CrewBackend(BaseBackend):
    """Backend that lets those who go to an event pack for it; authenticates nobody."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether the person's part in the event `obj` grants `perm`.

        The responsible person packs, and so does everybody on the event who may report the state of equipment: it has
        the same consequences.
        """
        if perm != ASSIGN or not isinstance(obj, Event) or not user_obj.is_active:
            return False
        return obj.responsible_person_id == user_obj.pk or (user_obj.has_perm(REPORT) and _is_on(user_obj, obj))


def _is_on(user: Any, event: Event) -> bool:
    return bool(event.assignments.filter(person=user).exists())

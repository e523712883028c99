"""Notification types of equipment; they share a mail with the other news about events."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentType
from equipment.plan_querysets import short_plans
from events import notices
from events.models import Event
from notifications.registry import NoticeType, Payload
from roster.rights import Role

Facts = dict[str, Any] | None


def register() -> None:
    """Add the types to the catalogue."""
    notices.extend(SHORT, facts=_lacking, sample=_sample)


def _subject(payload: Payload) -> str:
    words = _("Equipment is missing: %s") % payload["event_name"]
    return f"MedCover — {words}"


SHORT = NoticeType(
    code="equipment_short",
    name=_("Equipment missing at an event"),
    description=_("Something that is planned for an event is out of service, lost or not there any more."),
    roles=frozenset({Role.ADMIN.value, Role.COORDINATOR.value, Role.MEMBER.value}),
    batch=notices.BATCH.code,
    subject=_subject,
    can_wait=True,
    trigger=_("Something leaves the stock, so that a coming event lacks it"),
    recipients=_("Responsible person and coordinator of the master event; where there are none, all coordinators"),
)


def _lacking(_payload: Payload, event: Event, _reader: Any) -> Facts:
    """Read what is missing at this moment; None when nothing is, or when it does not matter any more."""
    if event.end <= timezone.now():
        return None
    rows = short_plans(event.start, event.end).filter(event=event).select_related("type")
    found = [(row.type, max(0, row.available), row.quantity) for row in rows.order_by("type__name_sort")]
    return {"types": found} if found else None


def _sample(_event: Event, _reader: Any) -> dict[str, Any]:
    row = EquipmentType.objects.first() or EquipmentType(name="AED", icon="⚡")
    return {"types": [(row, 1, 2)]}

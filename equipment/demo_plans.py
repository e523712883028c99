"""Equipment plans of the demo events; an event that has one already is left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from equipment.models import EquipmentType, EventPlan
from equipment.services import plans
from events.models import Event
from medcover.common.errors import DomainError
from medcover.system import audit

AED, BACKPACK, STRETCHER, RADIO, TENT = "AED", "Zdravotnický batoh", "Nosítka", "Vysílačka", "Stan"

PLANS: dict[str, dict[str, int]] = {
    "Fotbalové utkání dorostu Sparty": {BACKPACK: 1},
    "Koncert ve Foru Karlín": {AED: 1, BACKPACK: 2, RADIO: 2},
    "Cyklozávod Hostivař": {BACKPACK: 2, STRETCHER: 1},
    "Judistický turnaj Braník": {BACKPACK: 1},
    "Silniční běh Vítkov": {AED: 1, BACKPACK: 2, TENT: 1},
    "Letní festival – zahajovací koncert": {AED: 2, BACKPACK: 3, STRETCHER: 2, RADIO: 2, TENT: 1},
    "Půlmaraton Karlín": {AED: 2, BACKPACK: 3, STRETCHER: 1, TENT: 1},
    "Letní festival – závěrečný večer": {AED: 2, BACKPACK: 3, RADIO: 2},
    "Školení práce s defibrilátorem": {AED: 2},
}
#: Planned when there was more of it: these events lack something now.
SHORT: dict[str, dict[str, int]] = {
    "Noční běh Prokopským údolím": {AED: 3, RADIO: 2},
    "Muzejní noc Vinohrady": {BACKPACK: 1, TENT: 2},
}


def build() -> None:
    """Plan what the demo events need."""
    types = {row.name: row for row in EquipmentType.objects.filter(name__in=[AED, BACKPACK, STRETCHER, RADIO, TENT])}
    for name, wanted in (PLANS | SHORT).items():
        event = Event.objects.filter(name=name, equipment_plan__isnull=True).order_by("start").first()
        if event is not None:
            _plan(event, {types[kind]: quantity for kind, quantity in wanted.items()}, is_short=name in SHORT)


def _plan(event: Event, wanted: Mapping[EquipmentType, int], *, is_short: bool) -> None:
    if not is_short:
        with suppress(DomainError):
            plans.replace_plan(event.pk, {row.pk: quantity for row, quantity in wanted.items()}, by=None)
        return
    with audit.trail():
        for row, quantity in wanted.items():
            EventPlan.objects.create(event=event, type=row, quantity=quantity)

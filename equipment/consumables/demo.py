"""Consumables of the demo organisation: enough, low, expiring, expired; some of it used on an event that is over.

Told relative to the moment of building, and built through the services; what is there already is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from equipment.models import Consumable, StorageLocation
from equipment.services import consumables, lots, usage
from equipment.services.lots import Delivery
from events.models import Assignment
from events.rules.lifecycle import Status
from medcover.common.intervals import local_day


@dataclass(frozen=True)
class DemoLot:
    """A delivery; days are counted from today."""

    quantity: int
    number: str = ""
    expires_in: int | None = None
    received: int = -60


@dataclass(frozen=True)
class DemoConsumable:
    """A kind, its deliveries, and how much of it was used on the event that is over."""

    name: str
    unit: str
    minimum: int
    description: str = ""
    lots: tuple[DemoLot, ...] = field(default=())
    used: int = 0


CONSUMABLES = (
    DemoConsumable("Obinadlo elastické 8 cm", "ks", 20, "Na výrony a fixaci dlah.",
                   (DemoLot(40, "OB-2281", 900), DemoLot(6, "OB-1975", 35, -400)), used=4),
    DemoConsumable("Obvaz hotový č. 3", "ks", 30, "", (DemoLot(18, "HO-3310", 640),), used=3),
    DemoConsumable("Rukavice nitrilové M", "pár", 200, "Krabice po 50 párech.",
                   (DemoLot(350, "NM-0417", 1100),), used=22),
    DemoConsumable("Rukavice nitrilové L", "pár", 200, "Krabice po 50 párech.", (DemoLot(120, "NL-0398", 1100),)),
    DemoConsumable("Elektrody AED pro dospělé", "sada", 4, "Pro přístroje Zoll AED Plus.",
                   (DemoLot(3, "PAD-7719", 21, -700), DemoLot(2, "PAD-8102", 540))),
    DemoConsumable("Elektrody AED dětské", "sada", 2, "", (DemoLot(1, "PED-2204", -9, -730),)),
    DemoConsumable("Fyziologický roztok 20 ml", "ks", 50, "Výplach oka a očištění rány.",
                   (DemoLot(40, "NaCl-118", 50, -300), DemoLot(60, "NaCl-131", 400)), used=6),
    DemoConsumable("Dlaha SAM splint", "ks", 3, "", (DemoLot(5, "", None),), used=1),
    DemoConsumable("Chladivý sáček", "ks", 20, "Jednorázový.", (DemoLot(26, "ICE-55", 300),), used=5),
    DemoConsumable("Termofolie", "ks", 10, "", (DemoLot(24, "", None),)),
)  # fmt: skip

#: Where all of it lies.
STORE = "Sklad materiálu"


def build(*, at: datetime) -> int:
    """Make what is missing; return how many kinds were made."""
    known = set(
        Consumable.objects.filter(name__in=[wanted.name for wanted in CONSUMABLES]).values_list("name", flat=True)
    )
    fresh = [wanted for wanted in CONSUMABLES if wanted.name not in known]
    place = StorageLocation.objects.in_use().filter(name__iexact=STORE).first()
    made = {wanted: _kind(wanted, place, at) for wanted in fresh}
    _used(made, at)
    return len(made)


def _kind(wanted: DemoConsumable, place: StorageLocation | None, at: datetime) -> Consumable:
    kind = Consumable(
        name=wanted.name, unit=wanted.unit, minimum=wanted.minimum, description=wanted.description, location=place
    )
    saved = consumables.save_consumable(kind, by=None)
    for lot in wanted.lots:
        _received(saved, lot, place, at)
    return saved


def _received(kind: Consumable, lot: DemoLot, place: StorageLocation | None, at: datetime) -> None:
    """Put a delivery into stock on the day on which it came, when it had not expired."""
    today = local_day(at, timezone.get_current_timezone())
    expires_on = None if lot.expires_in is None else today + timedelta(days=lot.expires_in)
    delivery = Delivery(lot.quantity, number=lot.number, expires_on=expires_on)
    came = at + timedelta(days=lot.received)
    lots.receive(kind.pk, delivery, location_id=place.pk if place else None, by=None, at=came)


def _used(made: Mapping[DemoConsumable, Consumable], at: datetime) -> None:
    """Let somebody of the crew of the latest completed event record what was used there."""
    over = Q(event__status=Status.COMPLETED, event__is_archived=False, event__end__lte=at, person__is_active=True)
    duty = Assignment.objects.filter(over).select_related("event", "person").order_by("-event__end", "pk").first()
    used = [(kind.pk, wanted.used) for wanted, kind in made.items() if wanted.used]
    if duty and used:
        moment = duty.event.end + timedelta(minutes=40)
        usage.use_on_event(duty.event_id, used, by=duty.person, at=min(moment, at), note="Doplněno do batohu Alfa.")

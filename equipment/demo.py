"""Equipment of the demo organisation, built through the services; what is there already is left as it is.

Told relative to the moment of building: something is issued, something out of service, something will be; an event is
packed for, and from another one something has not come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from equipment import demo_plans
from equipment.consumables import demo as consumables
from equipment.demo_plans import AED, BACKPACK, RADIO, STRETCHER, TENT
from equipment.models import EquipmentItem, EquipmentType, InspectionPlan, PackedItem, StorageLocation
from equipment.services import availability, catalogue, files, inspection_plans, inspections, issues, items, packing
from equipment.services.inspections import Finding
from events.demo.organisation import DOMAIN
from events.models import Event
from medcover.common.errors import DomainError
from medcover.common.intervals import local_day
from roster.models import User

GARAGE, STORE, CLUBROOM = "Garáž", "Sklad materiálu", "Klubovna"
LOCATIONS = (GARAGE, STORE, CLUBROOM)

TYPES = {
    AED: ("⚡", "Automatický externí defibrilátor s náhradními elektrodami."),
    BACKPACK: ("🎒", "Vybavení jedné hlídky; obsah podle seznamu v kapse víka."),
    STRETCHER: ("🛏️", "Skládací nosítka nebo vakuová matrace."),
    RADIO: ("📻", "Ruční vysílačka s nabíječkou."),
    TENT: ("⛺", "Nůžkový stan 3 × 3 m se stolem a lehátkem."),
}


#: What the items of a type have to pass: type → name, months, whether safety depends on it, checklist.
PLANS = {
    AED: ("BTK", 24, True, "Autotest bez chyby\nElektrody a jejich platnost\nBaterie\nNeporušený obal"),
    RADIO: ("Roční kontrola", 12, False, "Výdrž baterie\nAnténa a konektory\nZkušební spojení"),
    STRETCHER: ("Kontrola po použití", None, False, "Popruhy a přezky\nVyčištění a dezinfekce"),
}
#: So many times stretchers are used between two checks.
_USES = 10


@dataclass(frozen=True)
class DemoItem:
    """An item; days are counted from today, `holder` is the key of a demo account."""

    name: str
    type: str
    location: str
    place: str = ""
    maker: tuple[str, str] = ("", "")
    serial: str = ""
    price: int | None = None
    holder: str = ""
    held_for: int = 0
    service_due: int | None = None
    expires_in: int | None = None
    #: Days from when until when it is out of service, and why.
    service: tuple[int, int | None, str] | None = None
    note: str = ""
    is_lost: bool = False
    #: What was inspected how many days ago, and what was found where it did not simply pass.
    inspected: tuple[str, int, str] | None = None


ITEMS = (
    DemoItem("AED 1", AED, GARAGE, "Sanitka 1", ("Zoll", "AED Plus"), "X09B117733", 42900, service_due=95,
             inspected=("BTK", 420, "")),
    DemoItem("AED 2", AED, GARAGE, "Sanitka 2", ("Zoll", "AED Plus"), "X09B117734", 42900, service_due=-6,
             inspected=("BTK", 715, "Opotřebené pouzdro.")),
    DemoItem("AED 3", AED, STORE, "Regál 1", ("Philips", "HeartStart FRx"), "B16K-00317", 38500,
             service=(-4, None, "Nedrží baterie, objednaná nová."), note="Náhradní baterie je na cestě.",
             inspected=("BTK", 90, "")),
    DemoItem("AED 4", AED, CLUBROOM, "", ("Philips", "HeartStart FRx"), "B16K-00318", expires_in=-12,
             note="Elektrody prošly, čekáme na nové.", inspected=("BTK", 780, "")),
    DemoItem("AED 5", AED, STORE, "Regál 1", ("Philips", "HeartStart FRx"), "B16K-00319", 38500,
             inspected=("BTK", 760, "")),
    DemoItem("Batoh Alfa", BACKPACK, STORE, "Regál 2", ("PAX", "Wasserkuppe L"), price=8900, holder="dev.member",
             held_for=34, expires_in=210),
    DemoItem("Batoh Bravo", BACKPACK, STORE, "Regál 2", ("PAX", "Wasserkuppe L"), price=8900, holder="demo.beranek",
             held_for=3, expires_in=180),
    DemoItem("Batoh Charlie", BACKPACK, STORE, "Regál 2", ("PAX", "Wasserkuppe L"), price=8900, expires_in=180),
    DemoItem("Batoh Delta", BACKPACK, STORE, "Regál 2", ("Ferno", "Paramedik"), price=7400,
             service=(6, 9, "Výměna obsahu po sezoně.")),
    DemoItem("Nosítka skládací 1", STRETCHER, GARAGE, "Zadní stěna", ("Spencer", "S/222"), "SP-4471", 5200),
    DemoItem("Nosítka skládací 2", STRETCHER, GARAGE, "Zadní stěna", ("Spencer", "S/222"), "SP-4472", 5200),
    DemoItem("Vakuová matrace", STRETCHER, STORE, "Regál 4", ("Germa", "EasyFix"), price=11900),
    DemoItem("Vysílačka 01", RADIO, CLUBROOM, "Nabíječka", ("Motorola", "DP1400"), "752TRD01", holder="demo.krizova",
             held_for=12, inspected=("Roční kontrola", 345, "")),
    DemoItem("Vysílačka 02", RADIO, CLUBROOM, "Nabíječka", ("Motorola", "DP1400"), "752TRD02",
             inspected=("Roční kontrola", 400, "")),
    DemoItem("Vysílačka 03", RADIO, CLUBROOM, "Nabíječka", ("Motorola", "DP1400"), "752TRD03", is_lost=True,
             note="Naposledy na letním festivalu."),
    DemoItem("Stan velký", TENT, GARAGE, "Strop", price=14500),
)  # fmt: skip

#: What was taken to an event that is over, and whether it has come back; and what is packed for one to come.
TAKEN = ("Koncert v Lucerně", {"AED 1": True, "Nosítka skládací 2": True, "Vysílačka 02": False})
PACKED = ("Koncert ve Foru Karlín", ("AED 2", "Batoh Charlie"))


def build(*, at: datetime) -> int:
    """Make what is missing of the demo equipment; return how many items were made."""
    locations = {name: _location(name) for name in LOCATIONS}
    types = {name: _type(name, *told) for name, told in TYPES.items()}
    plans = {plan.name: plan for plan in (_plan(types[name], *told) for name, told in PLANS.items())}
    known = set(EquipmentItem.objects.filter(name__in=[wanted.name for wanted in ITEMS]).values_list("name", flat=True))
    fresh = [wanted for wanted in ITEMS if wanted.name not in known]
    people = {person.email: person for person in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    for wanted in fresh:
        saved = _item(wanted, types[wanted.type], locations[wanted.location], at)
        if wanted.inspected:
            _inspected(saved, wanted, plans, at)
        _handed_out(saved, wanted, people, at)
        _out_of_service(saved, wanted, at)
    demo_plans.build()
    consumables.build(at=at)
    if fresh and not PackedItem.objects.exists():
        _pack(at)
    return len(fresh)


def _pack(at: datetime) -> None:
    keys = dict(EquipmentItem.objects.in_use().values_list("name", "pk"))
    for event in Event.objects.filter(name=TAKEN[0], end__lt=at)[:1]:
        for name, is_back in TAKEN[1].items():
            packing.pack(event.pk, keys[name], by=None, at=event.start - timedelta(hours=1))
            if is_back:
                packing.bring_back(event.pk, keys[name], by=None, at=event.end + timedelta(hours=1))
    for event in Event.objects.filter(name=PACKED[0], start__gt=at)[:1]:
        for name in PACKED[1]:
            packing.pack(event.pk, keys[name], by=None, at=at)


def _location(name: str) -> StorageLocation:
    known: StorageLocation | None = StorageLocation.objects.filter(name__iexact=name).first()
    return known or catalogue.save_location(StorageLocation(name=name), by=None)


def _type(name: str, icon: str, description: str) -> EquipmentType:
    known: EquipmentType | None = EquipmentType.objects.filter(name__iexact=name).first()
    return known or catalogue.save_type(EquipmentType(name=name, icon=icon, description=description), by=None)


def _plan(kind: EquipmentType, name: str, months: int | None, is_safety: bool, checklist: str) -> InspectionPlan:
    known: InspectionPlan | None = kind.inspection_plans.filter(name__iexact=name).first()
    plan = InspectionPlan(
        type=kind, name=name, months=months, uses=None if months else _USES, is_safety=is_safety, checklist=checklist
    )
    return known or inspection_plans.save_plan(plan, by=None)


def _item(wanted: DemoItem, kind: EquipmentType, location: StorageLocation, at: datetime) -> EquipmentItem:
    today = local_day(at, timezone.get_current_timezone())

    def day(number: int | None) -> Any:
        return None if number is None else today + timedelta(days=number)

    item = EquipmentItem(
        name=wanted.name, type=kind, location=None if location.is_archived else location, place=wanted.place,
        manufacturer=wanted.maker[0], model=wanted.maker[1], serial_number=wanted.serial, notes=wanted.note,
        price=None if wanted.price is None else Decimal(wanted.price), service_due=day(wanted.service_due),
        expires_on=day(wanted.expires_in),
    )  # fmt: skip
    saved = items.save_item(item, by=None)
    if wanted.maker[0] == "Zoll":
        files.add_link(saved.pk, title="Stránka výrobce", url="https://www.zoll.com/", by=None)
    return saved


def _inspected(item: EquipmentItem, wanted: DemoItem, plans: Mapping[str, InspectionPlan], at: datetime) -> None:
    """Record what a firm has found; in a database that is in use the plan may have been archived."""
    name, days, remark = wanted.inspected or ("", 0, "")
    plan, day = plans[name], local_day(at, timezone.get_current_timezone()) - timedelta(days=days)
    found = Finding(
        day, "remarks" if remark else "passed", firm="Servis zdravotnické techniky", note=remark,
        ticked=range(len(plan.points)),
    )  # fmt: skip
    with suppress(DomainError):
        inspections.record(item.pk, plan.pk, found, by=None, at=at)


def _handed_out(saved: EquipmentItem, wanted: DemoItem, people: Mapping[str, User], at: datetime) -> None:
    # In a database that is in use a demo account may have been archived; then nobody has the item.
    if holder := people.get(f"{wanted.holder}@{DOMAIN}"):
        with suppress(DomainError):
            issues.issue(saved.pk, holder.pk, by=None, at=at - timedelta(days=wanted.held_for))


def _out_of_service(item: EquipmentItem, wanted: DemoItem, at: datetime) -> None:
    if wanted.service:
        first, last, reason = wanted.service
        since, until = at + timedelta(days=first), None if last is None else at + timedelta(days=last)
        availability.plan_service(item.pk, since=since, until=until, reason=reason, by=None, at=at)
    if wanted.is_lost:
        availability.mark_lost(item.pk, by=None, at=at - timedelta(days=80))

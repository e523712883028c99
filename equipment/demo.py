"""Equipment of the demo organisation, built through the services; what is there already is left as it is.

Told relative to the moment of building: something is issued, something out of service, something is being repaired; an
event is packed for, and from another one something has not come back.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from equipment import demo_plans
from equipment.consumables import demo as consumables
from equipment.demo_plans import AED, BACKPACK, RADIO, STRETCHER, TENT
from equipment.models import EquipmentItem, EquipmentType, InspectionPlan, PackedItem, Repair, StorageLocation
from equipment.repairs.rules import Status
from equipment.services import availability, catalogue, files, inspection_plans, inspections, issues, items, packing
from equipment.services.inspections import Finding
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Picture, Problem, Stranger
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


@dataclass(frozen=True)
class DemoRepair:
    """A repair; days are counted back from today, people are keys of demo accounts."""

    item: str
    description: str
    ago: int
    severity: str = ""
    reporter: str = ""
    assignee: str = ""
    #: Days back, status, note: what has become of it, in order.
    steps: tuple[tuple[int, str, str], ...] = ()
    #: Days ahead.
    eta: int | None = None
    specialist: str = ""
    is_safety_risk: bool = False
    is_consumable: bool = False
    #: Who has read the code on the item, has no account, and has taken a photo.
    stranger: Stranger | None = None


_TECHNICIAN, _COORDINATOR = "dev.technician", "dev.coordinator"

REPAIRS = (
    DemoRepair("AED 2", "Po zapnutí hlásí chybu elektrod, vyzkoušeno dvakrát.", 1, "down", "dev.member"),
    DemoRepair("Nosítka skládací 2", "Při zatížení povoluje pravý zámek, hrozí sklopení pod pacientem.", 4, "unsure",
               "demo.beranek", _TECHNICIAN, ((3, "assigned", ""), (2, "needs_specialist", "Zámek je vyběhaný.")),
               eta=12, specialist="Autorizovaný servis Spencer, zámek PR-2.", is_safety_risk=True),
    DemoRepair("Batoh Charlie", "Chybí dva chladicí polštářky a izotermická fólie.", 2, "degraded", "demo.krizova",
               is_consumable=True),
    DemoRepair("Batoh Bravo", "Zip hlavní kapsy se zasekává.", 9, "degraded", "demo.beranek", _TECHNICIAN,
               ((8, "assigned", ""), (7, "parts_needed", "Zip nejde opravit, je potřeba nový jezdec."))),
    DemoRepair("Stan velký", "Prasklá vzpěra u levého předního rohu.", 16, "degraded", "dev.coordinator", _TECHNICIAN,
               ((15, "assigned", ""), (14, "parts_needed", ""), (10, "parts_ordered", "Objednáno u výrobce.")),
               eta=5),
    DemoRepair("Vysílačka 02", "Krátká výdrž, po hodině bliká baterie.", 6, "unsure", "dev.member", _TECHNICIAN,
               ((5, "assigned", ""), (1, "in_progress", "Zkouším s baterií z jedničky."))),
    DemoRepair("Vakuová matrace", "Pumpička občas nedrží tlak.", 11, "", "", _COORDINATOR,
               ((10, "assigned", ""), (4, "parts_received", "Nová pumpička je ve skladu, zbývá vyměnit."))),
    DemoRepair("AED 5", "Skříňka na stěně má prasklé sklo, přístroj vypadá v pořádku.", 3, "degraded",
               stranger=Stranger("Milan Kolemjdoucí", "milan@example.org")),
    DemoRepair("AED 1", "Rozbitá plastová západka víka.", 40, "degraded", "dev.member", _TECHNICIAN,
               ((39, "assigned", ""), (33, "resolved", "Západka vyměněna."))),
    DemoRepair("Vysílačka 01", "Nejde zapnout.", 21, "down", "demo.krizova", _TECHNICIAN,
               ((20, "no_issue", "Byla jen vybitá; po nabití v pořádku."),)),
)  # fmt: skip
#: Reported a second time by somebody who did not know.
TWICE = DemoRepair("Stan velký", "Stan má zlomenou nohu.", 12, "unsure", "demo.krizova")


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
    consumables.build(at=at)
    if fresh and not PackedItem.objects.exists():
        _pack(at)
    made = {wanted.name for wanted in fresh}
    for told in REPAIRS:
        if told.item in made:
            _repair(told, people, at)
    if TWICE.item in made:
        _reported_twice(people, at)
    demo_plans.build()  # last: what is taken out of the stock before breaks no plan, and nobody is written to
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
    return known or catalogue.save_location(StorageLocation(name=name, slack_channel="#zavady"), by=None)


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


def _repair(told: DemoRepair, people: Mapping[str, User], at: datetime) -> Repair:
    """Open a repair and take the steps that it has taken."""
    item = EquipmentItem.objects.get(name=told.item)
    if told.stranger:
        return _reported_from_outside(told, told.stranger, item, at)
    reporter, technician = (people.get(f"{key}@{DOMAIN}") for key in (told.reporter, told.assignee))
    problem = Problem(told.description, told.severity, told.is_safety_risk, told.is_consumable)
    row = opening.open_on(item, problem, by=reporter, at=at - timedelta(days=told.ago), reporter=reporter)
    _assign(row, technician, at - timedelta(days=told.steps[0][0] if told.steps else told.ago))
    last = told.ago
    for days, status, note in told.steps:
        work.save(row.pk, by=None, at=at - timedelta(days=days), status=status, note=note)
        last = days
    eta = None if told.eta is None else local_day(at, timezone.get_current_timezone()) + timedelta(days=told.eta)
    work.save(row.pk, by=None, at=at - timedelta(days=last), eta=eta, specialist_text=told.specialist)
    return row


def _reported_from_outside(told: DemoRepair, stranger: Stranger, item: EquipmentItem, at: datetime) -> Repair:
    reported = opening.report(
        item.pk,
        Problem(told.description, told.severity),
        by=None,
        at=at - timedelta(days=told.ago),
        picture=Picture(_broken_glass(), "sklo.png"),
        stranger=stranger,
    )
    return reported.repair


def _broken_glass() -> bytes:
    """Return a picture of a cabinet on a wall whose pane has a crack."""
    picture = Image.new("RGB", (480, 360), "#e8e2d6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((120, 40, 360, 320), fill="#2f7d4f", outline="#1d4d31", width=6)
    pen.rectangle((150, 70, 330, 290), fill="#cfe3ee", outline="#1d4d31", width=4)
    pen.line([(150, 110), (215, 150), (205, 200), (270, 230), (330, 285)], fill="#ffffff", width=4)
    pen.line([(215, 150), (290, 100), (330, 95)], fill="#ffffff", width=3)
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    return stored.getvalue()


def _assign(row: Repair, technician: User | None, at: datetime) -> None:
    """In a database that is in use a demo account may have been archived; then nobody has the repair."""
    if technician:
        with suppress(DomainError):
            work.save(row.pk, by=None, at=at, assignee_id=technician.pk)


def _reported_twice(people: Mapping[str, User], at: datetime) -> None:
    first = Repair.objects.filter(item__name=TWICE.item).order_by("created", "pk").first()
    row = _repair(TWICE, people, at)
    if first:
        work.save(row.pk, by=None, at=at - timedelta(days=11), status=Status.DUPLICATE, duplicate_of_id=first.pk)

"""Equipment for tests."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from equipment.models import (
    Attachment,
    Consumable,
    EquipmentItem,
    EquipmentType,
    EventPlan,
    InspectionPlan,
    InspectionResult,
    Issue,
    Lot,
    Movement,
    PackedItem,
    Repair,
    ServiceWindow,
    StorageLocation,
)
from equipment.services import standings
from medcover.system import audit
from medcover.tests.rows import RowFactory
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory


class LocationFactory(RowFactory):
    """A storage location in use."""

    class Meta:
        model = StorageLocation

    name = factory.Sequence(lambda n: f"Sklad {n}")


class TypeFactory(RowFactory):
    """A type of equipment."""

    class Meta:
        model = EquipmentType

    name = factory.Sequence(lambda n: f"Typ {n}")


class ItemFactory(RowFactory):
    """An item that nobody has and that can be used."""

    class Meta:
        model = EquipmentItem

    name = factory.Sequence(lambda n: f"Položka {n:03d}")
    type = factory.SubFactory(TypeFactory)


def issued(person: Any, item: EquipmentItem | None = None, **fields: Any) -> Issue:
    """Let the person have an item, past every rule."""
    with audit.unrecorded():
        values = {"issued_at": timezone.now(), **fields}
        return Issue.objects.create(item=item or ItemFactory(), person=person, **values)


def packed(event: Any, item: EquipmentItem | None = None, **fields: Any) -> PackedItem:
    """Take an item to an event, past every rule; with `outcome` it has come back."""
    with audit.unrecorded():
        values = {"taken_at": timezone.now() - timedelta(hours=1), **fields}
        if values.get("outcome"):
            values.setdefault("returned_at", timezone.now())
        return PackedItem.objects.create(item=item or ItemFactory(), event=event, **values)


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def document_of(item: EquipmentItem, **fields: Any) -> Attachment:
    """Give an item a document, past every rule; its file lies where those of the test lie."""
    values = {"kind": Attachment.Kind.DOCUMENT, "category": Attachment.Category.OTHER, "name": "Návod.pdf", **fields}
    with audit.unrecorded():
        row = Attachment(item=item, size=len(PDF), **values)
        row.file.save("", ContentFile(PDF), save=True)
    return row


def out_of_service(item: EquipmentItem, since: datetime, until: datetime | None = None, **fields: Any) -> ServiceWindow:
    """Take an item out of service, past every rule."""
    with audit.unrecorded():
        return ServiceWindow.objects.create(item=item, since=since, until=until, **fields)


class PlanFactory(RowFactory):
    """A yearly inspection on which safety depends; items made before it do not know of it until they are settled."""

    class Meta:
        model = InspectionPlan

    type = factory.SubFactory(TypeFactory)
    name = factory.Sequence(lambda n: f"Kontrola {n}")
    months = 12
    is_safety = True


def inspected(item: EquipmentItem, plan: InspectionPlan, done_on: date, outcome: str = "passed", **fields: Any) -> Any:
    """Let an inspection of an item have ended so, past every rule; the item stands as it should afterwards."""
    recorded_at = datetime.combine(done_on, time(12), tzinfo=timezone.get_current_timezone())
    note = "" if outcome == "passed" else "Zjištěno."
    values = {"firm": "Servis s.r.o.", "recorded_at": recorded_at, "note": note, **fields}
    with audit.unrecorded():
        row = InspectionResult.objects.create(item=item, plan=plan, done_on=done_on, outcome=outcome, **values)
        standings.rebuild([item.pk])
    return row


def repair_of(item: EquipmentItem | None = None, **fields: Any) -> Repair:
    """Give an item a repair, past every rule."""
    values = {"description": "Nedrží baterie.", "created": timezone.now(), **fields}
    with audit.unrecorded():
        return Repair.objects.create(item=item or ItemFactory(), **values)


def make_technician(**fields: Any) -> User:
    """Somebody who works on repairs and does nothing else."""
    return UserFactory(roles=[Role.TECHNICIAN], **fields)


class EventPlanFactory(RowFactory):
    """So many items of a type for an event."""

    class Meta:
        model = EventPlan

    type = factory.SubFactory(TypeFactory)
    quantity = 1


class ConsumableFactory(RowFactory):
    """A kind of consumable of which nothing is in stock."""

    class Meta:
        model = Consumable

    name = factory.Sequence(lambda n: f"Materiál {n:03d}")
    unit = "ks"


def stocked(consumable: Consumable, quantity: int, **fields: Any) -> Lot:
    """Put pieces of a kind into stock as a lot of its own, past every rule, with the line of the ledger."""
    now = timezone.now()
    number = f"L{Lot.objects.count()}"
    with audit.unrecorded():
        values = {"number": number, "received_on": timezone.localdate(now), "quantity": quantity, **fields}
        lot = Lot.objects.create(consumable=consumable, **values)
        Movement.objects.create(lot=lot, quantity=quantity, kind=Movement.Kind.RECEIVED, at=now)
    return lot

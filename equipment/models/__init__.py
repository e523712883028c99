"""Models: what there is, who has it, what is wrong with it or to be inspected, what events need and use up."""

from equipment.models.consumables import Consumable, Lot, Movement
from equipment.models.inspections import InspectionPlan, InspectionResult, ItemInspection
from equipment.models.issue import Issue, ItemReport
from equipment.models.packing import PackedItem
from equipment.models.parts import Attachment, Link
from equipment.models.plans import EventPlan, TemplatePlan
from equipment.models.repair import Repair, RepairEntry, RepairPhoto
from equipment.models.service_window import ServiceWindow
from equipment.models.static_page import StaticPagePush
from equipment.models.stock import EquipmentItem, EquipmentType, StorageLocation

__all__ = [
    "Attachment",
    "Consumable",
    "EquipmentItem",
    "EquipmentType",
    "EventPlan",
    "InspectionPlan",
    "InspectionResult",
    "Issue",
    "ItemInspection",
    "ItemReport",
    "Link",
    "Lot",
    "Movement",
    "PackedItem",
    "Repair",
    "RepairEntry",
    "RepairPhoto",
    "ServiceWindow",
    "StaticPagePush",
    "StorageLocation",
    "TemplatePlan",
]

"""Models: what there is, what belongs to one item, who has or had it, when it is out of service, what is used up."""

from equipment.models.consumables import Consumable, Lot, Movement
from equipment.models.issue import Issue, ItemReport
from equipment.models.packing import PackedItem
from equipment.models.parts import Attachment, Link
from equipment.models.plans import EventPlan, TemplatePlan
from equipment.models.service_window import ServiceWindow
from equipment.models.stock import EquipmentItem, EquipmentType, StorageLocation

__all__ = [
    "Attachment",
    "Consumable",
    "EquipmentItem",
    "EquipmentType",
    "EventPlan",
    "Issue",
    "ItemReport",
    "Link",
    "Lot",
    "Movement",
    "PackedItem",
    "ServiceWindow",
    "StorageLocation",
    "TemplatePlan",
]

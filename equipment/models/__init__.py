"""Models: what there is, what belongs to one item, who has or had it, and when it is out of service."""

from equipment.models.issue import Issue, ItemReport
from equipment.models.parts import Attachment, Link
from equipment.models.plans import EventPlan, TemplatePlan
from equipment.models.service_window import ServiceWindow
from equipment.models.stock import EquipmentItem, EquipmentType, StorageLocation

__all__ = [
    "Attachment",
    "EquipmentItem",
    "EquipmentType",
    "EventPlan",
    "Issue",
    "ItemReport",
    "Link",
    "ServiceWindow",
    "StorageLocation",
    "TemplatePlan",
]

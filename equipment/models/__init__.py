"""Models: what there is, what belongs to one item, who has or had it, when it is out of service or to be inspected."""

from equipment.models.inspections import InspectionPlan, InspectionResult, ItemInspection
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
    "InspectionPlan",
    "InspectionResult",
    "Issue",
    "ItemInspection",
    "ItemReport",
    "Link",
    "ServiceWindow",
    "StorageLocation",
    "TemplatePlan",
]

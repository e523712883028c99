"""Models of the planning: master events, events, staffing, waiting lists, templates, imports."""

from events.models.event import Event
from events.models.master import MasterEvent
from events.models.season import SeasonImport
from events.models.staffing import Assignment, Position, StaffingCondition
from events.models.template import EventTemplate, TemplateCondition, TemplatePosition
from events.models.waiting import HandOver, Offer, QueueEntry

__all__ = [
    "Assignment",
    "Event",
    "EventTemplate",
    "HandOver",
    "MasterEvent",
    "Offer",
    "Position",
    "QueueEntry",
    "SeasonImport",
    "StaffingCondition",
    "TemplateCondition",
    "TemplatePosition",
]

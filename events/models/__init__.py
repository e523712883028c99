"""Rows of the planning: master events, events, their places and the people on them, templates."""

from events.models.event import Event
from events.models.master import MasterEvent
from events.models.staffing import Assignment, Position, StaffingCondition
from events.models.template import EventTemplate, TemplateCondition, TemplatePosition

__all__ = [
    "Assignment",
    "Event",
    "EventTemplate",
    "MasterEvent",
    "Position",
    "StaffingCondition",
    "TemplateCondition",
    "TemplatePosition",
]

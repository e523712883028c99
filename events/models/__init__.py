"""Rows of the planning: master events, events, their places and the people on them."""

from events.models.event import Event
from events.models.master import MasterEvent
from events.models.staffing import Assignment, Position, StaffingCondition

__all__ = ["Assignment", "Event", "MasterEvent", "Position", "StaffingCondition"]

"""Rows of the planning: master events, events, their places and the people on them; imports on their way."""

from events.models.event import Event
from events.models.master import MasterEvent
from events.models.season import SeasonImport
from events.models.staffing import Assignment, Position

__all__ = ["Assignment", "Event", "MasterEvent", "Position", "SeasonImport"]

"""Querysets of the planning: every read that two places could want, named like a sentence."""

from events.querysets.crew import AssignmentQuerySet, PositionQuerySet
from events.querysets.events import EventQuerySet
from events.querysets.masters import MasterEventQuerySet
from events.querysets.qualified_people import people_able_to_fill, people_able_to_lead, people_to_choose_from
from events.querysets.templates import TemplateQuerySet

__all__ = [
    "AssignmentQuerySet",
    "EventQuerySet",
    "MasterEventQuerySet",
    "PositionQuerySet",
    "TemplateQuerySet",
    "people_able_to_fill",
    "people_able_to_lead",
    "people_to_choose_from",
]

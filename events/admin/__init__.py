"""The backoffice face of the planning: the same services as everywhere, dressed for coordinators."""

from events.admin.event import EventAdmin
from events.admin.master import MasterEventAdmin
from events.admin.season import SeasonImportAdmin
from events.admin.template import EventTemplateAdmin

__all__ = ["EventAdmin", "EventTemplateAdmin", "MasterEventAdmin", "SeasonImportAdmin"]

"""Admin of the planning, where coordinators work; it calls the same services as the member pages."""

from events.admin.event import EventAdmin
from events.admin.master import MasterEventAdmin
from events.admin.season import SeasonImportAdmin
from events.admin.template import EventTemplateAdmin

__all__ = ["EventAdmin", "EventTemplateAdmin", "MasterEventAdmin", "SeasonImportAdmin"]

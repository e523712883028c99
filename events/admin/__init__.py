"""The backoffice face of the planning: the same services as everywhere, dressed for coordinators."""

from events.admin.event import EventAdmin
from events.admin.master import MasterEventAdmin
from events.admin.season import SeasonImportAdmin

__all__ = ["EventAdmin", "MasterEventAdmin", "SeasonImportAdmin"]

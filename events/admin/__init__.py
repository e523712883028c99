"""The backoffice face of the planning: the same services as everywhere, dressed for coordinators."""

from events.admin.event import EventAdmin
from events.admin.master import MasterEventAdmin

__all__ = ["EventAdmin", "MasterEventAdmin"]

"""The installation in the backoffice: its settings and its record."""

from medcover.system.admin.audit import AuditAdmin
from medcover.system.admin.settings import SettingsAdmin

__all__ = ["AuditAdmin", "SettingsAdmin"]

"""Admin of the installation: its settings and its audit record."""

from medcover.system.admin.audit import AuditAdmin
from medcover.system.admin.settings import SettingsAdmin

__all__ = ["AuditAdmin", "SettingsAdmin"]

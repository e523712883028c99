"""Admin of the installation: its settings, its audit record, feedback."""

from medcover.system.admin.audit import AuditAdmin
from medcover.system.admin.feedback import FeedbackAdmin
from medcover.system.admin.settings import SettingsAdmin

__all__ = ["AuditAdmin", "FeedbackAdmin", "SettingsAdmin"]

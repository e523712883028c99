"""The backoffice face of the register: the same services as everywhere."""

from roster.admin.person import PersonAdmin

__all__ = ["PersonAdmin"]

"""The table manager: all events of a master event on one page, changed in place."""

from events.admin.table.page import TablePages

__all__ = ["TablePages"]

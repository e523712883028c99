"""Backoffice of equipment: items, types, storage locations, and the import of a table of items."""

from equipment.admin.catalogue import LocationAdmin, TypeAdmin
from equipment.admin.item import ItemAdmin

__all__ = ["ItemAdmin", "LocationAdmin", "TypeAdmin"]

"""Backoffice of equipment: items, types, storage locations, consumables, and the import of a table of items."""

from equipment.admin.catalogue import LocationAdmin, TypeAdmin
from equipment.admin.consumables import ConsumableAdmin
from equipment.admin.item import ItemAdmin

__all__ = ["ConsumableAdmin", "ItemAdmin", "LocationAdmin", "TypeAdmin"]

"""Backoffice of equipment: register, consumables, the static status page, and the import of a table of items."""

from equipment.admin.catalogue import LocationAdmin, TypeAdmin
from equipment.admin.consumables import ConsumableAdmin
from equipment.admin.item import ItemAdmin
from equipment.admin.static_page import StaticPageAdmin

__all__ = ["ConsumableAdmin", "ItemAdmin", "LocationAdmin", "StaticPageAdmin", "TypeAdmin"]

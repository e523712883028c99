"""Permissions of equipment, because the roles name them already; its models come with the feature itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EquipmentRights(models.Model):
    """Holds the permissions of this app; has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_equipment", _("Can view equipment")),
            ("add_equipmenttype", _("Can add types of equipment")),
            ("change_equipmenttype", _("Can change types of equipment")),
            ("delete_equipmenttype", _("Can delete types of equipment")),
            ("add_equipmentitem", _("Can add items")),
            ("change_equipmentitem", _("Can change items")),
            ("delete_equipmentitem", _("Can delete items")),
            ("issue_equipmentitem", _("Can issue items to people")),
            ("report_own_equipmentitem", _("Can report the state of the own issued items")),
            ("modify_availability", _("Can take items out of service and back")),
            ("plan_equipment", _("Can plan equipment for events")),
            ("assign_equipment", _("Can assign items to events")),
            ("manage_repairs", _("Can work on repairs")),
        ]

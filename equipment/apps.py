"""App config: equipment, what the organisation has, where it is and what it is planned for."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EquipmentConfig(AppConfig):
    """Equipment: above the events, below debriefing, of which it knows nothing."""

    name = "equipment"
    verbose_name = _("Equipment")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register audited models, personal data, notifications and the like, and connect the receivers."""
        from equipment import digest, jobs, listeners, models, notices, readiness
        from equipment.labels import template
        from equipment.privacy import EquipmentData
        from equipment.static_page import listeners as static_page
        from medcover.system import audit
        from roster.privacy import registry

        for model in (models.StorageLocation, models.EquipmentType, models.Issue, models.ItemReport, models.Link):
            audit.register(model)
        audit.register(models.EquipmentItem, exclude=["code", "inspection_due_on", "safe_until"])
        audit.register(models.ServiceWindow)
        audit.register(models.InspectionPlan)
        audit.register(models.InspectionResult)
        audit.register(models.PackedItem)
        audit.register(models.EventPlan)
        audit.register(models.TemplatePlan)
        for used_up in (models.Consumable, models.Lot, models.Movement):
            audit.register(used_up)
        audit.register(models.Attachment, exclude=["file"])
        # Strangers cannot be found in the record again, so what they call themselves stays out of it.
        audit.register(models.Repair, exclude=["reporter_name", "reporter_email"])
        audit.register(models.RepairPhoto, exclude=["file"])
        registry.register(EquipmentData())
        digest.register()
        jobs.register()
        notices.register()
        readiness.register()
        listeners.connect()
        # An unfit template keeps every process from starting, rather than failing whoever prints first.
        template.configured()
        static_page.connect()

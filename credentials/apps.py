"""App config: qualifications, who holds them, and who may stand in for whom."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CredentialsConfig(AppConfig):
    """Qualifications, their graph of substitution, and who holds what until when."""

    name = "credentials"
    verbose_name = _("Qualifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register audited models and personal data, notifications and jobs, and connect the receivers."""
        from credentials import digest, listeners, notices
        from credentials.models import Holding, InvitationGrant, Qualification
        from credentials.privacy import CredentialData
        from medcover.system import audit, jobs
        from roster.privacy import registry

        audit.register(Qualification, m2m={"direct_substitutes"})
        audit.register(Holding, exclude=["reminded_days"])
        audit.register(InvitationGrant)
        digest.register()
        listeners.connect()
        registry.register(CredentialData())
        notices.register()
        jobs.register(jobs.Job("credentials.remind_of_expiry", "credentials.jobs.remind_of_expiry", minutes=60))

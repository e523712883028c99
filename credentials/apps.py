"""What people are able to do."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CredentialsConfig(AppConfig):
    """Qualifications, their graph of substitution, and who holds what until when."""

    name = "credentials"
    verbose_name = _("Qualifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is audited and what is known of people, and listen to the floor below."""
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

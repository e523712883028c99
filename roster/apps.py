"""App config: people, their accounts, roles and rights."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RosterConfig(AppConfig):
    """People: accounts, roles and rights."""

    name = "roster"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit accounts and invitations, declare what is told, and fill the roles from code after each migrate."""
        from medcover.system import audit
        from roster import digest, listeners, notices, slack
        from roster.models import Invitation, User

        secrets = [
            "password",
            "last_login",
            "ical_token",
            "ical_all_token",
            "password_reset_nonce",
            "session_epoch",
            "oidc_subject",
            "slack_handle",  # the workspace's own name of the person, by which the record could not be searched
        ]
        audit.register(User, exclude=secrets, m2m={"groups"})
        audit.register(Invitation, exclude=["token", "mail"])
        notices.register()
        digest.register()
        listeners.connect()
        slack.register()
        post_migrate.connect(_fill_roles, dispatch_uid="roster.roles")


def _fill_roles(**_kwargs: object) -> None:
    """Run after the permissions of each app exist; the last run leaves the complete matrix."""
    from roster.rights import fill_roles

    fill_roles()

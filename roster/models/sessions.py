"""Abstract user whose sessions can be ended all at once."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac


class EndableSessions(AbstractBaseUser):
    """An account all of whose sessions can be ended at once: they carry the epoch that they were opened in."""

    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    #: As whom the OpenID Connect provider knew the person at the last login through it.
    oidc_subject = models.CharField(max_length=255, blank=True, db_index=True, editable=False)

    class Meta:
        abstract = True

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to stay valid; it changes with the password and with the epoch."""
        return self._with_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under former secrets of the installation."""
        return map(self._with_epoch, super().get_session_auth_fallback_hash())

    def _with_epoch(self, of_password: str) -> str:
        value = f"{of_password}.{self.session_epoch}"
        return salted_hmac("roster.session-epoch", value, algorithm="sha256").hexdigest()

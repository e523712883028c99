"""Authentication and rights by role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet


class RoleBackend(ModelBackend):
    """Django's model backend without per-person permissions.

    An inactive or archived account gets no session: Django asks `get_user` on every request, so an open
    session ends with the next one. A right held by role holds for every object, so asking with an object
    is answered like asking without; rights on one object only are added by other backends.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        """Judge the password alone: the login form tells whoever knows it why the account may not enter."""
        return True

    def get_user(self, user_id: Any) -> Any:
        """Return the person of a session, None for an account that may not be logged in."""
        user = super().get_user(user_id)
        return user if user is not None and user.is_active else None

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        return Permission.objects.none()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether one of the person's roles grants `perm`."""
        return super().has_perm(user_obj, perm)


class ProviderBackend(RoleBackend):
    """Rights by role for whoever has come in through the OpenID Connect provider; no password opens anything.

    A session remembers its backend, and the settings name one of the two: whoever changes AUTH_MODE ends all
    sessions of the other kind.
    """

    def authenticate(self, request: Any, **credentials: Any) -> None:  # type: ignore[override]
        """Accept no password."""

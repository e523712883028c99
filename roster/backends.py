"""Authentication backends: passwords, and rights by role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from medcover.common.prepared import UUID, prepared
from roster.lockout import end_attempt
from roster.rights import permissions_of


@prepared(person=UUID)
def _logged_in(p: Any) -> Any:
    """The person of a session with their roles; nobody where the account may not be logged in."""
    return get_user_model().objects.active().with_role_names().filter(pk=p.person)


class RoleBackend(ModelBackend):
    """Django's model backend without per-person permissions.

    An inactive or archived account gets no session: Django asks `get_user` on every request, so an open
    session ends with the next one. A right held by role holds for every object, so asking with an object
    is answered like asking without; rights on one object only are added by other backends.
    """

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """Return the person whose password it is; the attempt, counted as failed so far, was none."""
        person = super().authenticate(request, username, password, **kwargs)
        if person is not None:
            end_attempt(person.email)
        return person

    def user_can_authenticate(self, user: Any) -> bool:
        """Judge the password alone: the login form tells whoever knows it why the account may not enter."""
        return True

    def get_user(self, user_id: Any) -> Any:
        """Return the person of a session with their roles, None for an account that may not be logged in."""
        return _logged_in.first(person=user_id)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return nothing: there are no per-person permissions."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the person's roles grant by the matrix, which the groups are filled from; no query of its own."""
        if user_obj.is_superuser and not user_obj.acts_as_member:
            return super().get_group_permissions(user_obj, obj)
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {code for role in user_obj.acting_roles for code in permissions_of(role)}

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

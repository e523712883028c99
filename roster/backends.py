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

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        return Permission.objects.none()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether one of the person's roles grants `perm`."""
        return super().has_perm(user_obj, perm)

"""List filters of the person admin; the list opens on whoever has not left."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from medcover.backoffice.filters import DefaultFilter
from roster.models import User
from roster.rights import Role


class StateFilter(DefaultFilter):
    """Choice of accounts by state; archived ones only for those who may list them."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, the default first; asking for archived people without the right is refused."""
        may_list_archived = request.user.has_perm("roster.view_archived_user")
        left = [User.State.ARCHIVED.value, User.State.ERASED.value]
        if not may_list_archived and self.used_parameters.get(self.parameter_name) in left:
            raise PermissionDenied
        archived = [(left[0], _("Archived people")), (left[1], User.State.ERASED.label)] if may_list_archived else []
        return [
            ("present", _("Not archived")),
            (User.State.ACTIVE.value, User.State.ACTIVE.label),
            (User.State.WAITING.value, User.State.WAITING.label),
            *archived,
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the accounts in the chosen state."""
        reads = {
            "present": queryset.not_archived,
            User.State.ACTIVE: queryset.active,
            User.State.WAITING: queryset.waiting,
            User.State.ARCHIVED: queryset.archived,
            User.State.ERASED: queryset.erased,
        }
        return reads[self.value()]()


class RoleFilter(SimpleListFilter):
    """People who hold one role, by its name on screen."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer all six."""
        return [(role.value, role.label) for role in Role]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the holders; an unknown role is no choice."""
        known = [role for role in Role if role.value == self.value()]
        return queryset.with_role(*known) if known else queryset


class QualificationFilter(SimpleListFilter):
    """People who hold one qualification, whether or not it is still valid today."""

    title = Qualification._meta.verbose_name
    parameter_name = "qualification"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the living ones."""
        return [(str(pk), name) for pk, name in Qualification.objects.living().values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the holders; an unknown key is no choice."""
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(holdings__qualification=self.value()) if self.value() in known else queryset

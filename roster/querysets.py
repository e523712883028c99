"""Reads of the register of people."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

from medcover.common.czech import fold
from roster.rights import MATRIX, Role, permissions_of


class UserQuerySet(models.QuerySet):
    """People."""

    def active(self) -> UserQuerySet:
        """People whose account is active; archived ones never are (a constraint says so)."""
        return self.filter(is_active=True)

    def not_archived(self) -> UserQuerySet:
        """People who have not left."""
        return self.filter(is_archived=False)

    def waiting(self) -> UserQuerySet:
        """People whose account nobody has activated yet, or somebody has deactivated."""
        return self.filter(is_active=False, is_archived=False)

    def archived(self) -> UserQuerySet:
        """People who have left."""
        return self.filter(is_archived=True)

    def with_role(self, *roles: Role) -> UserQuerySet:
        """People who hold at least one of the roles."""
        return self.filter(groups__name__in=[role.value for role in roles]).distinct()

    def holding_permission(self, permission: str) -> UserQuerySet:
        """Active people who hold `permission` ("app.codename") by one of their roles."""
        if permission not in MATRIX:
            raise LookupError(permission)
        return self.active().with_role(*[role for role in Role if permission in permissions_of(role)])

    def subscribing_with(self, token: str) -> UserQuerySet:
        """Active people one of whose calendar links holds `token`; at most one."""
        return self.active().filter(Q(ical_token=token) | Q(ical_all_token=token))

    def matching(self, text: str) -> UserQuerySet:
        """People whose name or e-mail contains every word of `text`, whatever case and diacritics."""
        found = self
        for word in fold(text).split():
            found = found.filter(Q(name_search__contains=word) | Q(email__contains=word))
        return found

    def by_name(self) -> UserQuerySet:
        """In Czech alphabetical order."""
        return self.order_by("name_sort", "id")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates accounts; the address is stored trimmed and in lower case."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Trim and lower-case the whole address, so that one person cannot have two accounts by case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> Any:
        """Find the account of a typed login name."""
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Create an account; without a password nobody can log in to it until one is set."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Create an active account that passes every permission but the confidential ones."""
        return self.create_user(email, password, is_active=True, is_superuser=True, **fields)

"""Querysets of people, invitations and signatures."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from medcover.common.czech import fold
from medcover.common.text import words_to_find
from roster.rights import MATRIX, Role, permissions_of

#: The form of every secret in our links.
TOKEN = re.compile(r"[0-9a-f]{64}")


#: Written out, because every request asks for it and building it anew takes longer than the answer.
_ROLE_NAMES = """ARRAY(
    SELECT held.name FROM auth_group AS held JOIN roster_user_groups AS link ON link.group_id = held.id
    WHERE link.user_id = roster_user.id
)"""


class UserQuerySet(models.QuerySet):
    """People."""

    def active(self) -> UserQuerySet:
        """People whose account is active; archived ones never are (a constraint says so)."""
        return self.filter(is_active=True)

    def not_archived(self) -> UserQuerySet:
        """People who have not left."""
        return self.filter(is_archived=False)

    def visible_to(self, reader: Any) -> UserQuerySet:
        """People whom the reader may know of: those who have left only with a right of its own."""
        return self if reader.has_perm("roster.view_archived_user") else self.not_archived()

    def waiting(self) -> UserQuerySet:
        """People whose account nobody has activated yet, or somebody has deactivated."""
        return self.filter(is_active=False, is_archived=False)

    def archived(self) -> UserQuerySet:
        """People who have left and are still known by name."""
        return self.filter(is_archived=True).not_erased()

    def erased(self) -> UserQuerySet:
        """Pseudonyms of people whose personal data have been erased."""
        return self.filter(erased_at__isnull=False)

    def not_erased(self) -> UserQuerySet:
        """People who are still known by name, archived ones among them."""
        return self.filter(erased_at__isnull=True)

    def with_role(self, *roles: Role) -> UserQuerySet:
        """People who hold at least one of the roles."""
        return self.filter(groups__name__in=[role.value for role in roles]).distinct()

    def with_role_names(self) -> UserQuerySet:
        """Carry the names of their roles, so that asking for roles and rights costs nothing more."""
        return self.annotate(carried_role_names=RawSQL(_ROLE_NAMES, []))  # noqa: S611 - nothing from outside

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
        for word in words_to_find(fold(text)):
            found = found.filter(Q(name_search__contains=word) | Q(email__contains=word))
        return found

    def by_name(self) -> UserQuerySet:
        """Order by name, in Czech alphabetical order."""
        return self.order_by("name_sort", "id")


class InvitationQuerySet(models.QuerySet):
    """Invitations to register."""

    def valid_at(self, at: datetime) -> InvitationQuerySet:
        """Invitations whose link works at the moment `at`."""
        return self.open().filter(expires_at__gt=at)

    def expired_at(self, at: datetime) -> InvitationQuerySet:
        """Invitations nobody used or cancelled before they became too old."""
        return self.open().filter(expires_at__lte=at)

    def open(self) -> InvitationQuerySet:
        """Invitations that were neither used nor cancelled."""
        return self.filter(used_at__isnull=True, cancelled_at__isnull=True)

    def used(self) -> InvitationQuerySet:
        """Invitations that became an account."""
        return self.filter(used_at__isnull=False)

    def cancelled(self) -> InvitationQuerySet:
        """Invitations taken back."""
        return self.filter(cancelled_at__isnull=False)

    def with_token(self, token: str) -> InvitationQuerySet:
        """Return the invitation whose link ends in `token`, whatever a browser sends as one; at most one."""
        return self.filter(token=token) if TOKEN.fullmatch(token) else self.none()

    def matching(self, text: str) -> InvitationQuerySet:
        """Invitations whose address contains every word of `text`."""
        found = self
        for word in words_to_find(text.lower()):
            found = found.filter(email__contains=word)
        return found


class SignatureQuerySet(models.QuerySet):
    """Signatures; whoever only asks whether there is one does not load it."""

    def of(self, person: Any) -> SignatureQuerySet:
        """Return the person's signature; at most one."""
        return self.filter(person=person.pk)

    def picture_of(self, person: Any) -> bytes | None:
        """Return the PNG of the person's signature, None without one."""
        picture = self.of(person).values_list("picture", flat=True).first()
        return None if picture is None else bytes(picture)


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
        # Long random keys and tokens are nobody's yet; asking whose each is would take most of the time.
        user.full_clean(exclude=["password", "id", "ical_token", "ical_all_token"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """Create an active account that passes every permission but the confidential ones."""
        return self.create_user(email, password, is_active=True, is_superuser=True, **fields)

"""People for tests."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.models import Group

from medcover.tests.rows import RowFactory, relate
from roster.models import User
from roster.rights import Role

PASSWORD = "correct horse"


class UserFactory(RowFactory):
    """An active person; pass `roles=[Role.MEMBER]` (default: a member)."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Osoba {n:04d}")
    password = factory.django.Password(PASSWORD)
    is_active = True

    @factory.post_generation
    def roles(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        wanted = [Role.MEMBER] if extracted is None else extracted
        relate(self, "groups", Group.objects.filter(name__in=[role.value for role in wanted]) if wanted else [])


def make_admin(**fields: Any) -> User:
    return UserFactory(roles=[Role.ADMIN], **fields)


def make_coordinator(**fields: Any) -> User:
    return UserFactory(roles=[Role.COORDINATOR], **fields)


def make_member(**fields: Any) -> User:
    return UserFactory(roles=[Role.MEMBER], **fields)


def make_viewer(**fields: Any) -> User:
    return UserFactory(roles=[Role.VIEWER], **fields)

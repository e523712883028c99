"""There is always an administrator who can log in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from medcover.tests.threads import refusals, together
from roster import services
from roster.models import User
from roster.rights import Role
from roster.services import admission
from roster.services.administrators import LastAdministrator
from roster.tests.factories import make_admin, make_coordinator

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))


def administrators() -> set[User]:
    return set(User.objects.active().with_role(Role.ADMIN))


@pytest.mark.django_db
class TestTheLastOne:
    @pytest.fixture
    def last(self):
        """An administrator beside one who cannot log in and one who is archived."""
        make_admin(is_active=False)
        make_admin(is_active=False, is_archived=True)
        return make_admin(name="Adminová Eva")

    @pytest.mark.parametrize(
        "change",
        [
            lambda person, by: services.remove_role(person.pk, Role.ADMIN, by=by, at=NOW),
            lambda person, by: services.set_roles(person.pk, [Role.MEMBER], by=by, at=NOW),
            lambda person, by: services.set_roles(person.pk, [], by=None, at=NOW),
            lambda person, by: services.deactivate(person.pk, by=by, at=NOW),
            lambda person, by: services.archive(person.pk, by=None, at=NOW),
        ],
    )
    @pytest.mark.parametrize("by_oneself", [True, False])
    def test_stays_whoever_asks_and_is_named(self, last, change, by_oneself):
        by = last if by_oneself else make_coordinator()
        with pytest.raises(DomainError, match=r"Adminová Eva je poslední správce|U vlastního účtu"):
            change(last, by)
        assert administrators() == {last}

    def test_stays_in_bulk_while_the_others_go(self, last):
        others = [make_admin() for _n in range(3)]
        people = [person.pk for person in (*others, last)]
        result = services.remove_role_from_all(people, Role.ADMIN, by=last, at=NOW)
        assert len(result.changed) == 3
        assert len(result.skipped) == 1
        assert len(administrators()) == 1

    def test_stays_when_the_provider_forgets_the_role(self, last, settings):
        settings.OIDC_ROLES_CLAIM = "roles"
        claims = {"email": last.email, "email_verified": True, "sub": "s1", "roles": ["member"]}
        person = admission.admit(claims, at=NOW)
        assert set(User.objects.get(pk=person.pk).roles) == {Role.ADMIN, Role.MEMBER}
        assert AuditEntry.objects.filter(summary__contains="jako poslední").exists()

    def test_may_go_once_there_is_another(self, last):
        make_admin()
        services.deactivate(last.pk, by=None, at=NOW)
        assert last not in administrators()

    def test_who_cannot_log_in_loses_the_role_at_any_time(self, last):
        asleep = make_admin(is_active=False)
        services.set_roles(asleep.pk, [], by=last, at=NOW)
        assert asleep.groups.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_administrators_who_remove_each_other_at_once_one_stays():
    people = [make_admin() for _n in range(6)]
    pairs = list(zip(people, people[1:] + people[:1], strict=True))
    calls = [lambda a=a, b=b: services.remove_role(b.pk, Role.ADMIN, by=a, at=NOW) for a, b in pairs]
    outcomes = together(calls)
    assert refusals(outcomes, LastAdministrator) == 1
    assert len(administrators()) == 1

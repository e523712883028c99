"""After a test that commits the database is what it was, whatever the test did."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection

from events.models import MasterEvent
from events.tests.factories import PositionFactory, put
from medcover.system.models import AuditEntry
from medcover.tests.pristine import Pristine
from medcover.tests.rows import recorded
from roster.models import User
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def content() -> dict[str, list[tuple]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        return {table: _rows(cursor, table) for table in tables}


def _rows(cursor, table: str) -> list[tuple]:
    cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
    return cursor.fetchall()


@pytest.fixture
def pristine(django_db_setup) -> Pristine:
    """What every test that commits is followed by."""
    return django_db_setup


def test_rows_that_were_added_changed_and_deleted(pristine):
    before = content()
    put(make_coordinator(), PositionFactory())
    Group.objects.filter(name="Viewer").update(name="Somebody else")
    Group.objects.get(name="Member").permissions.set(Permission.objects.all()[:2])
    Group.objects.get(name="Technician").delete()
    pristine.restore()
    assert content() == before


def test_rows_of_ours_that_point_at_new_ones(pristine):
    before = content()
    general = MasterEvent.objects.get()
    general.coordinator = make_coordinator()
    general.save()
    pristine.restore()
    assert content() == before


def test_the_record_which_refuses_to_be_deleted(pristine):
    before = AuditEntry.objects.count()
    recorded(make_coordinator())
    assert AuditEntry.objects.count() > before
    assert "system_auditentry" in pristine.touched()
    pristine.restore()
    assert AuditEntry.objects.count() == before


def test_what_was_not_touched_is_left_alone(pristine):
    assert not pristine.touched()
    make_coordinator()
    assert "roster_user" in pristine.touched()
    assert not {"auth_group", "auth_permission", "django_content_type", "events_event"} & pristine.touched()


@pytest.mark.parametrize("_time", ["first", "second"])
def test_nothing_of_one_test_reaches_the_next(_time):
    assert not User.objects.exists()
    assert Group.objects.filter(name="Viewer").exists()
    make_coordinator()
    Group.objects.filter(name="Viewer").delete()

"""Timestamps as they come out of the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.utils import DataError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.timestamps import UtcLoader

pytestmark = pytest.mark.django_db


def read(expression: str, *values: object):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        return cursor.fetchone()[0]


def test_our_loader_reads_them():
    with connection.cursor() as cursor:
        assert cursor.adapters.get_loader(1184, 0) is UtcLoader


@given(st.datetimes(timezones=st.sampled_from([UTC])))
def test_any_moment_comes_back_as_it_was(moment):
    found = UtcLoader(1184, connection.connection).load(read("%s::timestamptz::text", moment).encode())
    assert (found, found.tzinfo) == (moment, UTC)


def test_without_and_with_parts_of_a_second():
    for text in ("2026-02-28 23:59:59", "2026-02-28 23:59:59.5", "2026-02-28 23:59:59.000001"):
        assert read("%s::timestamptz", text + "+00") == datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_what_python_has_no_moment_for_is_said_as_before(text):
    with pytest.raises(DataError):
        read("%s::timestamptz", text)


def test_another_zone_of_the_connection_is_respected():
    with timezone.override("Europe/Prague"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kathmandu'")
        cursor.execute("SELECT '2026-06-01 12:00:00+00'::timestamptz")
        (found,) = cursor.fetchone()
    assert found == datetime(2026, 6, 1, 12, tzinfo=UTC)

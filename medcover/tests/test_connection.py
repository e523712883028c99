"""What each connection asks of the database server."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_nothing_is_compiled_and_one_plan_does_for_all_values():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('jit'), current_setting('plan_cache_mode')")
        assert cursor.fetchone() == ("off", "force_generic_plan")


def test_a_statement_that_comes_again_is_kept_by_the_server():
    def kept() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::text AS twice'")
            return int(cursor.fetchone()[0])

    for expected in (0, 1, 1):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::text AS twice", ["x"])
        assert kept() == expected

"""Values that stand in statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from events.models import Event
from events.rules.lifecycle import Status
from medcover.common.db import Constant, any_of, one_of
from notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db


def written(rows: Any) -> tuple[str, tuple[Any, ...]]:
    sql, params = rows.query.sql_with_params()
    return sql, params


def test_choices_and_numbers_are_written():
    sql, params = written(Event.objects.filter(status__in=one_of({Status.OPEN, Status.CLOSED}), version=Constant(-3)))
    assert "IN ('closed', 'open')" in sql
    assert "= -3" in sql
    assert params == ()


@pytest.mark.parametrize("value", ["", "it's", "a b", "50%", 'x"', "1st", None, 1.5, b"open", ["open"]])
def test_nothing_else_is(value):
    with pytest.raises(TypeError):
        written(Event.objects.filter(name=Constant(value)))


def test_no_choices_find_nothing():
    assert not Event.objects.filter(status__in=one_of([])).exists()


def test_many_keys_are_one_value():
    _sql, params = written(Event.objects.filter(pk__in=any_of([3, 1, 2])))
    assert params == ([3, 1, 2],)
    assert not Event.objects.filter(pk__in=any_of([])).exists()


@pytest.mark.parametrize(("rows", "index"), [
    (OutboxMessage.objects.being_sent(), "outbox_being_sent"),
    (OutboxMessage.objects.pending(), "outbox_due"),
])  # fmt: skip
def test_a_plan_for_all_values_finds_the_index_of_few_rows(rows, index):
    sql, params = written(rows.order_by().values("pk"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        assert index in "\n".join(line for (line,) in cursor.fetchall())

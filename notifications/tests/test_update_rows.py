"""Writing some fields of many rows by one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from medcover.common.db import update_rows
from notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db

NASTY = "%s { } \\ ' \" , NULL \n ž 🚑"


def message(**fields: object) -> OutboxMessage:
    return OutboxMessage.objects.create(code="trial", to_email="a@example.org", subject="before", **fields)


def test_each_row_gets_its_own_values():
    later = timezone.now() + timedelta(hours=1)
    first, second = message(), message()
    for number, row in enumerate((first, second)):
        row.subject, row.payload, row.send_after = f"{NASTY}{number}", {NASTY: [number, None, {"a": NASTY}]}, later
    update_rows([first, second], ["subject", "payload", "send_after"])
    for number, row in enumerate(OutboxMessage.objects.filter(pk__in=[first.pk, second.pk]).order_by("subject")):
        assert row.subject == f"{NASTY}{number}"
        assert row.payload == {NASTY: [number, None, {"a": NASTY}]}
        assert row.send_after == later


def test_other_fields_and_other_rows_stay():
    changed, other = message(), message()
    changed.subject, changed.to_email = "after", "b@example.org"
    update_rows([changed], ["subject"])
    changed.refresh_from_db()
    other.refresh_from_db()
    assert (changed.subject, changed.to_email, other.subject) == ("after", "a@example.org", "before")


def test_takes_one_statement_whatever_the_number(django_assert_num_queries):
    rows = [message() for _number in range(30)]
    with django_assert_num_queries(1):
        update_rows(rows, ["subject"])
    with django_assert_num_queries(0):
        update_rows([], ["subject"])

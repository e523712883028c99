"""Personal data in the audit record: finding and masking a person.

What a person is called by stands in entries for ever; when they are erased it is masked inside the database
(migration `0008_audit_masking`), by the one function that the record's trigger lets through.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from medcover.common.masking import Mask, Needle
from medcover.system.models import AuditEntry


class JsonMentions(Func):
    """SQL condition: the needle stands in some text inside a JSON column."""

    function = "json_mentions"
    output_field: models.Field = BooleanField()

    def __init__(self, column: str, needle: Needle) -> None:
        super().__init__(F(column), Value(needle.exact), Value(needle.rough))


def entries_concerning(person_id: Any) -> QuerySet[AuditEntry]:
    """Return the entries of what the person did, and those about them or about rows that point or pointed at them."""
    key = str(person_id)
    recorded: QuerySet[AuditEntry] = AuditEntry.objects.alias(recorded=Cast("changes", TextField()))
    return recorded.filter(Q(actor=person_id) | Q(object_pk=key) | Q(recorded__contains=key))


def count_mentions(key: Any, *, own: Needle, elsewhere: Needle) -> int:
    """Count the entries that `mask_record` would change."""
    mentions = (
        "SELECT count(*) FROM system_auditentry AS entry WHERE"
        " ((object_pk = %s OR position(%s IN changes::text) > 0) AND audit_mentions(entry, %s, %s))"
        " OR (%s <> '' AND audit_mentions(entry, %s, %s))"
    )
    parameters = [str(key), str(key), own.exact, own.rough, elsewhere.exact, elsewhere.exact, elsewhere.rough]
    with connection.cursor() as cursor:
        cursor.execute(mentions, parameters)
        return int(cursor.fetchone()[0])


def mask_record(key: Any, *, own: Mask, elsewhere: Mask) -> int:
    """Mask entries about the row of this key with `own` and all others with `elsewhere`; return how many changed.

    Runs in the transaction of the erasure. Actor, time, kind and object of every entry stay.
    """
    needles = (own.needle.exact, own.needle.rough, elsewhere.needle.exact, elsewhere.needle.rough)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_mask(%s, %s, %s, %s, %s, %s)", [str(key), *needles, own.replacement])
        return int(cursor.fetchone()[0])

"""Database helpers: abstract model bases, bulk writes, and locks on a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.constants import OnConflict
from django.db.models.expressions import RawSQL, Value
from django.utils.translation import gettext_lazy as _

from medcover.common.czech import fold, sort_key
from medcover.common.errors import StaleRecord


class TimeStamped(models.Model):
    """Rows that remember when they were made and last written."""

    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """Optimistic locking: the version starts at 1 and rises with every effective write."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def expect_version(self, version: int | None) -> None:
        """Refuse with StaleRecord unless `version` is the row's; None means "not from a form"."""
        if version is not None and version != self.version:
            raise StaleRecord

    def raise_version(self) -> None:
        """Count one write; the caller holds the row lock, so a plain increment is safe."""
        self.version += 1


class Named(models.Model):
    """Rows listed by name: a Czech sort key and a folded text for search are stored beside it.

    The database the project brings along has no ICU collations, so the order is kept as data.
    """

    name_sort = models.CharField(max_length=600, editable=False, db_index=True)
    name_search = models.CharField(max_length=300, editable=False)

    name: str

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Keep the keys true on every save, also when only some fields are written."""
        self.set_name_keys()
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_sort", "name_search"}
        super().save(**kwargs)

    def set_name_keys(self) -> None:
        """Derive the stored keys from the name."""
        self.name_sort = sort_key(self.name)[:600]
        self.name_search = fold(self.name)[:300]


def one_at_a_time(task: str) -> None:
    """Wait until nobody else does `task`, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [task])


def insert_unless_there(rows: Sequence[models.Model], *, batch_size: int) -> set[Any]:
    """Insert what no unique constraint keeps out; return the keys of what was inserted.

    `bulk_create(ignore_conflicts=True)` would not say what it left out.
    """
    found: set[Any] = set()
    for batch in (rows[begin : begin + batch_size] for begin in range(0, len(rows), batch_size)):
        meta = batch[0]._meta
        insert = type(batch[0])._base_manager.all()._insert  # type: ignore[attr-defined]  # noqa: SLF001
        returned = insert(batch, fields=meta.concrete_fields, returning_fields=[meta.pk], on_conflict=OnConflict.IGNORE)
        found.update(row[0] for row in returned if row)  # a single row that was left out comes back as None
    return found


def update_rows(rows: Iterable[models.Model], names: Sequence[str]) -> None:
    """Write these fields of rows of one model by one statement.

    `bulk_update` puts a statement together that grows with the rows, which takes several times as long as running it.
    """
    rows = list(rows)
    if not rows:
        return
    model = rows[0]._meta
    fields: list[Any] = [model.pk, *(model.get_field(name) for name in names)]
    columns = [connection.ops.quote_name(field.column) for field in fields]
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    table = connection.ops.quote_name(model.db_table)
    written = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {written} FROM unnest({arrays}) AS given({', '.join(columns)}) "  # noqa: S608
            f"WHERE {table}.{columns[0]} = given.{columns[0]}",
            values,
        )


def any_of(keys: Sequence[int]) -> RawSQL:
    """Return numeric keys for `__in`: however many there are, the statement stays the same and so is planned once."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(keys)])


class Constant(Value):
    """A value that the code itself names, such as a status, written into the statement.

    The server plans a statement once for all values that are sent beside it. Where one decides whether an index helps,
    above all an index of few rows only, it has to stand in the statement.
    """

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Stand in the statement. Raises TypeError for anything but numbers and words as choices have them."""
        if isinstance(self.value, int):
            return f"{self.value:d}", ()
        if isinstance(self.value, str) and str(self.value).isidentifier():
            return f"'{self.value!s}'", ()
        raise TypeError(f"{self.value!r} is no constant.")


def one_of(choices: Iterable[str]) -> list[Constant]:
    """Return choices for `__in` as constants, always in the same order."""
    return [Constant(choice) for choice in sorted(choices)]

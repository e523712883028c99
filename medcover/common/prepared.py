"""Prepared queries: SQL put together once in a process, and then run with other values each time.

Django builds a statement anew for every use: for those of the busiest pages that takes several times as long as
running them. What is prepared here yields the same rows as the queryset it is built from, prefetching included;
only the statement is kept. It must not depend on anything but its parameters, its shape and the time zone: whatever
is decided while a queryset is built (the moment, a right, how long a list is) has to be one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, DateField, DateTimeField, Expression, Field, QuerySet, UUIDField
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from psycopg.sql import Literal

#: What parameters usually are: keys of rows, keys of people and messages, moments, days.
KEY: Field[Any, Any] = BigIntegerField()
UUID: Field[Any, Any] = UUIDField()
MOMENT: Field[Any, Any] = DateTimeField()
DAY: Field[Any, Any] = DateField()


class Parameter(Expression):
    """The place of a value that each run brings along."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Stand among the parameters of the statement ourselves, until a run puts its value there."""
        return "%s", (self,)

    def adapted(self, value: Any, connection: Any) -> Any:
        """Return the value as the database takes it; a number too large for its column as the largest, which no
        key ever is.
        """
        if self.output_field is KEY and isinstance(value, int):
            least, most = connection.ops.integer_field_range("BigIntegerField")
            value = max(least, min(value, most))
        return self.output_field.get_db_prep_value(value, connection)


class Listed(Parameter):
    """The place of a list of values, for `__in`: however long it is, the statement stays the same."""

    def as_sql(self, _compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Stand as rows of one column."""
        return f"(SELECT unnest(%s::{self.output_field.db_type(connection)}[]))", (self,)

    def adapted(self, value: Any, connection: Any) -> Any:
        """Return the values as the database takes them."""
        if self.output_field is KEY and all(type(one) is int for one in value):
            least, most = connection.ops.integer_field_range("BigIntegerField")
            return [one if least <= one <= most else max(least, min(one, most)) for one in value]
        return [super(Listed, self).adapted(one, connection) for one in value]


class PreparedQuery:
    """A queryset by its parameters; call it with their values to get its rows.

    `build` gets the parameters as attributes, and the values that decide how the statement looks, its shape.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], parameters: dict[str, Parameter]) -> None:
        self._build, self._parameters = build, parameters
        self._compiled: dict[tuple[Hashable, ...], _Compiled] = {}
        self.__doc__ = build.__doc__

    def __call__(self, *shape: Hashable, **values: Any) -> list[Any]:
        """Return the rows. Raises TypeError unless there is a value for each parameter."""
        if values.keys() != self._parameters.keys():
            raise TypeError(f"Wanted are values for {sorted(self._parameters)}, given are {sorted(values)}.")
        key = (timezone.get_current_timezone_name(), *shape)
        if key not in self._compiled:
            self._compiled[key] = _Compiled(self._build(SimpleNamespace(**self._parameters), *shape))
        return self._compiled[key].run(values)

    def first(self, *shape: Hashable, **values: Any) -> Any:
        """Return the first row, or None."""
        return next(iter(self(*shape, **values)), None)


class _Compiled:
    """A queryset with its compiler, which has put the statement together."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._arguments = _with_constants(*self._compiler.as_sql())

    def run(self, values: dict[str, Any]) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        if self._queryset.query.select_for_update and connection.get_autocommit():
            # Django asks while it puts a statement together.
            raise TransactionManagementError("Rows can be locked inside a transaction only.")
        compiler: Any = copy(self._compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_ignored, **_options: (self._sql, self._bound(values, connection))
        query: Any = copy(self._queryset.query)
        query.get_compiler = lambda *_ignored, **_options: compiler
        # Copied by hand: its own ways of copying would build the query anew, or run it.
        found = object.__new__(type(self._queryset))
        found.__dict__ = {**self._queryset.__dict__, "_query": query, "_result_cache": None}
        return list(found)

    def _bound(self, values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
        return tuple(
            argument.adapted(values[argument.name], connection) if isinstance(argument, Parameter) else argument
            for argument in self._arguments
        )


def _with_constants(sql: str, arguments: Sequence[Any]) -> tuple[str, list[Any]]:
    """Write what is the same in every run into the statement, so that the one plan that the server keeps knows it.

    A plan that has to do for any status cannot use an index of open repairs alone.
    """
    left, kept = iter(arguments), []

    def written(found: re.Match[str]) -> str:
        if found[0] != "%s":
            return found[0]
        argument = next(left)
        constant = _literal(argument)
        if constant is None:
            kept.append(argument)
        return constant or found[0]

    return _PLACEHOLDER.sub(written, sql), kept


#: The place of a value, or a per cent sign as a statement with values has to write it.
_PLACEHOLDER = re.compile("%s|%%")


def _literal(argument: Any) -> str | None:
    """Return a constant of a plain kind as SQL; None for parameters and whatever is better sent as it is."""
    if isinstance(argument, str):
        plain: Any = str(argument)  # a choice is a string, but an enumeration first
    elif isinstance(argument, int) and not isinstance(argument, bool):
        plain = int(argument)
    elif isinstance(argument, bool | datetime | timedelta):
        plain = argument
    else:
        return None
    return Literal(plain).as_string(None).replace("%", "%%")


def keep_related(row: Any, name: str, found: list[Any]) -> None:
    """Let the relation `name` of a row yield what was found for it, as prefetching would."""
    related = getattr(row, name).all()
    related.__dict__.update(_result_cache=found, _prefetch_done=True)
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = related


def prepared(
    *, lists: dict[str, Field[Any, Any]] | None = None, **fields: Field[Any, Any]
) -> Callable[[Callable[..., QuerySet[Any]]], PreparedQuery]:
    """Prepare the queryset that the decorated function returns; `fields` are its parameters, `lists` those for `__in`.

    The function gets the parameters as attributes of its first argument and the shape as its others.
    """
    parameters: dict[str, Parameter] = {name: Parameter(name, field) for name, field in fields.items()}
    parameters |= {name: Listed(name, field) for name, field in (lists or {}).items()}
    return lambda build: PreparedQuery(build, parameters)

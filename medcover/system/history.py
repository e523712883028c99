"""The audit record as people read it: labels instead of column names, names instead of keys, local times.

Reads a fixed number of queries however many entries are shown: keys of other rows are gathered first and
resolved with one query per kind of row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from medcover.common import formats
from medcover.common.czech import MISSING
from medcover.system.models import AuditEntry

#: How the record writes "nothing".
_NOTHING = {None, "", "None"}


@dataclass(frozen=True)
class Change:
    """One changed value: the field's label, what it was and became in words, and both in one phrase."""

    label: str
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Line:
    """One entry of a history; `actor` is None for what the system did by itself."""

    at: datetime
    actor: str | None
    kind: str
    summary: str
    changes: list[Change]


Names = Mapping[type[models.Model], Mapping[Any, str]]


def of_event(event_id: int, *, limit: int = 50) -> list[Line]:
    """Return what happened to an event and everything that belongs to it, newest first."""
    return lines(AuditEntry.objects.filter(event_id=event_id).order_by("-id")[:limit])


def lines(entries: models.QuerySet[AuditEntry]) -> list[Line]:
    """Return entries in the words of the active language and the active time zone, in their order."""
    return lines_of(list(entries.select_related("actor", "content_type")))


def lines_of(entries: list[AuditEntry]) -> list[Line]:
    """Return the same of entries that have been read, with actor and content type at hand."""
    names = _names_in(entries, _edited_fields_of)
    return [_line(entry, names) for entry in entries]


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return every recorded value of one entry, also of one that tells of a row made or deleted."""
    return _changes(_fields_of(entry), _names_in([entry], _fields_of))


def _line(entry: AuditEntry, names: Names) -> Line:
    summary = entry.summary or entry.object_repr
    changes = _changes(_edited_fields_of(entry), names)
    return Line(
        at=entry.timestamp,
        actor=str(entry.actor) if entry.actor else None,
        kind=str(dict(AuditEntry.Kind.choices).get(entry.kind, entry.kind)),
        summary=summary,
        # A change of status is its own summary; nothing is said twice.
        changes=[change for change in changes if change.text not in summary],
    )


def _changes(fields: Iterable[tuple[Any, Any]], names: Names) -> list[Change]:
    """What reads the same before and after is no change to a reader."""
    found = [_change(field, values, names) for field, values in fields]
    return [change for change in found if change.before != change.after]


def _edited_fields_of(entry: AuditEntry) -> Iterator[tuple[Any, Any]]:
    """The values of a row just made or deleted say nothing that its summary does not."""
    return _fields_of(entry) if entry.action == AuditEntry.Action.UPDATE else iter(())


def _fields_of(entry: AuditEntry) -> Iterator[tuple[Any, Any]]:
    """Yield field and recorded values in the order of the model; the key itself is no news."""
    model = entry.content_type.model_class()
    recorded: Any = entry.changes or {}
    if model is None:
        return
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if field.name in recorded and not field.primary_key:
            yield field, recorded[field.name]


def _change(field: Any, values: Any, names: Names) -> Change:
    label = capfirst(str(field.verbose_name))
    if field.many_to_many:
        return _membership(label, values)
    before, after = (_shown(field, value, names) for value in values)
    return Change(label, before, after, f"{before} → {after}")


def _membership(label: str, values: Mapping[str, Any]) -> Change:
    """Rows that came to a set or left it."""
    listed = ", ".join(map(str, values.get("objects", [])))
    came, left = _("added"), _("removed")
    if values.get("operation") == "add":
        return Change(label, MISSING, listed, f"{came}: {listed}")
    return Change(label, listed, MISSING, f"{left}: {listed}")


def _shown(field: Any, value: Any, names: Names) -> str:
    if value in _NOTHING:
        return MISSING
    if field.is_relation:
        return names.get(field.related_model, {}).get(_key(field.related_model, value), str(value))
    if field.choices:
        return str(dict(_flat(field)).get(value, value))
    if isinstance(field, models.BooleanField):
        return _("yes") if value == "True" else _("no")
    if isinstance(field, models.DateTimeField):
        return _moment(str(value))
    return str(value)


def _flat(field: Any) -> list[tuple[str, Any]]:
    return [(str(key), label) for key, label in field.flatchoices]


def _moment(text: str) -> str:
    """The record keeps moments in UTC without saying so."""
    parsed = parse_datetime(text)
    if parsed is None:
        return text
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return formats.date_time(aware, timezone.get_current_timezone())


# --- names of other rows -----------------------------------------------------------------------------


def _names_in(entries: Iterable[AuditEntry], fields_of: Callable[[AuditEntry], Iterator[tuple[Any, Any]]]) -> Names:
    keys: dict[type[models.Model], set[Any]] = defaultdict(set)
    for entry in entries:
        for field, values in fields_of(entry):
            if field.is_relation and not field.many_to_many:
                keys[field.related_model] |= {_key(field.related_model, value) for value in values}
    return {model: _names(model, wanted - {None}) for model, wanted in keys.items()}


def _names(model: type[models.Model], keys: set[Any]) -> dict[Any, str]:
    return {key: str(row) for key, row in model._base_manager.in_bulk(keys).items()} if keys else {}


def _key(model: type[models.Model], value: Any) -> Any:
    """Return a recorded key as the model has it; None for nothing and for what is no key."""
    if value in _NOTHING:
        return None
    try:
        return model._meta.pk.to_python(value)
    except ValidationError:
        return None

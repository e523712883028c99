"""Reading the audit record for people: labels instead of column names, names instead of keys, local times.

Reads a fixed number of queries however many entries are shown: keys of other rows are gathered first and
resolved with one query per kind of row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from medcover.common import formats
from medcover.common.czech import MISSING
from medcover.system.audit_diff import Piece, pieces
from medcover.system.models import AuditEntry

#: What fields were called when older entries were made; the record is never altered.
_FORMER_NAMES = {("credentials.Qualification", "direct_substitutes"): "parents"}

#: How the record writes "nothing".
_NOTHING = {None, "", "None"}


@dataclass(frozen=True)
class Change:
    """One changed value: the field's label, what it was and became in words, and both in one phrase."""

    label: str
    before: str
    after: str
    text: str

    @cached_property
    def sides(self) -> tuple[list[Piece], list[Piece]]:
        """Both values in pieces, those marked that the other one does not have."""
        return pieces(self.before, self.after)


@dataclass(frozen=True)
class Line:
    """One entry of a history; `actor` is None for what the system did by itself."""

    at: datetime
    actor: str | None
    kind: str
    summary: str
    changes: list[Change]


Names = Mapping[type[models.Model], Mapping[Any, str]]
FieldsOf = Callable[[AuditEntry], Iterator[tuple[Any, Any]]]


def entries_of_event(event_id: Any) -> models.QuerySet[AuditEntry]:
    """Entries about an event and everything that belongs to it, newest first."""
    found: models.QuerySet[AuditEntry] = AuditEntry.objects.filter(event_id=event_id)
    return found.order_by("-id")


def of_event(event_id: int, *, limit: int = 50) -> list[Line]:
    """Return what happened to an event and everything that belongs to it, newest first."""
    return lines(entries_of_event(event_id)[:limit])


def lines(
    entries: models.QuerySet[AuditEntry],
    *,
    known: Iterable[models.Model] = (),
    detailed: Collection[str] | None = None,
) -> list[Line]:
    """Return entries in the words of the active language and the active time zone, in their order.

    Rows in `known` need not be read for their names. `detailed` are labels of apps whose changed values are shown; of
    rows of other apps only the summary is. None shows all values.
    """
    return lines_of(list(entries.select_related("actor", "content_type")), known=known, detailed=detailed)


def lines_of(
    entries: list[AuditEntry],
    *,
    known: Iterable[models.Model] = (),
    detailed: Collection[str] | None = None,
) -> list[Line]:
    """Return the same of entries that have been read, with actor and content type at hand."""
    fields_of = _edited_fields_of if detailed is None else partial(_edited_fields_in, detailed)
    names = _names_in(entries, fields_of, [*known, *(entry.actor for entry in entries if entry.actor)])
    return [_line(entry, names, fields_of) for entry in entries]


def changes(entries: list[AuditEntry]) -> list[list[Change]]:
    """Return the same of each entry, by a fixed number of queries; content types are at hand."""
    names = _names_in(entries, _fields_of)
    return [_changes(_fields_of(entry), names) for entry in entries]


def entries_about(row: models.Model) -> models.QuerySet[AuditEntry]:
    """Entries about one row, newest first."""
    found: models.QuerySet[AuditEntry] = AuditEntry.objects.get_for_object(row)
    return found.order_by("-id")


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return every recorded value of one entry, also of one that tells of a row made or deleted."""
    return _changes(_fields_of(entry), _names_in([entry], _fields_of))


def _line(entry: AuditEntry, names: Names, fields_of: FieldsOf) -> Line:
    summary = entry.summary or entry.object_repr
    changes = _changes(fields_of(entry), names)
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


def _edited_fields_in(apps: Collection[str], entry: AuditEntry) -> Iterator[tuple[Any, Any]]:
    return _edited_fields_of(entry) if entry.content_type.app_label in apps else iter(())


def _fields_of(entry: AuditEntry) -> Iterator[tuple[Any, Any]]:
    """Yield field and recorded values; the key itself is no news."""
    model = entry.content_type.model_class()
    recorded: Any = entry.changes or {}
    if model is None:
        return
    for field in _in_order(model):
        name = field.name if field.name in recorded else _FORMER_NAMES.get((model._meta.label, field.name))
        if name in recorded and not field.primary_key:
            yield field, recorded[name]
    yield from _sets_of(model, recorded)


def _sets_of(model: type[models.Model], recorded: Any) -> Iterator[tuple[Any, Any]]:
    """Rows that belong to a row, where a service has recorded them together, in words."""
    for relation in model._meta.related_objects:
        name = relation.get_accessor_name()
        if name in recorded:
            yield models.TextField(relation.related_model._meta.verbose_name_plural), recorded[name]


def _in_order(model: type[models.Model]) -> list[Any]:
    """Fields as the model's form shows them (`FORM_ORDER`), then the others as the model has them."""
    first = list(getattr(model, "FORM_ORDER", ()))
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return sorted(fields, key=lambda field: first.index(field.name) if field.name in first else len(first))


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


def _names_in(entries: Iterable[AuditEntry], fields_of: FieldsOf, known: Iterable[models.Model] = ()) -> Names:
    names: dict[type[models.Model], dict[Any, str]] = defaultdict(dict)
    for row in known:
        names[type(row)][row.pk] = str(row)
    keys: dict[type[models.Model], set[Any]] = defaultdict(set)
    for entry in entries:
        for field, values in fields_of(entry):
            if field.is_relation and not field.many_to_many:
                keys[field.related_model] |= {_key(field.related_model, value) for value in values}
    for model, wanted in keys.items():
        names[model] |= _names(model, wanted - names[model].keys() - {None})
    return names


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

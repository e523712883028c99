"""What has been changed, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from medcover.common.czech import sort_key
from medcover.system.models import AuditEntry
from notifications.digest.moments import window, with_moments
from notifications.digest.options import (
    BlockOptions,
    ChoicesField,
    NumberField,
    Options,
    SwitchField,
    hours_field,
    rows_field,
)
from notifications.digest.registry import BlockKind, Facts

Kind = AuditEntry.Kind

#: Kinds of change that can be chosen.
CHOSEN = (Kind.CREATE, Kind.EDIT, Kind.DELETE, Kind.STATUS, Kind.MAIL_FAILED)


def entities() -> list[tuple[str, str]]:
    """Return every model that is recorded, as "app.model" with its name, in order of name."""
    found = [(model._meta.label_lower, _name_of(model)) for model in auditlog.get_models()]
    return sorted(found, key=lambda entity: sort_key(entity[1]))


def _name_of(model: Any) -> str:
    return capfirst(str(model._meta.verbose_name))


class LogOptions(BlockOptions):
    """Which entries, and how many."""

    hours = hours_field()
    rows = rows_field(50, 200)
    show_user = SwitchField(label=_("Say who did it"), default=True)
    entities = ChoicesField(label=_("Only these entities"), choices=entities)
    kinds = ChoicesField(label=_("Only these changes"), choices=lambda: [(kind.value, kind.label) for kind in CHOSEN])


def _entries(options: Options, at: datetime) -> Any:
    return AuditEntry.objects.filter(timestamp__gt=window(options, at), timestamp__lte=at)


def collect_log(options: Options, at: datetime) -> Facts:
    """Read the newest entries of the window, and one more to know whether there are more."""
    found = _entries(options, at).select_related("content_type").order_by("-id")
    if options["entities"]:
        found = found.filter(content_type__in=_content_types(options["entities"]))
    if options["kinds"]:
        found = found.filter(kind__in=options["kinds"])
    if options["show_user"]:
        found = found.select_related("content_type", "actor")
    entries = list(found[: options["rows"] + 1])
    rows = [_row(entry, with_actor=options["show_user"]) for entry in entries[: options["rows"]]]
    return {"rows": rows, "is_cut": len(entries) > options["rows"], "hours": options["hours"]}


def _content_types(labels: list[str]) -> list[Any]:
    from django.contrib.contenttypes.models import ContentType

    models = [apps.get_model(label) for label in labels]
    return list(ContentType.objects.get_for_models(*models).values())


def _row(entry: AuditEntry, *, with_actor: bool) -> dict[str, Any]:
    kind = entry.content_type
    return {
        "at": entry.timestamp,
        "kind": entry.kind,
        "entity": f"{kind.app_label}.{kind.model}",
        "summary": entry.summary or entry.object_repr,
        "actor": (entry.actor.name if entry.actor else "") if with_actor else None,
    }


def present_log(facts: Facts) -> dict[str, Any]:
    """Put the kinds of entries into words."""
    labels, names = dict(Kind.choices), dict(entities())
    rows = [
        with_moments(row, "at")
        | {"kind": labels.get(row["kind"], row["kind"]), "entity": names.get(row["entity"], row["entity"])}
        for row in facts["rows"]
    ]
    return {**facts, "rows": rows}


LOG = BlockKind(
    code="audit_log",
    label=_("Audit log"),
    place=20,
    template="notifications/mail/digest/audit_log",
    options=LogOptions,
    collect=collect_log,
    present=present_log,
    description=_("The newest entries of the audit record."),
)


class ActivityOptions(BlockOptions):
    """How long back, and how many people."""

    hours = hours_field()
    rows = NumberField(label=_("Users at most"), default=10, most=100)


def collect_activity(options: Options, at: datetime) -> Facts:
    """Count the entries of everybody who acted in the window, most active first; what the system did is left out."""
    acted = _entries(options, at).filter(actor__isnull=False).order_by()
    counted = acted.values("actor").annotate(entries=Count("pk")).order_by("-entries", "actor")[: options["rows"]]
    entries = {row["actor"]: row["entries"] for row in counted}
    people = get_user_model().objects.in_bulk(list(entries))
    rows = [{"name": people[key].name, "entries": count} for key, count in entries.items() if key in people]
    return {"rows": rows, "hours": options["hours"]}


ACTIVITY = BlockKind(
    code="user_activity",
    label=_("Activity of users"),
    place=80,
    template="notifications/mail/digest/user_activity",
    options=ActivityOptions,
    collect=collect_activity,
    description=_("How many entries of the audit record each person has caused."),
)

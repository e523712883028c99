"""Figures of the installation: counts, sizes, the worker and the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from medcover.system.models import Heartbeat
from notifications.digest import sources
from notifications.digest.models import QueueDepth
from notifications.digest.moments import moment
from notifications.digest.options import MOST_HOURS, BlockOptions, NumberField, Options, SwitchField
from notifications.digest.registry import BlockKind, Facts
from notifications.models import OutboxMessage

#: The worker beats once a minute.
ALIVE_FOR = timedelta(seconds=300)


class StatisticsOptions(BlockOptions):
    """Which parts are shown."""

    users = SwitchField(label=_("Numbers of users"), default=True)
    events = SwitchField(label=_("Numbers of events"), default=True)
    database_size = SwitchField(label=_("Size of the database"), default=True)
    table_sizes = SwitchField(label=_("Largest tables"), default=True)
    scheduler = SwitchField(label=_("Worker"), default=True)
    mail_queue = SwitchField(label=_("Waiting mails"), default=True)
    mail_volume = SwitchField(label=_("Number of mails"), default=True)
    table_rows = NumberField(label=_("Tables at most"), default=5, most=50)
    hours = NumberField(label=_("Window of the mails (hours)"), default=24, most=MOST_HOURS)


def collect(options: Options, at: datetime) -> Facts:
    """Measure the parts that are switched on."""
    facts: Facts = {"hours": options["hours"]}
    return facts | {name: measure(options, at) for name, measure in _PARTS.items() if options[name]}


def _counts(group: str) -> Callable[[Options, datetime], Any]:
    def count(_options: Options, at: datetime) -> Any:
        return {figure.code: figure.count(at) for figure in sources.figures(group)}

    return count


def _database_size(_options: Options, _at: datetime) -> Any:
    return _ask("SELECT pg_database_size(current_database())")[0][0]


def _table_sizes(options: Options, _at: datetime) -> Any:
    sizes = (
        "SELECT relname, pg_total_relation_size(relid) AS size FROM pg_stat_user_tables"
        " WHERE schemaname = current_schema() ORDER BY size DESC, relname LIMIT %s"
    )
    return [{"table": name, "size": size} for name, size in _ask(sizes, options["table_rows"])]


def _ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _worker(_options: Options, at: datetime) -> Any:
    beat = Heartbeat.objects.filter(name="worker").values_list("beat_at", flat=True).first()
    return {"beat_at": beat, "is_alive": beat is not None and at - beat < ALIVE_FOR}


def _queue(options: Options, at: datetime) -> Any:
    measured = QueueDepth.objects.measured_between(_since(options, at), at)
    return {"pending": OutboxMessage.objects.pending().count(), "highest": measured.highest()}


def _volume(options: Options, at: datetime) -> Any:
    return OutboxMessage.objects.filter(created_at__gt=_since(options, at), created_at__lte=at).count()


def _since(options: Options, at: datetime) -> datetime:
    return at - timedelta(hours=options["hours"])


_PARTS: dict[str, Callable[[Options, datetime], Any]] = {
    "users": _counts("users"),
    "events": _counts("events"),
    "database_size": _database_size,
    "table_sizes": _table_sizes,
    "scheduler": _worker,
    "mail_queue": _queue,
    "mail_volume": _volume,
}


def present(facts: Facts) -> dict[str, Any]:
    """Put the figures under their words."""
    shown = dict.fromkeys(_PARTS) | facts
    for group in ("users", "events"):
        if group in facts:
            shown[group] = _worded(group, facts[group])
    if "scheduler" in facts:
        shown["scheduler"] = {**facts["scheduler"], "beat_at": moment(facts["scheduler"]["beat_at"])}
    return shown


def _worded(group: str, counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(str(figure.label), counts[figure.code]) for figure in sources.figures(group) if figure.code in counts]


KIND = BlockKind(
    code="server_stats",
    label=_("Server statistics"),
    place=10,
    template="notifications/mail/digest/server_stats",
    options=StatisticsOptions,
    collect=collect,
    present=present,
    description=_("Counts, sizes, the worker and the outbox."),
)

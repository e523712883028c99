"""Figures that stand in the database: five statements, whatever there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from equipment.models import EquipmentItem, Repair, StaticPagePush
from equipment.repairs.rules import Condition, Severity
from medcover.system.models import Heartbeat
from notifications.models import OutboxMessage
from notifications.slack import config as slack_config

_Status = OutboxMessage.Status


class Gauges(Collector):
    """What was read once, for one scrape."""

    def __init__(self) -> None:
        self._metrics = [*_outbox(), _heartbeats(), _slack(), *_static_page(), _repairs(), _items()]

    def collect(self) -> Iterator[Metric]:
        """Give it out."""
        yield from self._metrics


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"medcover_{name}", words, labels=labels)


def _outbox() -> Iterator[Metric]:
    waiting = _gauge("outbox_pending", "Messages that wait to be sent.", "kind")
    oldest = _gauge("outbox_oldest_pending_timestamp_seconds", "When the oldest of them was queued.", "kind")
    failed = _gauge("outbox_failed", "Messages that were given up.", "kind")
    is_waiting = Q(status__in=[_Status.PENDING, _Status.SENDING])
    rows = OutboxMessage.objects.filter(is_waiting | Q(status=_Status.FAILED)).order_by().values("code")
    for row in rows.annotate(
        waiting=Count("pk", filter=is_waiting),
        failed=Count("pk", filter=Q(status=_Status.FAILED)),
        oldest=Min("created_at", filter=is_waiting),
    ):
        kind = [row["code"]]
        waiting.add_metric(kind, row["waiting"])
        failed.add_metric(kind, row["failed"])
        _add_moment(oldest, kind, row["oldest"])
    yield from (waiting, oldest, failed)


def _heartbeats() -> Metric:
    beats = _gauge("worker_heartbeat_timestamp_seconds", "When the worker was last alive.", "name")
    for name, beat_at in Heartbeat.objects.values_list("name", "beat_at"):
        # What is switched off is not missed.
        if name != slack_config.HEARTBEAT or slack_config.connects():
            _add_moment(beats, [name], beat_at)
    return beats


def _slack() -> Metric:
    enabled = _gauge("slack_socket_mode_enabled", "Whether a process keeps a connection to Slack open.")
    enabled.add_metric([], int(slack_config.connects()))
    return enabled


def _static_page() -> Iterator[Metric]:
    counts = StaticPagePush.objects.aggregate(
        pending=Count("pk", filter=Q(status="pending")),
        oldest=Min("asked_at", filter=Q(status="pending")),
        failing=Count("pk", filter=Q(status="pending", attempts__gt=0)),
    )
    pending = _gauge("static_page_pending", "Pushes of the static page that wait.")
    pending.add_metric([], counts["pending"])
    failing = _gauge("static_page_failing", "Those of them that have failed before.")
    failing.add_metric([], counts["failing"])
    oldest = _gauge("static_page_oldest_pending_timestamp_seconds", "When the oldest of them was asked for.")
    _add_moment(oldest, [], counts["oldest"])
    yield from (pending, failing, oldest)


def _repairs() -> Metric:
    found = _gauge("repairs_open", "Open repairs.", "severity")
    rows = Repair.objects.open().order_by().values_list("severity").annotate(Count("pk"))
    counts: dict[str, int] = dict(rows)
    for severity in (*Severity.values, ""):
        found.add_metric([severity or "none"], counts.get(severity, 0))
    return found


def _items() -> Metric:
    repairs = Repair.objects.open().filter(item=OuterRef("pk"))
    is_down, is_open = Exists(repairs.filter(severity=Severity.DOWN)), Exists(repairs)
    items = EquipmentItem.objects.in_use().order_by()
    rows = items.annotate(is_down=is_down, is_open=is_open).values("is_down", "is_open").annotate(count=Count("pk"))
    counts = dict.fromkeys(Condition, 0)
    for row in rows:
        counts[_condition(row)] += row["count"]
    found = _gauge("items", "Items of equipment that are not archived.", "status")
    for condition, count in counts.items():
        found.add_metric([condition.value], count)
    return found


def _condition(row: dict[str, Any]) -> Condition:
    if row["is_down"]:
        return Condition.DOWN
    return Condition.DEGRADED if row["is_open"] else Condition.OPERATIONAL


def _add_moment(gauge: GaugeMetricFamily, labels: list[str], at: datetime | None) -> None:
    if at is not None:
        gauge.add_metric(labels, at.timestamp())

"""Querysets of repairs and of what is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, Lower

from equipment.repairs.rules import CLOSED, OPEN, RANKS, Severity
from medcover.common.czech import fold
from medcover.common.db import Constant, one_of
from medcover.common.text import words_to_find


class RepairQuerySet(models.QuerySet):
    """Repairs."""

    def open(self) -> RepairQuerySet:
        """Repairs that somebody still has to do something about."""
        return self.filter(status__in=one_of(OPEN))

    def blocking(self) -> RepairQuerySet:
        """Open repairs that keep their item from being used: down, or a risk."""
        return self.open().filter(Q(severity=Constant(Severity.DOWN)) | Q(is_safety_risk=True))

    def determining(self) -> RepairQuerySet:
        """The one open repair of each item that decides its status.

        Carries `open_count`, how many are open, and `is_blocked`, whether one of them keeps the item from being used.
        """
        blocking = Q(severity=Constant(Severity.DOWN)) | Q(is_safety_risk=True)
        counted = self.open().annotate(
            open_count=Window(Count("*"), partition_by=F("item_id")),
            is_blocked=Window(BoolOr(blocking), partition_by=F("item_id")),
        )
        return counted.with_rank().order_by("item_id", "rank", "created", "pk").distinct("item_id")

    def with_rank(self) -> RepairQuerySet:
        """Carry `rank`: 0 for what is worst, those that nobody has judged last."""
        ranks = [When(severity=severity, then=Value(rank)) for severity, rank in RANKS.items()]
        return self.annotate(rank=Case(*ranks, output_field=models.SmallIntegerField()))

    def by_urgency(self) -> RepairQuerySet:
        """The worst first, of equally bad ones the oldest."""
        return self.with_rank().order_by("rank", "created", "pk")

    def with_status_since(self) -> RepairQuerySet:
        """Carry `status_since`: when it came to the status in which it is now."""
        from equipment.models import RepairEntry

        moves = RepairEntry.objects.filter(repair=OuterRef("pk"), kind=RepairEntry.Kind.STATUS, new=OuterRef("status"))
        latest = moves.order_by("-created", "-pk").values("created")[:1]
        return self.annotate(status_since=Coalesce(Subquery(latest), F("created")))

    def with_forgettable_reporter(self, closed_by: datetime) -> RepairQuerySet:
        """Repairs with the contacts of a stranger that were closed at this moment or before."""
        kept = self.filter(status__in=CLOSED).exclude(reporter_name="", reporter_email="")
        return kept.with_status_since().filter(status_since__lte=closed_by)

    def reported_without_account(self, addresses: Iterable[str]) -> RepairQuerySet:
        """Repairs that were reported on the public pages under one of these e-mails, whatever the case."""
        return self.annotate(reporter_address=Lower("reporter_email")).filter(
            reporter_address__in={address.lower() for address in addresses if address}
        )

    def with_names(self) -> RepairQuerySet:
        """Read with each the item, where it belongs, and the people."""
        return self.select_related("item__type", "item__location", "assignee", "reporter")

    def matching(self, text: str) -> RepairQuerySet:
        """Repairs that have every word of `text` in the name or type of their item or in what is wrong."""
        found = self
        for word in words_to_find(text):
            named = Q(item__name_search__contains=fold(word)) | Q(item__type__name_search__contains=fold(word))
            numbered = Q(item__serial_number__icontains=word)
            found = found.filter(named | numbered | Q(description__icontains=word))
        return found

    def of_item(self, item: Any) -> RepairQuerySet:
        """All repairs of an item, the newest first."""
        return self.filter(item=item).order_by("-created", "-pk")

"""Querysets of consumables: what is in stock, what runs out or expires, and what was used.

Stock is what may still be used: pieces in lots that have not expired. Days are local ones.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, FilteredRelation, IntegerField, Min, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from medcover.common.czech import fold
from medcover.common.db import Constant
from medcover.common.text import words_to_find


class ConsumableQuerySet(models.QuerySet):
    """Kinds of consumables."""

    def in_use(self) -> ConsumableQuerySet:
        """Kinds that have not been archived."""
        return self.filter(is_archived=False)

    def matching(self, text: str) -> ConsumableQuerySet:
        """Kinds that have every word of `text` in their name, or a lot in stock of this number."""
        found = self
        for word in words_to_find(fold(text)):
            lots = _lots().in_stock().filter(number__icontains=word)
            found = found.filter(Q(name_search__contains=word) | Exists(lots))
        return found

    def at(self, location: Any) -> ConsumableQuerySet:
        """Kinds of which something lies at a location, or usually does."""
        return self.filter(Q(location=location) | Exists(_lots().in_stock().filter(location=location)))

    def with_stock(self, today: date) -> ConsumableQuerySet:
        """Carry `stock`, `expired_stock` and `nearest_expiry`, the last day of use of what has to be used first."""
        if "stock" in self.query.annotations:
            return self
        usable = Q(in_stock__expires_on__isnull=True) | Q(in_stock__expires_on__gte=today)
        expired = Q(in_stock__expires_on__lt=today)
        return self.alias(in_stock=FilteredRelation("lots", condition=Q(lots__quantity__gt=Constant(0)))).annotate(
            stock=Sum("in_stock__quantity", filter=usable, default=0),
            expired_stock=Sum("in_stock__quantity", filter=expired, default=0),
            nearest_expiry=Min("in_stock__expires_on", filter=usable),
        )

    def low(self, today: date) -> ConsumableQuerySet:
        """Kinds in use with less than their minimum in stock; carry what `with_stock` does."""
        return self.in_use().with_stock(today).filter(stock__lt=F("minimum"))

    def used_up(self, today: date) -> ConsumableQuerySet:
        """Kinds of which nothing may be used any more."""
        return self.filter(~Exists(_lots().usable_on(today)))

    def expiring(self, today: date, until: date) -> ConsumableQuerySet:
        """Kinds of which something usable expires on `until` or before."""
        return self.filter(Exists(_lots().expiring(today, until)))

    def with_expired(self, today: date) -> ConsumableQuerySet:
        """Kinds of which something that has expired is still in stock."""
        return self.filter(Exists(_lots().expired_on(today)))

    def needing_attention(self, today: date, until: date) -> ConsumableQuerySet:
        """Kinds in use that are low, expire until then, or have expired; carry what `with_stock` does."""
        short = Q(stock__lt=F("minimum")) | Q(expired_stock__gt=0) | Q(nearest_expiry__lte=until)
        return self.in_use().with_stock(today).filter(short)

    def with_lots_in_stock(self) -> ConsumableQuerySet:
        """Carry `lots_in_stock`, in the order in which they are to be used; one query for all."""
        from equipment.models import Lot

        lots = Lot.objects.in_stock().in_order_of_use().select_related("location")
        return self.prefetch_related(Prefetch("lots", lots, to_attr="lots_in_stock"))


class LotQuerySet(models.QuerySet):
    """Lots of consumables."""

    def in_stock(self) -> LotQuerySet:
        """Lots of which something is left."""
        return self.filter(quantity__gt=Constant(0))

    def usable_on(self, day: date) -> LotQuerySet:
        """Lots of which something is left that may be used on this day."""
        return self.in_stock().filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day))

    def expired_on(self, day: date) -> LotQuerySet:
        """Lots of which something is left whose last day of use is before this one."""
        return self.in_stock().filter(expires_on__lt=day)

    def expiring(self, today: date, until: date) -> LotQuerySet:
        """Lots of which something is left that may be used today and whose last day is `until` or before."""
        return self.in_stock().filter(expires_on__gte=today, expires_on__lte=until)

    def in_order_of_use(self) -> LotQuerySet:
        """What expires first comes first, then what came first."""
        return self.order_by(F("expires_on").asc(nulls_last=True), "received_on", "pk")

    def with_ledger(self) -> LotQuerySet:
        """Carry `ledger`: the sum of the movements."""
        from equipment.models import Movement

        movements = Movement.objects.filter(lot=OuterRef("pk")).order_by()
        summed = movements.values("lot").annotate(n=Sum("quantity")).values("n")
        return self.annotate(ledger=Coalesce(Subquery(summed), 0, output_field=IntegerField()))

    def unbalanced(self) -> LotQuerySet:
        """Lots whose quantity is not the sum of their movements: none, unless somebody wrote past the services."""
        return self.with_ledger().exclude(ledger=F("quantity"))


class MovementQuerySet(models.QuerySet):
    """Lines of the ledger."""

    def of_kind(self, consumable: Any) -> MovementQuerySet:
        """Movements of all lots of a kind."""
        return self.filter(lot__consumable=consumable)

    def used_on(self, event: Any) -> MovementQuerySet:
        """What was used on an event and has not been taken back."""
        return self.used_on_any([event])

    def used_on_any(self, events: Any) -> MovementQuerySet:
        """What was used on one of these events and has not been taken back."""
        return self.filter(event__in=events, kind="used", undoes__isnull=True, undone_by__isnull=True)

    def with_names(self) -> MovementQuerySet:
        """Read with each its kind, place, event and people, and what undoes it."""
        return self.select_related("lot__consumable", "lot__location", "event", "by", "undone_by")


def _lots() -> LotQuerySet:
    from equipment.models import Lot

    return Lot.objects.filter(consumable=OuterRef("pk")).order_by()

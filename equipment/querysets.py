"""Querysets of equipment: what there is, who has it, and what counts for a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
    Prefetch,
    Q,
    SmallIntegerField,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from events.querysets.events import sees_drafts
from medcover.common.czech import fold
from medcover.common.text import words_to_find

#: A moment, or an SQL expression of one, such as the start of the event in an outer query.
Moment = Any

#: What is before the end of a half-open span by the smallest step that the database knows.
_STEP = timedelta(microseconds=1)


class LocationQuerySet(models.QuerySet):
    """Storage locations."""

    def in_use(self) -> LocationQuerySet:
        """Locations that have not been archived."""
        return self.filter(is_archived=False)

    def matching(self, text: str) -> LocationQuerySet:
        """Locations whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def with_items_counted(self) -> LocationQuerySet:
        """Carry `item_count`: items that belong here and have not been archived."""
        return self.annotate(item_count=Count("items", filter=Q(items__is_archived=False)))


class TypeQuerySet(models.QuerySet):
    """Types of equipment."""

    def matching(self, text: str) -> TypeQuerySet:
        """Types whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def inspected(self) -> TypeQuerySet:
        """Types whose items have to pass an inspection again and again."""
        from equipment.models import InspectionPlan

        return self.filter(Exists(InspectionPlan.objects.in_use().filter(type=OuterRef("pk"))))

    def with_items_counted(self) -> TypeQuerySet:
        """Carry `item_count`: items of the type that have not been archived."""
        return self.annotate(item_count=Count("items", filter=Q(items__is_archived=False)))

    def with_pool(self, start: Moment, end: Moment) -> TypeQuerySet:
        """Carry `pool`: how many items of the type count for the time from `start` to `end`."""
        from equipment.models import EquipmentItem

        items = EquipmentItem.objects.available_between(_from_within(start), _from_within(end))
        counted = items.filter(type=OuterRef("pk")).order_by().values("type").annotate(n=Count("pk")).values("n")
        return self.annotate(pool=Coalesce(Subquery(counted), Value(0)))


class ItemQuerySet(models.QuerySet):
    """Items of equipment."""

    # --- what there is ----------------------------------------------------------------------------------

    def in_use(self) -> ItemQuerySet:
        """Items that have not been archived."""
        return self.filter(is_archived=False)

    def archived(self) -> ItemQuerySet:
        """Items that have been archived."""
        return self.filter(is_archived=True)

    def matching(self, text: str) -> ItemQuerySet:
        """Items that have every word of `text` in name, type, maker, model, serial number or code."""
        found = self
        for word in words_to_find(fold(text)):
            plain = Q(manufacturer__icontains=word) | Q(model__icontains=word)
            numbers = Q(serial_number__icontains=word) | Q(code__iexact=word)
            named = Q(name_search__contains=word) | Q(type__name_search__contains=word)
            found = found.filter(named | plain | numbers)
        return found

    # --- who has it -------------------------------------------------------------------------------------

    def issued(self) -> ItemQuerySet:
        """Items that somebody has."""
        return self.filter(Exists(_open_issues()))

    def in_stock(self) -> ItemQuerySet:
        """Items that nobody has."""
        return self.filter(~Exists(_open_issues()))

    def held_by(self, person: Any) -> ItemQuerySet:
        """Items that the person has."""
        return self.filter(Exists(_open_issues().filter(person=person)))

    def held_by_those_who_left(self) -> ItemQuerySet:
        """Items that are still with somebody whose account is not active any more."""
        return self.filter(Exists(_open_issues().filter(person__is_active=False)))

    def with_holder(self) -> ItemQuerySet:
        """Carry `open_issues`: the open issue with its person, or nothing; one query for all."""
        from equipment.models import Issue

        return self.prefetch_related(
            Prefetch("issues", Issue.objects.open().select_related("person"), to_attr="open_issues")
        )

    def with_windows_left(self, at: datetime) -> ItemQuerySet:
        """Carry `windows_left`: times out of service that are not over, the next first; one query for all."""
        from equipment.models import ServiceWindow

        left = ServiceWindow.objects.not_over(at).order_by("since")
        return self.prefetch_related(Prefetch("service_windows", left, to_attr="windows_left"))

    def with_status(self) -> ItemQuerySet:
        """Carry `determining_repairs`: the open repair that decides the status, or nothing; one query for all."""
        from equipment.models import Repair

        deciding = Repair.objects.determining().select_related("assignee")
        return self.prefetch_related(Prefetch("repairs", deciding, to_attr="determining_repairs"))

    def by_trouble(self, held_back: Q) -> ItemQuerySet:
        """Put what must not be used first, then what is degraded or `held_back`, then the rest; by name.

        Carries `trouble`, 0 to 2.
        The questions are asked once for the whole list and not for each item.
        """
        from equipment.models import Repair

        blocked, broken = Repair.objects.blocking(), Repair.objects.open()
        trouble = Case(
            When(pk__in=blocked.order_by().values("item"), then=Value(0)),
            When(Q(pk__in=broken.order_by().values("item")) | held_back, then=Value(1)),
            default=Value(2),
            output_field=SmallIntegerField(),
        )
        return self.annotate(trouble=trouble).order_by("trouble", "name_sort", "pk")

    def with_holder_name(self) -> ItemQuerySet:
        """Carry `holder_sort`, to put the list in the order of holders."""
        names = _open_issues().order_by().values("person__name_sort")[:1]
        return self.annotate(holder_sort=Subquery(names))

    # --- where it is ------------------------------------------------------------------------------------

    def packed(self) -> ItemQuerySet:
        """Items that have been taken to an event and are not back."""
        return self.filter(Exists(_open_packings()))

    def not_packed(self) -> ItemQuerySet:
        """Items that are at no event."""
        return self.filter(~Exists(_open_packings()))

    def packed_as_seen_by(self, reader: Any) -> ItemQuerySet:
        """Items that are at an event of which the reader may know."""
        return self.filter(Exists(_open_packings().visible_to(reader)))

    def with_packing(self, reader: Any) -> ItemQuerySet:
        """Carry `packed_for`: the name of the event at which the item is, if the reader may know of it, else None."""
        return self.with_packing_seen(with_drafts=sees_drafts(reader))

    def with_packing_seen(self, *, with_drafts: bool | None) -> ItemQuerySet:
        """The same for whoever sees events, drafts among them or not; None for whoever sees no event at all."""
        names = _open_packings().visible(with_drafts=with_drafts).order_by().values("event__name")[:1]
        return self.annotate(packed_for=Subquery(names))

    # --- what counts ------------------------------------------------------------------------------------

    def available_between(self, start: Moment, end: Moment) -> ItemQuerySet:
        """Items that count for the time from `start` to `end`.

        Neither archived nor lost, neither expired nor due for a safety inspection before that time is over, without a
        time out of service that overlaps it, and without an open repair that keeps it from being used. Issued ones
        count: the holder brings theirs along. Moments may be of an outer query (OuterRef).
        """
        from equipment.models import Repair, ServiceWindow

        is_down = Exists(Repair.objects.blocking().filter(item=OuterRef("pk")))
        windows = ServiceWindow.objects.overlapping(_from_within(start), _from_within(end))
        in_service = Exists(windows.filter(item=OuterRef("pk")))
        lasting = Q(expires_on__isnull=True) | Q(expires_on__gte=_last_day(end))
        inspected = Q(safe_until__isnull=True) | Q(safe_until__gte=_last_day(end))
        return self.in_use().filter(~in_service, ~is_down, lasting, inspected, lost_since__isnull=True)

    def available_at(self, at: datetime) -> ItemQuerySet:
        """Items that can be used at a moment."""
        return self.available_between(at, at + _STEP)

    def unavailable_at(self, at: datetime) -> ItemQuerySet:
        """Items in use by the register that cannot be used at a moment."""
        available = type(self)(self.model).available_at(at)
        return self.in_use().exclude(pk__in=available.values("pk"))

    def out_of_service_at(self, at: datetime) -> ItemQuerySet:
        """Items in a time out of service at a moment."""
        from equipment.models import ServiceWindow

        windows = ServiceWindow.objects.overlapping(at, at + _STEP)
        return self.filter(Exists(windows.filter(item=OuterRef("pk"))))

    def service_due_by(self, day: Any) -> ItemQuerySet:
        """Items whose next service is due on this day or before."""
        return self.in_use().filter(service_due__lte=day)

    def inspection_overdue_on(self, day: Any) -> ItemQuerySet:
        """Items one of whose inspections was due before this day, whether safety depends on it or not."""
        return self.in_use().filter(inspection_due_on__lt=day)


class IssueQuerySet(models.QuerySet):
    """Issues of items to people."""

    def open(self) -> IssueQuerySet:
        """Issues that have not been returned."""
        return self.filter(returned_at__isnull=True)

    def of(self, person: Any) -> IssueQuerySet:
        """Issues to the person."""
        return self.filter(person=person)

    def with_names(self) -> IssueQuerySet:
        """Read with each the item and the people."""
        return self.select_related("item__type", "person", "issued_by", "returned_by")


class WindowQuerySet(models.QuerySet):
    """Times out of service."""

    def overlapping(self, start: Moment, end: Moment) -> WindowQuerySet:
        """Those that share time with the half-open span from `start` to `end`."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=start), since__lt=end)

    def not_over(self, at: Moment) -> WindowQuerySet:
        """Those under way or to come."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=at))

    def active_at(self, at: Moment) -> WindowQuerySet:
        """Those under way."""
        return self.not_over(at).filter(since__lte=at)


class AttachmentQuerySet(models.QuerySet):
    """Files of items."""

    def photos(self) -> AttachmentQuerySet:
        """Pictures."""
        return self.filter(kind="photo")

    def documents(self) -> AttachmentQuerySet:
        """Documents."""
        return self.filter(kind="document")


def _open_issues() -> IssueQuerySet:
    from equipment.models import Issue

    return Issue.objects.open().filter(item=OuterRef("pk"))


def _open_packings() -> Any:
    from equipment.models import PackedItem

    return PackedItem.objects.open().filter(item=OuterRef("pk"))


def _from_within(moment: Moment) -> Moment:
    """Return a moment as a query one level further in has to call it."""
    return OuterRef(moment) if isinstance(moment, OuterRef) else moment


def _last_day(end: Moment) -> Any:
    """Return the local day of the last moment before `end`."""
    if isinstance(end, datetime):
        return timezone.localdate(end - _STEP)
    before = ExpressionWrapper(end - Value(_STEP), output_field=DateTimeField())
    return _Once(TruncDate(before, tzinfo=timezone.get_current_timezone()))


class _Once(Func):
    """A value of the outer row alone, reckoned once for it and not again for every row that is compared with it."""

    template = "(SELECT %(expressions)s)"
    arity = 1

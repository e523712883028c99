"""The board of open repairs: a column for each status, and cards that are moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, FilteredRelation, Max, Q, Window
from django.db.models.functions import Coalesce, RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.models import Repair, RepairEntry
from equipment.repairs.rules import OPEN, Ageing, Status, ageing_of, days_between
from equipment.services.repairs import work
from equipment.views.requests import posted_version, sentence_of, workers_only
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.prepared import KEY, prepared

#: Of each column at the most; the queue has all of them.
CARDS = 20

#: What a card shows, and nothing else: rows of four tables with all their columns cost more than the page.
_NAMES = {
    "name": F("item__name"),
    "is_archived": F("item__is_archived"),
    "location": F("item__location__name"),
    "assigned_to": F("assignee__name"),
}
_COLUMNS = ("pk", "version", "status", "severity", "is_safety_risk", "is_consumable", "eta", *_NAMES)


@dataclass(frozen=True)
class Card:
    """A repair, as far as a card shows it, how long it has been where it is, and since when."""

    repair: Any
    days: int
    since: datetime

    @property
    def ageing(self) -> str:
        """How much that is, as the styles call it."""
        return ageing_of(self.days).value

    @property
    def is_old(self) -> bool:
        """It has been there for long enough to stand out."""
        return ageing_of(self.days) is not Ageing.FRESH


@dataclass(frozen=True)
class Column:
    """A status with its cards, those that have been there longest first, and how many there are altogether."""

    status: Status
    count: int = 0
    cards: list[Card] = field(default_factory=list)


@workers_only
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the open repairs by their status."""
    return render(request, "equipment/repairs/board.html", _context(timezone.now()))


def _context(at: datetime, moved: int = 0) -> dict[str, Any]:
    columns = {status.value: Column(status, count) for status, count in _counts().items()}
    for card in _cards(at, moved):
        columns[card.repair.status].cards.append(card)
    return {"columns": list(columns.values()), "statuses": OPEN}


def _counts() -> dict[Status, int]:
    counts = dict(_counted())
    return {status: counts.get(status.value, 0) for status in OPEN}


@prepared()
def _counted(_given: Any) -> Any:
    """How many open repairs have each status."""
    return Repair.objects.open().order_by().values_list("status").annotate(n=Count("pk"))


def _cards(at: datetime, moved: int) -> Iterator[Card]:
    """Yield the cards, those that have been where they are for longest first."""
    places = dict(_placed(CARDS, moved=moved))
    rows = {row.pk: row for row in _rows(keys=list(places))}
    for key, since in sorted(places.items(), key=lambda place: (place[1], place[0])):
        if key in rows:
            yield Card(rows[key], days_between(since, at), since)


@prepared(moved=KEY)
def _placed(given: Any, cards: int) -> Any:
    """Which repairs have a card, and since when they are where they are: the first of each column and the moved one."""
    waiting = _since()
    place = Window(RowNumber(), partition_by=F("status"), order_by=[F("since"), F("pk")])
    first = waiting.annotate(place=place).filter(place__lte=cards)
    moved = waiting.filter(pk=given.moved)
    return first.values_list("pk", "since").union(moved.values_list("pk", "since"), all=True)


def _since() -> Any:
    """Open repairs with `since`, which is `status_since`, joined: asking for each of them takes six times as long."""
    moves = Q(entries__kind=RepairEntry.Kind.STATUS, entries__new=F("status"))
    joined = Repair.objects.open().order_by().annotate(move=FilteredRelation("entries", condition=moves))
    return joined.annotate(since=Coalesce(Max("move__created"), F("created")))


@prepared(lists={"keys": KEY})
def _rows(given: Any) -> Any:
    """What is shown of these repairs, if they are still open."""
    return (
        Repair.objects.open().filter(pk__in=given.keys).order_by().annotate(**_NAMES).values_list(*_COLUMNS, named=True)
    )


@workers_only
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a card to another column; the answer to a script is the board as it is then, also after a refusal."""
    version, now, status = posted_version(request), timezone.now(), request.POST.get("status", "")
    try:
        row = work.save(pk, by=request.user, at=now, version=version, status=status)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        return _answer(request, pk, "error", sentence_of(refusal), HTTPStatus.CONFLICT)
    said = _("“%(item)s” is now: %(status)s.") % {"item": row.item.name, "status": row.get_status_display()}
    return _answer(request, pk, "success", said, HTTPStatus.OK)


def _answer(request: HttpRequest, pk: int, level: str, said: str, status: HTTPStatus) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        context = {**_context(timezone.now(), pk), "level": level, "said": said}
        return render(request, "equipment/repairs/_board.html", context, status=status)
    messages.add_message(request, messages.SUCCESS if level == "success" else messages.ERROR, said)
    return redirect("equipment:repair_board")

"""The board of open repairs: a column for each status, and cards that are moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.models import Repair
from equipment.repairs.rules import OPEN, Ageing, Status, ageing_of, days_between
from equipment.services.repairs import work
from equipment.views.requests import posted_version, sentence_of, workers_only
from medcover.common.errors import DomainError, NotAllowed

#: Of each column at the most; the queue has all of them.
CARDS = 30


@dataclass(frozen=True)
class Card:
    """A repair, and how long it has been where it is."""

    repair: Repair
    days: int

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


def _context(at: datetime) -> dict[str, Any]:
    counts = dict(Repair.objects.open().order_by().values_list("status").annotate(n=Count("pk")))
    columns = {status.value: Column(status, counts.get(status, 0)) for status in OPEN}
    for repair in _shown():
        columns[repair.status].cards.append(Card(repair, days_between(repair.status_since, at)))
    return {"columns": list(columns.values()), "statuses": OPEN}


def _shown() -> Any:
    """The repairs of which a card is shown, in the order of their columns."""
    placed = Window(RowNumber(), partition_by=F("status"), order_by=[F("status_since"), F("pk")])
    found = Repair.objects.open().with_status_since().annotate(place=placed).filter(place__lte=CARDS)
    return found.select_related("item__location", "assignee").order_by("status", "place")


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
        return _answer(request, "error", sentence_of(refusal), HTTPStatus.CONFLICT)
    said = _("“%(item)s” is now: %(status)s.") % {"item": row.item.name, "status": row.get_status_display()}
    return _answer(request, "success", said, HTTPStatus.OK)


def _answer(request: HttpRequest, level: str, said: str, status: HTTPStatus) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        context = {**_context(timezone.now()), "level": level, "said": said}
        return render(request, "equipment/repairs/_board.html", context, status=status)
    messages.add_message(request, messages.SUCCESS if level == "success" else messages.ERROR, said)
    return redirect("equipment:repair_board")

"""What tests of inspections make, and how they ask how an item stands."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from equipment.models import EquipmentItem
from equipment.services import inspections
from equipment.services.inspections import Finding

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def found(by, outcome="passed", done_on=TODAY, **more) -> Finding:
    note = "" if outcome == "passed" else "Zjištěno."
    return Finding(**{"done_on": done_on, "outcome": outcome, "done_by": by.pk, "note": note, **more})


def record(item, plan, by, *args, **more):
    return inspections.record(item.pk, plan.pk, found(by, *args, **more), by=by, at=NOW)


def stands(item) -> tuple[date | None, date | None]:
    item.refresh_from_db()
    return item.inspection_due_on, item.safe_until


def available(item, days: int = 0) -> bool:
    moment = NOW + timedelta(days=days)
    return EquipmentItem.objects.available_at(moment).filter(pk=item.pk).exists()

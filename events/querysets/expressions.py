"""SQL expressions that several reads share."""

from __future__ import annotations

from datetime import datetime

from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from events.rules.lifecycle import Status


def truth_of(condition: Q) -> ExpressionWrapper:
    """SQL expression: whether the condition holds."""
    return ExpressionWrapper(condition, output_field=BooleanField())


def called_off(path: str, at: datetime) -> Q:
    """SQL condition: the event at the end of `path` ("" or "event__") is cancelled and would end after `at`."""
    return Q(**{f"{path}status": Status.CANCELLED, f"{path}end__gt": at})


def duty_day(start: str | OuterRef = "start") -> TruncDate:
    """SQL expression: the local day on which a duty that begins at `start` is judged."""
    # What an outer query will put in has no type of its own yet, but a day is taken of moments only.
    moment = Cast(start, DateTimeField()) if isinstance(start, OuterRef) else start
    return TruncDate(moment, tzinfo=timezone.get_current_timezone())

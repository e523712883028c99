"""Badges of events: components of `templates/components`, each drawn once for what it shows and then kept."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString

from events.models import Event
from events.rules.readiness import Readiness
from events.rules.staffing import ConditionStaffing, Level, Staffing
from medcover.common.components import drawn

register = template.Library()


class ConditionFigures(NamedTuple):
    """What the badge of an event staffed by conditions says of its `ConditionStaffing`."""

    filled: int
    needed_total: int
    total: int
    is_sufficient: bool
    is_full: bool
    level: Level

    @property
    def by_conditions(self) -> bool:
        """The demand is described by conditions."""
        return True


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """Draw an event's status as colour, icon and word."""
    return _drawn("status_badge", status=str(status))


@register.simple_tag
def event_status(event: Event) -> SafeString:
    """Draw an event's status and whether it was put away."""
    return _drawn("event_status", status=str(event.status), archived=event.is_archived)


@register.simple_tag
def staffing_badge(staffing: Staffing, *, long: bool = False, bare: Any = False) -> SafeString:
    """Draw how well an event is staffed; `long` as a sentence, `bare` where the readiness beside it says the rest."""
    shown = _figures_of(staffing) if isinstance(staffing, ConditionStaffing) else staffing
    return _drawn("staffing_badge", staffing=shown, long=long, bare=bool(bare))


@register.simple_tag
def name_badges(event: Event) -> SafeString:
    """Draw what stands beside the name of an event; the ordinary case, an unpaid medical cover, says nothing."""
    if event.kind == Event.Kind.MEDICAL and not event.is_paid and not event.is_archived:
        return SafeString()
    return _drawn("name_badges", paid=event.is_paid, kind=str(event.kind), archived=event.is_archived)


def kind_badges(event: Event) -> SafeString:
    """Draw the kind of an event and whether it is paid, as the backoffice shows them."""
    return _drawn("kind_badges", kind=str(event.kind), paid=event.is_paid)


@register.simple_tag
def readiness_light(readiness: Readiness | None) -> SafeString:
    """Draw whether an event can take place as planned; nothing where it does not matter."""
    return _drawn("readiness_light", readiness=Readiness(readiness.light)) if readiness else SafeString()


@register.simple_tag
def readiness_line(readiness: Readiness | None, *, leader_elsewhere: bool = False) -> SafeString:
    """Draw the light and what stands against the event, without the leader where another column tells that."""
    if readiness is None:
        return SafeString()
    shown = Readiness(readiness.light, tuple(readiness.reasons))
    return _drawn("readiness_line", readiness=shown, leader_elsewhere=leader_elsewhere)


def mine_badge() -> SafeString:
    """Draw that the reader is signed up."""
    return _drawn("mine_badge")


def leading_badge() -> SafeString:
    """Draw that the reader is responsible person."""
    return _drawn("leading_badge")


@register.simple_tag
def leader_missing_badge() -> SafeString:
    """Draw that nobody is responsible person."""
    return _drawn("leader_missing_badge")


def _figures_of(staffing: ConditionStaffing) -> ConditionFigures:
    return ConditionFigures(
        staffing.filled,
        staffing.needed_total,
        staffing.total,
        staffing.is_sufficient,
        staffing.is_full,
        staffing.level,
    )


def _drawn(component: str, **shown: Any) -> SafeString:
    return drawn(f"components/{component}.html", **shown)

"""Building the demo organisation through the services, quietly: nobody is told of anything.

What is there already, an account by its address, the rest by its name, is left as it is, so building again
changes nothing, also on another day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Qualification
from events.demo.coming import COMING
from events.demo.event_specs import DemoConditions, DemoEvent, Seat, Stage
from events.demo.organisation import (
    ADMIN,
    COORDINATOR,
    GENERAL,
    MASTERS,
    ORGANISATION,
    PASSWORD,
    PEOPLE,
    QUALIFICATIONS,
    WIFI,
    WIFI_PASSWORD,
    DemoMaster,
    DemoPerson,
    DemoQualification,
)
from events.demo.past import PAST
from events.models import Event, MasterEvent
from events.rules.lifecycle import TRANSITIONS
from events.services import archiving, crew, handover, lifecycle, masters, planning, waiting
from events.services.conditions import Condition, ConditionsPlan
from events.services.crew import Joined
from events.services.locking import lock_event
from events.services.positions import PositionPlan
from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from medcover.common.intervals import local_day
from medcover.system import audit
from medcover.system.models import SiteSettings, WifiInfo
from medcover.system.services import complete_setup
from notifications.digest import services as digest
from notifications.digest.models import DigestBlock
from roster import services as roster
from roster.models import User

EVENTS = (*PAST, *COMING)
HOUR = timedelta(hours=1)

#: A service that puts somebody onto an event.
Service = Callable[..., Joined]


def is_empty() -> bool:
    """Say whether nobody has put anything into the database yet."""
    return not (User.objects.exists() or Event.objects.exists())


@transaction.atomic
def build(*, at: datetime) -> Counter[str]:
    """Make what is missing of the demo organisation and return how much of each that was.

    All or nothing. Raises DomainError outside development: the passwords are known to everybody.
    """
    if not settings.DEVELOPMENT_LOGIN:
        raise DomainError(_("Demo data may be made only in development: their passwords are known to everybody."))
    one_at_a_time("events.demo")
    _set_up()
    _show_digest()
    return _Builder(at).build()


def _set_up() -> None:
    site = SiteSettings.load()
    if not site.organisation_name:
        site.organisation_name = ORGANISATION
        site.wifi_ssid, site.wifi_password, site.wifi_info_default = WIFI, WIFI_PASSWORD, WifiInfo.SSID
        with audit.trail():
            site.save()
    complete_setup(by=None)


def _show_digest() -> None:
    """Switch the digest's blocks on, so that its preview tells something; it is not sent by itself."""
    digest.load()
    blocks = DigestBlock.objects.all()
    if not any(block.enabled or block.version > 1 for block in blocks):
        for block in blocks:
            digest.switch_block(block.pk, enabled=True, by=None)


class _Builder:
    """The rows found or made so far, by the names that the demo data use."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.zone = timezone.get_current_timezone()
        self.made: Counter[str] = Counter()
        self.qualifications: dict[str, Qualification] = {}
        self.people: dict[str, User] = {}
        self.masters: dict[str, MasterEvent] = {}

    def build(self) -> Counter[str]:
        for qualification in QUALIFICATIONS:
            self.qualifications[qualification.name] = self._qualification(qualification)
        for person in PEOPLE:
            self.people[person.key] = self._person(person)
        for master in MASTERS:
            self.masters[master.name] = self._master(master)
        known = set(Event.objects.values_list("name", flat=True))
        for event in EVENTS:
            if event.name not in known:
                self._event(event)
        return self.made

    def _qualification(self, wanted: DemoQualification) -> Qualification:
        known: Qualification | None = Qualification.objects.living().filter(name__iexact=wanted.name).first()
        if known is not None:
            return known
        self.made["qualifications"] += 1
        fresh = Qualification(name=wanted.name, description=wanted.description, can_lead=wanted.can_lead)
        parents = [self.qualifications[name].pk for name in wanted.direct_substitutes]
        return credentials.save_qualification(fresh, direct_substitutes=parents, by=None, at=self.at)

    def _person(self, wanted: DemoPerson) -> User:
        known: User | None = User.objects.filter(email=wanted.email).first()
        if known is not None:
            return known
        self.made["people"] += 1
        person = roster.create_person(
            email=wanted.email,
            name=wanted.name,
            phone=wanted.phone,
            roles=[wanted.role],
            password=PASSWORD,
            active=wanted.is_active,
            by=None,
        )
        today = local_day(self.at, self.zone)
        for name, days in wanted.holds.items():
            until = None if days is None else today + timedelta(days=days)
            credentials.grant(person.pk, self.qualifications[name].pk, by=None, at=self.at, valid_until=until)
        return person

    def _master(self, wanted: DemoMaster) -> MasterEvent:
        if wanted.name == GENERAL:
            return masters.ensure_general()
        known: MasterEvent | None = MasterEvent.objects.filter(name__iexact=wanted.name).first()
        if known is not None:
            return known
        self.made["masters"] += 1
        coordinator = self.people[wanted.coordinator] if wanted.coordinator else None
        fresh = MasterEvent(name=wanted.name, description=wanted.description, coordinator=coordinator)
        return masters.save_master_event(fresh, by=self.people[COORDINATOR])

    def _event(self, wanted: DemoEvent) -> None:
        """Make the event and take it along its life as far as it is to go."""
        self.made["events"] += 1
        event = self._draft(wanted)
        if wanted.stage is Stage.DRAFT:
            return
        self._move(event, "publish")
        self._sign_up(event, wanted)
        self._ask(event, wanted)
        self._drop_out(event, wanted)
        if wanted.stage is Stage.CLOSED_BY_HAND:
            self._move(event, "close")
        elif wanted.stage is Stage.CANCELLED:
            self._move(event, "cancel")
        elif wanted.stage is Stage.COMPLETED:
            lifecycle.make_move(lock_event(event.pk), TRANSITIONS["complete"], notify=False)
        if wanted.is_archived:
            archiving.archive_event(event.pk, by=self.people[ADMIN], notify=False)

    def _draft(self, wanted: DemoEvent) -> Event:
        start, end = wanted.span(self.at, self.zone)
        opens = None if wanted.opens_before is None else start - timedelta(days=wanted.opens_before)
        return planning.create_event(
            by=self.people[COORDINATOR],
            at=self.at,
            positions=[self._plan(seat) for seat in wanted.seats],
            conditions=self._conditions(wanted.conditions, wanted.conditions.demands) if wanted.conditions else None,
            name=wanted.name,
            master_event=self.masters[wanted.master],
            kind=wanted.kind,
            start=start,
            end=end,
            signups_open_at=opens,
            address=wanted.address,
            contact=wanted.contact,
            is_paid=wanted.is_paid,
            description=wanted.description,
            planned_participants=wanted.planned_participants,
        )

    def _plan(self, seat: Seat) -> PositionPlan:
        return PositionPlan(
            description=seat.description,
            is_optional=seat.is_optional,
            qualifications=[self.qualifications[name] for name in seat.qualifications],
        )

    def _conditions(self, wanted: DemoConditions, demands: Mapping[str, int]) -> ConditionsPlan:
        rows = [Condition(self.qualifications[name], count) for name, count in demands.items()]
        return ConditionsPlan(wanted.minimum, wanted.maximum, rows)

    def _move(self, event: Event, code: str) -> None:
        lifecycle.transition(event.pk, code, by=self.people[COORDINATOR], at=self.at, notify=False)

    def _sign_up(self, event: Event, wanted: DemoEvent) -> None:
        """Put people on their places, one after another in the days before."""
        first, coordinator = min(self.at, event.start) - timedelta(days=10), event.master_event.coordinator
        for number, (key, join, assign) in enumerate(self._ways_onto(event, wanted)):
            # In a database that is in use somebody may have lost what is demanded; then the place stays free.
            with suppress(DomainError):
                at, person = first + 5 * number * HOUR, self.people[key]
                if coordinator is None:
                    join(by=person, at=at, notify=False)
                else:
                    assign(person.pk, by=coordinator, at=at, notify=False)
        if wanted.conditions and wanted.conditions.afterthought:
            demands = {**wanted.conditions.demands, **wanted.conditions.afterthought}
            plan = self._conditions(wanted.conditions, demands)
            planning.edit_event(event.pk, by=self.people[COORDINATOR], version=None, plan=plan, notify=False)

    def _ask(self, event: Event, wanted: DemoEvent) -> None:
        """Let people wait for a place and ask others to step in, as far as they may by now."""
        for number, key in enumerate(wanted.waiting):
            with suppress(DomainError):
                waiting.queue(event.pk, by=self.people[key], at=self.at - timedelta(days=2) + number * HOUR)
        if wanted.hand_over:
            giver, substitute = (self.people[key] for key in wanted.hand_over)
            with suppress(DomainError):
                handover.propose(event.pk, substitute.pk, by=giver, at=self.at, notify=False)

    def _drop_out(self, event: Event, wanted: DemoEvent) -> None:
        """Put people on an event staffed by conditions and take them off again, so late that it is counted."""
        coordinator = self.people[COORDINATOR]
        for key in wanted.dropped_out:
            with suppress(DomainError):
                earlier = self.at - timedelta(days=1)
                joined = crew.assign_to_event(event.pk, self.people[key].pk, by=coordinator, at=earlier, notify=False)
                crew.remove(joined.assignment.pk, by=coordinator, at=self.at, notify=False)

    def _ways_onto(self, event: Event, wanted: DemoEvent) -> Iterator[tuple[str, Service, Service]]:
        """Yield who takes part, how they join by themselves and how somebody assigns them."""
        if wanted.conditions:
            for key in wanted.conditions.people:
                yield key, partial(crew.join, event.pk), partial(crew.assign_to_event, event.pk)
            return
        for position, seat in zip(event.positions.order_by("pk"), wanted.seats, strict=True):
            if seat.taken_by:
                yield seat.taken_by, partial(crew.claim, position.pk), partial(crew.assign, position.pk)

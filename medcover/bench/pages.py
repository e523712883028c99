"""The pages that are measured, and measuring one of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from debriefing.querysets import pending
from equipment.models import Consumable, EquipmentItem, Repair
from events.load.people import COORDINATOR, MEMBER
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.rules.staffing import Mode
from medcover.bench.client import Answer, Client, cookies_of
from medcover.bench.figures import Latency, compressed
from medcover.bench.middleware import EMPTY, ONE_SELECT
from medcover.common.date_ranges import quick_ranges
from roster.models import User
from roster.rights import Role

#: Requests of one client for a page, and after how many seconds fewer are enough.
REQUESTS, ENOUGH, SECONDS = 40, 5, 4.0
#: Each of the eight connections of the server plans a statement at its first uses.
WARM_UP, WARM_UP_SECONDS = 24, 2.0
CLIENTS, CROWD_SECONDS = 8, 2.0
#: A page that takes one client longer than this many seconds is not asked for by eight.
TOO_SLOW = 2.0


class World:
    """People and rows that the measured addresses name."""

    @cached_property
    def member(self) -> User:
        """Member who opens the pages of members."""
        found: User = User.objects.get(email=MEMBER)
        return found

    @cached_property
    def coordinator(self) -> User:
        """Coordinator who opens the pages of planning."""
        found: User = User.objects.get(email=COORDINATOR)
        return found

    @cached_property
    def admin(self) -> User:
        """Whoever administers."""
        found: User = User.objects.active().with_role(Role.ADMIN).order_by("email")[:1].get()
        return found

    @cached_property
    def event(self) -> Event:
        """An event that is open, with four places of which some are taken."""
        found = Event.objects.filter(status=Status.OPEN, staffing_mode=Mode.POSITIONS, assignments__isnull=False)
        return found.order_by("start", "pk")[:1].get()

    @cached_property
    def item(self) -> EquipmentItem:
        """An item that somebody has and that others had before."""
        found: EquipmentItem = EquipmentItem.objects.issued().order_by("name_sort", "pk")[:1].get()
        return found

    @cached_property
    def debriefing_manager(self) -> User:
        """Whoever reads debriefings."""
        found: User = User.objects.active().with_role(Role.DEBRIEFING_MANAGER).order_by("email")[:1].get()
        return found

    @cached_property
    def debriefing(self) -> Assignment:
        """A duty of a member that waits for its debriefing."""
        members = User.objects.active().with_role(Role.MEMBER)
        found = pending().filter(event__is_archived=False, person__in=members).select_related("event", "person")
        return found.order_by("-event__start", "pk")[:1].get()

    @property
    def debriefed(self) -> User:
        """The member whose debriefing is missing."""
        person: User = self.debriefing.person
        return person

    @cached_property
    def consumable(self) -> Consumable:
        """A kind with lots in stock."""
        found: Consumable = Consumable.objects.filter(lots__quantity__gt=0).order_by("name_sort", "pk")[:1].get()
        return found

    @cached_property
    def repair(self) -> Repair:
        """An open repair that somebody works on."""
        found: Repair = Repair.objects.open().filter(assignee__isnull=False).order_by("created", "pk")[:1].get()
        return found

    @property
    def month(self) -> str:
        """The range that the calendar asks for when it shows a month."""
        first = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=28)
        return urlencode({"start": first.isoformat(), "end": (first + timedelta(days=42)).isoformat()})


@dataclass(frozen=True)
class Page:
    """One address, who opens it, and the ceilings: multiples of the floor, and statements."""

    key: str
    title: str
    reader: str
    address: Callable[[World], str]
    times: float | None = None
    statements: int | None = None

    def opened_by(self, world: World) -> User:
        """Return the person who opens it."""
        opened_by: User = getattr(world, self.reader)
        return opened_by


def _at(name: str, query: str = "") -> Callable[[World], str]:
    return lambda _world: reverse(name) + query


def _event_page(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[world.event.pk])


def _item_page(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[world.item.pk])


def _own_debriefing(world: World) -> str:
    return reverse("debriefing:own", args=[world.debriefing.pk])


def _completed_event(world: World) -> str:
    return reverse("events:detail", args=[world.debriefing.event_id])


def _consumable_page(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[world.consumable.pk])


def _report_of_member(world: World) -> str:
    return reverse("reports:person", args=[world.debriefed.pk])


def _of_month(name: str) -> Callable[[World], str]:
    def address(_world: World) -> str:
        last_month = quick_ranges(timezone.localdate())[1]
        return f"{reverse(name)}?{urlencode({'since': last_month.first, 'until': last_month.last})}"

    return address


def _of_last_year(name: str) -> Callable[[World], str]:
    return lambda _world: f"{reverse(name)}?{urlencode({'year': timezone.localdate().year - 1})}"


def _repair_page(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[world.repair.pk])


PAGES = (
    Page("overview", "overview, member", "member", _at("events:dashboard"), 6, 18),
    Page("overview-coordinator", "overview, coordinator", "coordinator", _at("events:dashboard"), 7.8, 20),
    Page("list", "event list", "member", _at("events:list"), 10, 13),
    Page("list-for-me", "event list, “Pro mě”", "member", _at("events:list", "?for_me=on"), 10, 13),
    Page("list-coordinator", "event list, coordinator", "coordinator", _at("events:list"), 13, 15),
    Page("event", "event, member", "member", _event_page("events:detail"), 6, 14),
    Page("event-coordinator", "event, coordinator", "coordinator", _event_page("events:detail"), 7.8, 17),
    Page("calendar", "calendar, page", "member", _at("events:calendar"), 5, 8),
    Page(
        "calendar-month", "calendar, data of a month", "member",
        lambda world: f"{reverse('events:calendar_feed')}?{world.month}", 5, 8,
    ),
    Page("people", "people", "member", _at("people"), 6, 12),
    Page("work-report", "work report", "member", _at("reports:work"), 6, 10),
    Page("reports", "reports", "coordinator", _at("reports:index"), 10, 8),
    Page("report-person", "report of a person", "coordinator", _report_of_member, 15, 14),
    Page("report-month", "report of a month", "coordinator", _of_month("reports:period"), 25, 14),
    Page("work-summary", "summary of work reports", "coordinator", _of_month("reports:work_summary"), 25, 10),
    Page("statistics", "statistics of the last year", "coordinator", _of_last_year("reports:statistics"), 25, 22),
    Page(
        "statistics-events", "statistics, events behind a figure", "coordinator",
        _of_last_year("reports:statistics_events"), 15, 12,
    ),
    Page("equipment", "equipment", "member", _at("equipment:items"), 10, 12),
    Page("item", "item of equipment", "coordinator", _item_page("equipment:item"), 8, 12),
    Page("item-history", "history of an item", "coordinator", _item_page("equipment:item_history"), 10, 12),
    Page("inspections", "inspections", "coordinator", _at("equipment:inspections"), 10, 10),
    Page("packing", "packing for an event", "coordinator", _event_page("equipment:packing"), 10, 10),
    Page("repairs", "queue of repairs", "coordinator", _at("equipment:repairs"), 12, 10),
    Page("repairs-search", "queue of repairs, a search", "coordinator", _at("equipment:repairs", "?q=baterie"), 12, 10),
    Page("repair-board", "board of repairs", "coordinator", _at("equipment:repair_board"), 20, 8),
    Page("repair", "repair", "coordinator", _repair_page("equipment:repair"), 12, 12),
    Page("label", "label of an item", "coordinator", _item_page("equipment:label"), 8, 8),
    Page("label-preview", "label of an item, picture", "coordinator", _item_page("equipment:label_preview"), 40, 8),
    Page("labels", "sheets of labels", "coordinator", _at("equipment:labels"), 30, 8),
    Page("public-board", "status board", "member", _at("public:board"), 12, 8),
    Page("public-kiosk", "status board on a screen", "member", _at("public:kiosk"), 12, 8),
    Page("public-found", "status board, a search", "member", _at("public:board", "?q=AED"), 12, 9),
    Page(
        "public-item", "public page of an item", "member",
        lambda world: reverse("public:item", args=[world.item.code]), 10, 8,
    ),
    Page(
        "backoffice-equipment", "backoffice, items of equipment", "coordinator",
        _at("admin:equipment_equipmentitem_changelist"), 20, 14,
    ),
    Page(
        "backoffice-static-page", "backoffice, static status page", "admin",
        _at("admin:equipment_staticpagepush_changelist"), 15, 10,
    ),
    Page("debriefing", "debriefing, form", "debriefed", _own_debriefing, 8, 13),
    Page("completed-event", "event that is over, member", "debriefed", _completed_event, 8, 17),
    Page("debriefings", "debriefings, own", "debriefed", _at("debriefing:own_list"), 6, 10),
    Page("debriefings-all", "debriefings, management", "debriefing_manager", _at("debriefing:manage"), 12, 12),
    Page("needs", "needs from debriefings", "coordinator", _at("debriefing:needs"), 12, 16),
    Page("consumables", "consumables", "coordinator", _at("equipment:consumables"), 10, 14),
    Page("consumable", "consumable", "coordinator", _consumable_page("equipment:consumable"), 10, 8),
    Page("backoffice", "backoffice, start page", "coordinator", _at("admin:index"), 15, 16),
    Page(
        "backoffice-installation", "backoffice, state of the installation", "admin",
        _at("admin:installation"), 20, 16,
    ),
    Page("backoffice-audit", "backoffice, audit record", "admin", _at("admin:system_auditentry_changelist"), 15, 12),
    Page("changes", "changes by version", "member", _at("changes"), 6, 6),
    Page("feedback", "feedback, form", "member", _at("feedback"), 5, 6),
    Page(
        "backoffice-events", "backoffice, list of events", "coordinator",
        _at("admin:events_event_changelist"), 20, 16,
    ),
    Page(
        "backoffice-event", "backoffice, form of an event", "coordinator",
        _event_page("admin:events_event_change"), 15, 20,
    ),
    Page("message", "writing to participants", "coordinator", _event_page("events:message"), 6, 10),
    Page(
        "backoffice-notifications", "backoffice, notifications", "admin",
        _at("admin:notifications_notificationswitch_changelist"), 15, 10,
    ),
    Page("backoffice-digest", "backoffice, digest", "admin", _at("admin:notifications_digest_changelist"), 20, 14),
    Page(
        "backoffice-feedback", "backoffice, feedback", "admin", _at("admin:system_userfeedback_changelist"), 15, 12,
    ),
    Page("backoffice-backups", "backoffice, backups", "admin", _at("admin:backups_backupsettings_changelist"), 20, 14),
    Page("ical", "iCal, own duties", "member", lambda world: reverse("ical", args=[world.member.ical_token])),
    Page("ical-all", "iCal, all events", "member", lambda world: reverse("ical", args=[world.member.ical_all_token])),
    Page("guide", "a guide", "member", lambda _world: reverse("guides:guide", args=["members"]), times=4, statements=6),
)  # fmt: skip

#: The least that a page could cost here.
FLOORS = (
    Page("floor-empty", "floor: empty view", "member", lambda _world: EMPTY),
    Page("floor", "floor: session, user, one SELECT", "member", lambda _world: ONE_SELECT),
)


@dataclass
class Measured:
    """What a page has cost."""

    page: Page
    latency: Latency
    per_second: float | None
    statements: int
    database_ms: float
    plain: int
    gzip: int


class WrongAnswer(Exception):
    """A page did not answer as it should; nothing that it does is worth measuring."""


def measure(page: Page, world: World, port: int) -> Measured:
    """Open a page again and again, alone and among others."""
    cookies, address = cookies_of(page.opened_by(world)), page.address(world)
    with _client(port, cookies) as client:
        last = _warm_up(client, address)
        seconds, database = _alone(client, address)
    latency = Latency.of(seconds)
    return Measured(
        page,
        latency,
        _crowd(port, cookies, address) if latency.p50 < TOO_SLOW * 1000 else None,
        last.statements,
        sorted(database)[len(database) // 2],
        len(last.body),
        compressed(last.body),
    )


@contextlib.contextmanager
def _client(port: int, cookies: str) -> Iterator[Client]:
    client = Client(port, cookies)
    try:
        yield client
    finally:
        client.close()


def _warm_up(client: Client, address: str) -> Answer:
    """Let the process load what it loads at first use, and return the last answer."""
    begun = time.perf_counter()
    for _number in range(WARM_UP):
        answer = client.get(address)
        if answer.status != HTTPStatus.OK:
            raise WrongAnswer(f"{address}: {answer.status}")
        if time.perf_counter() - begun > WARM_UP_SECONDS:
            break
    return answer


def _alone(client: Client, address: str) -> tuple[list[float], list[float]]:
    seconds: list[float] = []
    database: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(seconds) < REQUESTS and (len(seconds) < ENOUGH or time.perf_counter() < end):
        answer = client.get(address)
        seconds.append(answer.seconds)
        database.append(answer.database_ms)
    return seconds, database


@dataclass
class Crowd:
    """Concurrent clients that ask for the same address until time is up."""

    port: int
    cookies: str
    address: str
    until: float = 0.0
    finished: list[float] = field(default_factory=list)

    def ask(self) -> None:
        """Ask for the page again and again, as one of the clients."""
        with _client(self.port, self.cookies) as client:
            while time.perf_counter() < self.until:
                client.get(self.address)
                self.finished.append(time.perf_counter())


def _crowd(port: int, cookies: str, address: str) -> float:
    """Return how many answers a second eight clients get."""
    begun = time.perf_counter()
    crowd = Crowd(port, cookies, address, until=begun + CROWD_SECONDS)
    together(crowd.ask, CLIENTS)
    return len(crowd.finished) / (max(crowd.finished) - begun)


def together(work: Callable[[], Any], count: int) -> None:
    """Do the same work in so many threads at once and wait for all of them."""
    threads = [threading.Thread(target=work, daemon=True) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

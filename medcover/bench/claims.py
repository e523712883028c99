"""Concurrent claims that are measured: many members who want places at the same moment."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone

from credentials.models import Qualification
from events.demo.organisation import MEDIC
from events.models import Assignment, Event, Position
from events.services import lifecycle, planning
from events.services.masters import ensure_general
from events.services.positions import PositionPlan
from medcover.bench.client import Answer, Client, cookies_of
from medcover.bench.figures import Latency
from medcover.bench.pages import World, together
from roster.models import User
from roster.rights import Role

PLACES, RIVALS = 200, 50
#: As many members at once as keep two web processes of four threads busy, and some who wait.
CLIENTS = 16


@dataclass
class Claims:
    """How signing up went."""

    latency: Latency
    per_second: float
    statements: int
    winners: int
    failures: int


def many_places(world: World, port: int) -> Claims:
    """Let members take as many different places of one event, each their own."""
    event = open_event(world, PLACES)
    places = list(free_places(event))[:PLACES]
    return _claim(event, members(len(places)), places, port, clients=CLIENTS)


def one_place(world: World, port: int) -> Claims:
    """Let members take one and the same place."""
    event = open_event(world, 1)
    place = free_places(event)[0]
    rivals = members(RIVALS)
    return _claim(event, rivals, [place] * len(rivals), port, clients=RIVALS)


def open_event(world: World, places: int) -> Event:
    """An event with places for anybody, and the one that every event needs for somebody who may lead."""
    leading = PositionPlan(description="", is_optional=False, qualifications=[Qualification.objects.get(name=MEDIC)])
    anybody = PositionPlan(description="", is_optional=False, qualifications=[])
    start = timezone.now() + timedelta(days=200)
    event = planning.create_event(
        by=world.coordinator, at=timezone.now(), positions=[leading, *[anybody] * places],
        name=f"Bench {places}", master_event=ensure_general(), start=start, end=start + timedelta(hours=5),
    )  # fmt: skip
    return lifecycle.transition(event.pk, "publish", by=world.coordinator, at=timezone.now(), notify=False)


def free_places(event: Event) -> Sequence[Position]:
    """Return the places of such an event that anybody may take."""
    return list(event.positions.filter(qualifications__isnull=True).order_by("pk"))


def members(count: int) -> list[User]:
    """Return so many members."""
    return list(User.objects.active().with_role(Role.MEMBER).order_by("email")[:count])


def _claim(event: Event, members: list[User], places: Sequence[Position], port: int, *, clients: int) -> Claims:
    work: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for member, place in zip(members, places, strict=False):
        work.put((cookies_of(member), reverse("events:claim", args=[place.pk])))
    answers: list[Answer] = []
    _warm_up(port, cookies_of(members[0]))
    begun = time.perf_counter()
    together(lambda: _take_turns(work, port, answers), clients)
    seconds = time.perf_counter() - begun
    wanted = len(set(places))
    winners = Assignment.objects.filter(event=event).count()
    refused = [answer for answer in answers if answer.status != HTTPStatus.FOUND]
    lost = len(members) - len(answers)
    return Claims(
        Latency.of([answer.seconds for answer in answers]),
        len(answers) / seconds,
        max(answer.statements for answer in answers),
        winners,
        len(refused) + lost + abs(wanted - winners),
    )


def _warm_up(port: int, cookies: str) -> None:
    """Let both processes load what they load at first use."""
    for _number in range(4):
        client = Client(port, cookies)
        client.get(reverse("events:calendar"))
        client.close()


def _take_turns(work: Any, port: int, answers: list[Answer]) -> None:
    while True:
        try:
            cookies, address = work.get_nowait()
        except queue.Empty:
            return
        client = Client(port, cookies)
        answers.append(client.post(address))
        client.close()

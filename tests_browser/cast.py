"""People, qualifications and events that the tests play with; put into the database directly, past every rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.stories import make_capacity_event, place
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member

#: As long as names get.
LONG_NAME = "Nejedlá-Vondráčková Kateřina Alžběta"
LONG_TITLE = "Mistrovství České republiky v orientačním běhu na krátké trati – Brandýs nad Labem-Stará Boleslav"


@dataclass(frozen=True)
class Skills:
    """Three qualifications: Lékař may stand in for Zdravotník, and both may lead."""

    doctor: Qualification
    medic: Qualification
    driver: Qualification


def make_skills() -> Skills:
    """Put the qualifications into the database."""
    doctor = QualificationFactory(name="Lékař", can_lead=True)
    medic = QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])
    return Skills(doctor, medic, QualificationFactory(name="Řidič"))


def in_days(days: int, hour: int = 18) -> datetime:
    """Return that hour of the local day so many days from now."""
    day = timezone.localtime() + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def make_event(skills: Skills, name: str, start: datetime, **fields: Any) -> Event:
    """An event with a place for a medic, one for a driver, one for anybody and an optional one."""
    fields = {"address": "Letenská pláň, Praha 7", "contact": "Milan Kos, 601 234 567", "start": start, **fields}
    event = EventFactory(name=name, **fields)
    PositionFactory(event=event, description="Zdravotník", qualifications=[skills.medic])
    PositionFactory(event=event, description="Řidič sanitky", qualifications=[skills.driver])
    PositionFactory(event=event, description="Zelenáč")
    PositionFactory(event=event, description="Druhý zdravotník", qualifications=[skills.medic], is_optional=True)
    return event


def fill(event: Event, *people: User) -> None:
    """Put people on the first places; the first of them leads."""
    for person, position in zip(people, event.positions.all(), strict=False):
        put(person, position)
    event.responsible_person = people[0]
    event.save()


@dataclass(frozen=True)
class Season:
    """A site with something of everything on it."""

    skills: Skills
    admin: User
    coordinator: User
    member: User
    others: list[User]
    next_duty: Event
    open_event: Event
    draft: Event
    cancelled: Event
    by_conditions: list[Event]


def make_season() -> Season:
    """Events in every state around today; the member has duties, one of which overlaps another."""
    skills = make_skills()
    member = make_member(name=LONG_NAME, phone="601234567")
    others = [make_member(name=name) for name in ("Dvořák Petr", "Svoboda Jiří", "Šťastná Božena")]
    for person in (member, *others):
        hold(person, skills.medic, skills.driver)
    hold(member, skills.doctor, until=timezone.localdate() - timedelta(days=3))
    run = MasterEventFactory(name="Pražské běhy a maratony, jarní řada")
    next_duty = make_event(skills, LONG_TITLE, in_days(1), master_event=run, is_paid=True, description=_DESCRIPTION)
    fill(next_duty, member, *others)
    overlapping = make_event(skills, "Koncert v parku", in_days(1, 20), status=Status.CLOSED)
    fill(overlapping, others[0], member, others[1])
    open_event = make_event(skills, "Hokej: Sparta – Kometa", in_days(3))
    make_event(skills, "Školení první pomoci", in_days(4, 9), kind=Event.Kind.TRAINING, planned_participants=12)
    make_event(skills, "Dětský den", in_days(10), status=Status.PUBLISHED, signups_open_at=in_days(5))
    make_event(skills, "Prezentace na náměstí", in_days(12), kind=Event.Kind.PRESENTATION)
    draft = make_event(skills, "Ples hasičů", in_days(20), status=Status.DRAFT)
    cancelled = make_event(skills, "Zrušený závod", in_days(6), status=Status.CANCELLED, is_archived=True)
    crowded = make_capacity_event(
        {skills.doctor: 1, skills.medic: 2, skills.driver: 2}, minimum=4, maximum=7, name=f"{LONG_TITLE} – závěr",
        start=in_days(9, 8), end=in_days(9, 20),
    )  # fmt: skip
    place(crowded, *others)
    unmet = make_capacity_event({skills.doctor: 1}, minimum=1, maximum=3, name="Sraz", start=in_days(5), end=in_days(6))
    place(unmet, *others)
    fill(make_event(skills, "Noční běh", in_days(-2), status=Status.COMPLETED), others[2], member)
    return Season(
        skills=skills,
        admin=UserFactory(name="Veselý Ondřej", roles=[Role.ADMIN]),
        coordinator=make_coordinator(name="Nováková Jana"),
        member=member,
        others=others,
        next_duty=next_duty,
        open_event=open_event,
        draft=draft,
        cancelled=cancelled,
        by_conditions=[crowded, unmet],
    )


_DESCRIPTION = """Sraz 30 minut před začátkem u stanu pořadatele.

Parkování jen s povolenkou, trasa: https://example.org/trasa-zavodu-a-prijezd-pro-sanitni-vozy.pdf"""

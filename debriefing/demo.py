"""Debriefings of the demo organisation: most people have handed theirs in, some have not, one had something to say.

What is there already is left as it is; nobody is written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from credentials.models import Qualification
from debriefing.models import DebriefingRequest
from debriefing.need_rules import Kind
from debriefing.querysets import expected, pending
from debriefing.rules import GENTLE_AFTER, LAST_AFTER, Actual, NoteStatus, OwnTime
from debriefing.services import submitting
from debriefing.services.submitting import Entry
from debriefing.services.wanting import Wanted
from equipment.demo_plans import AED, RADIO, TENT
from equipment.models import EquipmentType
from events.demo.organisation import DOMAIN, MEDIC
from events.demo.past import COMPLETED
from events.models import Assignment

#: Who has not handed in theirs: the name of the event, the key of the person.
MISSING = {
    ("Fotbalové utkání žáků Bohemians", "dev.member"),
    ("Koncert v Lucerně", "dev.member"),
    ("Koncert v Lucerně", "demo.ulehlova"),
    ("Farmářské trhy na náplavce", "demo.capek"),
    ("Farmářské trhy na náplavce", "demo.hruska"),
    ("Farmářské trhy na náplavce", "demo.ulehlova"),
    ("Běh Stromovkou", "demo.durisova"),
}

#: What people had to say besides that all was as usual.
SAID: dict[tuple[str, str], Entry] = {
    ("Cyklistický závod Ladronka", "dev.member"): Entry(
        NoteStatus.DESCRIBED,
        {
            "feedback_event": "Hlídka na okruhu neměla signál, hlásili jsme se přes pořadatele.",
            "feedback_customer": "Příjemná domluva, zázemí včas připravené.",
            "feedback_colleagues": "Klára Říhová skvěle uklidnila rodiče zraněného závodníka.",
        },
        material=(("Obvaz hotový č. 3", 4), ("Chladivý sáček", 6)),
    ),
    ("Letní festival – sobotní program", "demo.durisova"): Entry(
        NoteStatus.DESCRIBED,
        {"feedback_event": "Po 22. hodině nás bylo u hlavního pódia málo.", "feedback_customer": "Chyběla pitná voda."},
        own=OwnTime(hours=Decimal("9.5")),
    ),
    ("Letní festival – sobotní program", "demo.beranek"): Entry(NoteStatus.LATER),
    ("Noc divadel", "demo.rihova"): Entry(NoteStatus.USUAL, own=OwnTime(hours=Decimal(4))),
    ("Běh Stromovkou", "demo.capek"): Entry(NoteStatus.USUAL, material=(("Náplast", 12), ("Obvaz hotový č. 2", 2))),
}

#: What people missed: kind, name, how many more, what for.
WANTED: dict[tuple[str, str], tuple[tuple[Kind, str, int, str], ...]] = {
    ("Cyklistický závod Ladronka", "dev.member"): (
        (Kind.PEOPLE, MEDIC, 1, "Na druhou hlídku u mostu."),
        (Kind.EQUIPMENT, RADIO, 2, "Okruh je bez signálu."),
    ),
    ("Letní festival – sobotní program", "demo.durisova"): ((Kind.PEOPLE, MEDIC, 2, "Po setmění u hlavního pódia."),),
    ("Letní festival – sobotní program", "demo.beranek"): (
        (Kind.PEOPLE, MEDIC, 1, ""),
        (Kind.EQUIPMENT, AED, 1, "K vedlejšímu pódiu je to pět minut."),
    ),
    ("Běh Stromovkou", "demo.capek"): ((Kind.EQUIPMENT, TENT, 1, "Ošetřovali jsme v dešti."),),
}

#: How many people were treated, or came; of the others it is three.
COUNTS = {"Školení první pomoci pro učitele": 17, "Letní festival – sobotní program": 41, "Běh Stromovkou": 9}


def build(*, at: datetime) -> int:
    """Ask everybody on the completed demo events, and hand in what is to be there; return how many were handed in."""
    _ask(at)
    made = 0
    for duty, key in _duties():
        submitting.submit(duty.pk, _entry(duty, key), by=duty.person, at=min(at, duty.event.end + timedelta(hours=20)))
        made += 1
    return made


def _demo() -> Any:
    names = [event.name for event in COMPLETED]
    return expected().filter(event__name__in=names, person__email__endswith=f"@{DOMAIN}")


def _ask(at: datetime) -> None:
    """Note the invitations and reminders that would have been sent by now."""
    fresh = _demo().filter(debriefing_request__isnull=True).select_related("event")
    DebriefingRequest.objects.bulk_create(_request(duty, at) for duty in fresh)


def _request(duty: Assignment, at: datetime) -> DebriefingRequest:
    invited = duty.event.end
    gentle, last = invited + GENTLE_AFTER, invited + LAST_AFTER
    return DebriefingRequest(
        assignment=duty,
        invited_at=invited,
        reminded_at=gentle if gentle <= at else None,
        last_reminded_at=last if last <= at else None,
    )


def _duties() -> Iterator[tuple[Assignment, str]]:
    """Yield the duties whose debriefing is to be there and is not, with the key of the person."""
    waiting = pending().filter(pk__in=_demo().values("pk")).select_related("event", "person")
    for duty in waiting.order_by("event__start", "pk"):
        key = duty.person.email.partition("@")[0]
        may = duty.person.has_perm("debriefing.submit_own_debriefing")
        if may and (duty.event.name, key) not in MISSING:
            yield duty, key


def _entry(duty: Assignment, key: str) -> Entry:
    about = (duty.event.name, key)
    said = replace(SAID.get(about, Entry(NoteStatus.USUAL)), wanted=[*_wanted(WANTED.get(about, ()))])
    if duty.event.responsible_person_id != duty.person_id:
        return said
    event, late = duty.event, timedelta(minutes=20)
    actual = Actual(event.start, event.end + late, COUNTS.get(event.name, 3))
    return replace(said, actual=actual)


def _wanted(rows: tuple[tuple[Kind, str, int, str], ...]) -> Iterator[Wanted]:
    """Yield what somebody missed, as far as the organisation has it."""
    for kind, name, count, words in rows:
        known = Qualification.objects.living() if kind == Kind.PEOPLE else EquipmentType.objects.all()
        for key in known.filter(name__iexact=name).values_list("pk", flat=True)[:1]:
            yield Wanted(kind, key, count, words)

"""Demo and load data of debriefing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from debriefing import demo, load
from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest, Need, UsedMaterial
from debriefing.querysets import expected, pending_of
from debriefing.rules import NoteStatus
from debriefing.services import asking
from equipment import demo as equipment
from events.demo import templates
from events.demo.build import build
from events.demo.past import COMPLETED
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.counting import rows_per_table
from events.tests.factories import EventFactory, PositionFactory, put
from notifications.models import OutboxMessage
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_case_and_writes_to_nobody(settings):
    settings.DEVELOPMENT_LOGIN = True
    now = timezone.now()
    build(at=now)
    equipment.build(at=now)
    assert templates.build() == 2
    assert demo.build(at=now) == Debriefing.objects.count() > 20
    names = [event.name for event in COMPLETED]
    assert set(demo.COUNTS) | {name for name, _key in [*demo.MISSING, *demo.SAID]} <= set(names)
    member = User.objects.get(email="dev.member@medcover.local")
    assert {duty.event.name for duty in pending_of(member)} == {
        "Fotbalové utkání žáků Bohemians", "Koncert v Lucerně",
    }  # fmt: skip
    assert Debriefing.objects.of(member).exists()
    said = set(ConfidentialAnswers.objects.values_list("note_status", flat=True))
    assert said == {NoteStatus.USUAL, NoteStatus.DESCRIBED, NoteStatus.LATER}
    assert UsedMaterial.objects.filter(consumable__isnull=False).exists()
    assert UsedMaterial.objects.filter(consumable__isnull=True).exists()
    assert {kind for kind, _name, _count, _words in sum(demo.WANTED.values(), ())} == {"people", "equipment"}
    assert Need.objects.besides_material().count() == sum(map(len, demo.WANTED.values()))
    assert Debriefing.objects.filter(own_hours__isnull=False).count() == 2
    assert Event.objects.filter(post_event_count__gt=0, actual_end__isnull=False).count() > 5
    assert DebriefingRequest.objects.count() == expected().count()
    assert not OutboxMessage.objects.exists()
    assert asking.remind_due(at=now) == 0
    before = rows_per_table()
    assert templates.build() == 0
    assert demo.build(at=now) == 0
    assert rows_per_table() == before


def test_every_second_duty_of_the_load_has_a_debriefing():
    for _number in range(6):
        put(make_member(), PositionFactory(event=EventFactory(status=Status.COMPLETED)))
    make_coordinator()
    assert load.build(at=timezone.now()) == 3
    assert Debriefing.objects.count() == ConfidentialAnswers.objects.count() == 3
    assert Need.objects.open().count() == 1
    assert asking.remind_due(at=timezone.now()) == 0
    assert User.objects.with_role(Role.DEBRIEFING_MANAGER).count() == 1

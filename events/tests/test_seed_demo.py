"""manage.py seed_demo."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from django_q.models import OrmQ

from credentials.models import Qualification
from events.dashboard import read_dashboard
from events.demo import build
from events.demo.organisation import PEOPLE
from events.models import Assignment, Event, HandOver, MasterEvent, Offer, QueueEntry
from events.rules.lifecycle import Status
from events.rules.staffing import Level
from events.tests.counting import rows_per_table
from events.tests.factories import EventFactory
from medcover.backups.models import BackupRun, BackupSettings
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_admin

pytestmark = pytest.mark.django_db

ACCOUNTS = {
    "dev.admin": ("Novák Jan", Role.ADMIN, True),
    "dev.coordinator": ("Procházková Jana", Role.COORDINATOR, True),
    "dev.member": ("Dvořák Petr", Role.MEMBER, True),
    "dev.viewer": ("Horáková Marie", Role.VIEWER, True),
    "dev.debrief": ("Černý Martin", Role.DEBRIEFING_MANAGER, True),
    "dev.technician": ("Kučera Jakub", Role.TECHNICIAN, True),
    "dev.inactive": ("Svoboda Tomáš", Role.MEMBER, False),
}


@pytest.fixture(autouse=True)
def _in_development(settings):
    settings.DEVELOPMENT_LOGIN = True


def seed_demo(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def test_an_organisation_to_try_things_out_with(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        seed_demo()
    check_accounts()
    check_qualifications()
    check_events()
    check_questions()
    check_backups()
    check_silence()
    assert SiteSettings.load().organisation_name


def check_backups():
    """Nights of them, one without room, and a schedule by which the worker goes on."""
    assert BackupSettings.load().scheduled
    assert BackupRun.objects.backups().done().count() == BackupRun.objects.verifications().done().count() == 4
    assert [run.error for run in BackupRun.objects.filter(status="failed")] == ["Disk je plný."]
    assert not BackupRun.objects.unfinished().exists()


def check_accounts():
    for key, (name, role, active) in ACCOUNTS.items():
        person = User.objects.get(email=f"{key}@medcover.local")
        assert (person.name, person.role_names, person.is_active) == (name, {role.value}, active)
        assert person.check_password("devpassword")
    assert User.objects.count() == len(PEOPLE) >= len(ACCOUNTS) + 15


def check_qualifications():
    medic = Qualification.objects.get(name="Zdravotník zotavovacích akcí")
    assert {row.substitute.name for row in medic.satisfied_by.all()} == {medic.name, "Záchranář", "Lékař"}
    held = User.objects.get(email="dev.member@medcover.local").holdings.values_list("qualification__name", flat=True)
    assert set(held) == {medic.name, "Řidič sanitky"}
    coordinator = User.objects.get(email="dev.coordinator@medcover.local")
    assert coordinator.holdings.get().qualification.name == "Záchranář"
    assert MasterEvent.objects.get(name="Letní festival").coordinator == coordinator


def check_events():
    assert Event.objects.count() == len(build.EVENTS) >= 40
    assert {event.status for event in Event.objects.all()} == set(Status)
    assert Assignment.objects.count() == sum(len(event.crew) for event in build.EVENTS)
    running = Event.objects.running().not_archived()
    assert running.filter(start__lte=timezone.now(), end__gt=timezone.now()).count() == 2
    assert Event.objects.filter(status=Status.COMPLETED, is_archived=True).count() == 1
    assert not Event.objects.filter(status=Status.CANCELLED, is_archived=False).exists()
    soon = running.without_responsible_person().filter(start__lt=timezone.now() + timedelta(days=3))
    assert soon.get().assignments.exists()
    clashes = Assignment.objects.overlapping_pairs(at=timezone.now(), statuses=[Status.OPEN])
    assert clashes.count() == 1
    full = Event.objects.filter(status=Status.CLOSED).with_staffing()
    assert {event.capacity_closed for event in full} == {True, False}
    states = {(event.staffing.level, event.staffing.is_full) for event in Event.objects.by_conditions().with_staffing()}
    assert states == {
        (Level.SUFFICIENT, False), (Level.SUFFICIENT, True), (Level.UNMET, False), (Level.FULL_UNMET, True),
    }  # fmt: skip
    member = User.objects.get(email="dev.member@medcover.local")
    assert read_dashboard(member, timezone.now()).openings.helping
    seats = set(Event.objects.by_conditions().joinable_by(member))
    novice = User.objects.get(email="demo.ulehlova@medcover.local")
    assert set(Event.objects.by_conditions().joinable_by(novice)) < seats  # some seats are kept for the qualified


def check_questions():
    """Everybody who is to wait does, and the member has something to answer on the first page."""
    assert QueueEntry.objects.count() == sum(len(event.waiting) for event in build.EVENTS) > 0
    asked = HandOver.objects.open().get()
    assert asked.substitute == User.objects.get(email="dev.member@medcover.local")
    assert not Offer.objects.exists()


def check_silence():
    assert not OutboxMessage.objects.exists()
    assert not OrmQ.objects.exists()


def test_building_again_changes_nothing_on_any_day_but_brings_back_what_is_gone():
    seed_demo()
    User.objects.filter(email="dev.member@medcover.local").update(name="Dvořáková Petra")
    before, newest = rows_per_table(), Event.objects.order_by("-updated").first().updated
    seed_demo()
    assert not build.build(at=timezone.now() + timedelta(days=11))
    assert rows_per_table() == before
    assert Event.objects.order_by("-updated").first().updated == newest
    assert User.objects.get(email="dev.member@medcover.local").name == "Dvořáková Petra"
    Event.objects.filter(name="Běh Stromovkou").update(name="Běh Oborou")
    assert build.build(at=timezone.now()) == {"events": 1}


def test_is_refused_outside_development(settings):
    settings.DEVELOPMENT_LOGIN = False
    before = rows_per_table()
    with pytest.raises(CommandError):
        seed_demo()
    assert rows_per_table() == before


@pytest.mark.parametrize("make", [make_admin, EventFactory])
def test_a_database_in_use_may_be_left_alone(make):
    make()
    before = rows_per_table()
    assert seed_demo("--if-empty") == ""
    assert rows_per_table() == before

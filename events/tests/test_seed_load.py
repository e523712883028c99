"""manage.py seed_load."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from events.load.build import build
from events.load.people import COORDINATOR, MEMBER
from events.load.shape import Shape
from events.models import Assignment, Event, HandOver, MasterEvent, Offer, Position, QueueEntry
from events.rules import plans
from events.rules.coverage import Demand
from events.rules.lifecycle import Status
from events.services import lifecycle, responsible, waiting
from events.services.locking import lock_event
from events.services.people_changes import recheck_people
from events.tests.counting import rows_per_table
from events.tests.factories import EventFactory
from medcover.backups.models import BackupRun
from medcover.system.models import AuditEntry, SiteSettings, UserFeedback
from notifications.models import OutboxMessage
from roster.models import User
from roster.tests.factories import make_admin

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 12, 10, 0, tzinfo=ZoneInfo("Europe/Prague"))
SHAPE = Shape(40, 100)


def _facts() -> dict[str, list]:
    """Everything but keys that the database gives, and secrets."""
    return {
        "people": list(User.objects.order_by("pk").values_list("pk", "email", "name", "is_active", "is_archived")),
        "holdings": sorted(User.objects.values_list("pk", "holdings__qualification__name", "holdings__valid_until"),
                           key=str),
        "events": list(Event.objects.order_by("start", "pk").values_list(
            "name", "status", "start", "end", "responsible_person", "master_event__name", "is_archived", "created")),
        "crew": list(Assignment.objects.order_by("event__start", "event", "assigned_at", "pk").values_list(
            "event__name", "person", "position__description", "assigned_at")),
        "queue": list(QueueEntry.objects.order_by("pk").values_list("event__name", "person", "queued_at")),
        "record": list(AuditEntry.objects.filter(event_id__isnull=False).order_by("pk").values_list(
            "summary", "timestamp")),
        "mails": list(OutboxMessage.objects.order_by("pk").values_list("to_email", "subject", "status", "created_at")),
    }  # fmt: skip


def _built_and_undone() -> dict[str, list]:
    with transaction.atomic():
        build(Shape(30, 40), at=AT)
        found = _facts()
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="class")
def loaded(django_db_setup, django_db_blocker):
    """The organisation, built once for all tests that only look at it."""
    with django_db_blocker.unblock():
        build(SHAPE, at=timezone.now())
    yield
    with django_db_blocker.unblock():
        django_db_setup.restore()


@pytest.mark.usefixtures("loaded")
class TestWhatIsMade:
    def test_numbers_and_statuses(self):
        assert User.objects.count() == SHAPE.users
        assert Event.objects.count() == SHAPE.events
        for status, count in SHAPE.statuses.items():
            assert Event.objects.filter(status=status).count() == count
        assert Position.objects.count() == 4 * Event.objects.filter(staffing_mode="positions").count()
        coming = Event.objects.filter(start__gt=timezone.now())
        assert coming.filter(staffing_mode="conditions").count() * 3 in range(coming.count() - 3, coming.count() + 3)
        assert Position.objects.filter(assignment__isnull=False).count() / Position.objects.count() == pytest.approx(
            0.6, abs=0.08
        )
        assert SiteSettings.load().setup_complete

    def test_every_part_has_rows(self):
        for model in (QueueEntry, Offer, HandOver, MasterEvent, AuditEntry, OutboxMessage, UserFeedback, BackupRun):
            assert model._default_manager.exists(), model

    def test_the_accounts_of_the_measurements_are_active_and_nobody_has_a_password(self):
        assert User.objects.active().filter(email__in=[MEMBER, COORDINATOR]).count() == 2
        assert not any(person.has_usable_password() for person in User.objects.all())

    def test_people_and_events_are_what_forms_would_accept(self):
        for person in User.objects.all():
            person.full_clean()
        for event in Event.objects.all():
            event.full_clean()

    def test_plans_are_what_the_services_would_accept(self):
        for event in Event.objects.filter(staffing_mode="positions").prefetch_related("positions__qualifications"):
            rows = [
                plans.PlannedPosition(place.is_optional, any(q.can_lead for q in place.qualifications.all()))
                for place in event.positions.all()
            ]
            assert plans.positions_problem(rows) is None
        for event in Event.objects.filter(staffing_mode="conditions").prefetch_related("conditions__qualification"):
            rows = [(row.qualification, row.minimum) for row in event.conditions.all()]
            plan = plans.PlannedConditions(
                minimum=event.min_participants,
                maximum=event.max_participants,
                demands=[Demand(qualification.pk, minimum) for qualification, minimum in rows],
                participants=event.assignments.count(),
                leading=[qualification.pk for qualification, _minimum in rows if qualification.can_lead],
                hierarchy=event.crew.hierarchy,
            )
            assert plans.conditions_problem(plan) is None

    def test_everybody_is_able_to_stand_where_they_stand(self):
        for assignment in Assignment.objects.filter(position__isnull=False).select_related("position", "person"):
            assert Position.objects.filter(pk=assignment.position_id).fillable_by(assignment.person).exists()
        assert not Assignment.objects.filter(event__start__gt=timezone.now(), person__is_active=False).exists()

    def test_nobody_stands_on_two_events_at_a_time(self):
        for assignment in Assignment.objects.select_related("event"):
            span = {"event__start__lt": assignment.event.end, "event__end__gt": assignment.event.start}
            assert Assignment.objects.filter(person=assignment.person_id, **span).count() == 1

    def test_the_first_able_participant_leads(self):
        able = set(Event.objects.filter(responsible_person__isnull=False).values_list("pk", flat=True))
        for event in Event.objects.not_final():
            assert event.responsible_person == responsible.leaders_among_crew(event).first()
        assert able

    def test_open_events_have_room_and_those_closed_by_capacity_have_none(self):
        for event in Event.objects.filter(status__in=[Status.OPEN, Status.CLOSED]):
            assert event.staffing.is_booked_out == event.capacity_closed
        assert Event.objects.filter(capacity_closed=True).exists()

    def test_nothing_is_due(self):
        at = timezone.now()
        assert (lifecycle.open_due(at=at), lifecycle.complete_due(at=at), waiting.expire_due(at=at)) == (0, 0, 0)

    def test_services_that_look_again_find_nothing_to_change(self):
        before = rows_per_table(), _facts()
        with transaction.atomic():
            recheck_people(None, at=timezone.now())
            for key in Event.objects.values_list("pk", flat=True):
                lifecycle.settle_capacity(lock_event(key), at=timezone.now())
        assert (rows_per_table(), _facts()) == before


def test_the_same_each_time():
    found = [_built_and_undone(), _built_and_undone()]
    assert found[0] == found[1]
    assert found[0]["crew"]
    assert found[0]["mails"]


def test_command_says_what_it_has_made():
    out = StringIO()
    call_command("seed_load", users=20, events=20, stdout=out)
    assert "20" in out.getvalue()
    assert User.objects.count() == 20


@pytest.mark.parametrize("make", [EventFactory, make_admin], ids=["an event", "a person"])
def test_refuses_a_database_that_is_not_empty(make):
    make()
    before = rows_per_table()
    with pytest.raises(CommandError):
        call_command("seed_load", users=20, events=20)
    assert rows_per_table() == before


@pytest.mark.parametrize("sizes", [(0, 20), (20, 0)])
def test_refuses_less_than_makes_sense(sizes):
    with pytest.raises(CommandError):
        call_command("seed_load", users=sizes[0], events=sizes[1])
    assert not User.objects.exists()

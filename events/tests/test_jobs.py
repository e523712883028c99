"""What the worker does with events by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from events import jobs
from events.models import Event
from events.rules.lifecycle import Status
from events.services import lifecycle
from events.tests.factories import EVENING, EventFactory
from medcover.system import jobs as registered
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db


def status_of(event: Event) -> str:
    event.refresh_from_db()
    return event.status


def test_the_jobs_run_at_their_pace_under_their_names():
    ours = {job.name: (job.function, job.minutes) for job in registered.registered() if job.name.startswith("events.")}
    assert ours == {
        "events.open_due": ("events.jobs.open_due", 1),
        "events.complete_due": ("events.jobs.complete_due", 1),
        "events.expire_offers": ("events.jobs.expire_offers", 1),
        "events.remind": ("events.jobs.remind", 5),
        "events.forget_imports": ("events.jobs.forget_imports", 60),
        "events.verify_staffing": ("events.jobs.verify_staffing", 24 * 60),
    }


class TestOpening:
    @pytest.fixture
    def event(self):
        return EventFactory(status=Status.PUBLISHED, signups_open_at=EVENING - timedelta(days=5))

    def test_opens_at_the_moment_and_not_before(self, event):
        with time_machine.travel(event.signups_open_at - timedelta(seconds=1), tick=False):
            assert jobs.open_due() == 0
        assert status_of(event) == Status.PUBLISHED
        with time_machine.travel(event.signups_open_at, tick=False):
            assert jobs.open_due() == 1
        assert status_of(event) == Status.OPEN

    def test_tells_people_and_records_that_nobody_did_it(self, event):
        member = make_member()
        lifecycle.open_due(at=EVENING)
        assert OutboxMessage.objects.get(recipient=member).code == "assignments_opened"
        entry = AuditEntry.objects.filter(event_id=event.pk, kind=AuditEntry.Kind.STATUS).get()
        assert entry.actor is None

    def test_twice_or_late_makes_no_difference(self, event):
        make_member()
        assert [lifecycle.open_due(at=EVENING) for _again in range(2)] == [1, 0]
        assert OutboxMessage.objects.count() == 1

    @pytest.mark.parametrize("status", [s for s in Status if s != Status.PUBLISHED])
    def test_leaves_other_states_alone(self, event, status):
        Event.objects.update(status=status)
        lifecycle.open_due(at=EVENING)
        assert status_of(event) == status

    def test_leaves_archived_events_alone(self, event):
        Event.objects.update(is_archived=True)
        lifecycle.open_due(at=EVENING)
        assert status_of(event) == Status.PUBLISHED


class TestCompleting:
    @pytest.mark.parametrize("status", [Status.OPEN, Status.CLOSED])
    def test_completes_at_the_end_and_not_before(self, status):
        event = EventFactory(status=status)
        with time_machine.travel(event.end - timedelta(seconds=1), tick=False):
            assert jobs.complete_due() == 0
        with time_machine.travel(event.end, tick=False):
            assert jobs.complete_due() == 1
        assert status_of(event) == Status.COMPLETED

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.CANCELLED, Status.COMPLETED])
    def test_leaves_other_states_alone(self, status):
        event = EventFactory(status=status)
        lifecycle.complete_due(at=event.end)
        assert status_of(event) == status

    def test_leaves_archived_events_alone(self):
        event = EventFactory(is_archived=True)
        lifecycle.complete_due(at=event.end)
        assert status_of(event) == Status.OPEN


@pytest.mark.logs_errors
def test_trouble_with_one_event_does_not_stop_the_others(monkeypatch):
    broken, sound = EventFactory(), EventFactory()
    real = lifecycle.make_move

    def fail_for_one(event: Event, *args: object, **kwargs: object) -> None:
        if event.pk == broken.pk:
            raise RuntimeError
        real(event, *args, **kwargs)

    monkeypatch.setattr(lifecycle, "make_move", fail_for_one)
    assert lifecycle.complete_due(at=timezone.now() + timedelta(days=3650)) == 1
    assert (status_of(broken), status_of(sound)) == (Status.OPEN, Status.COMPLETED)

"""The worker's recurring jobs: declared in code, kept equal in the queue's table."""

from __future__ import annotations

import pydoc
from datetime import UTC, datetime, timedelta
from inspect import signature

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Schedule

from medcover.system import jobs
from medcover.system.jobs import Job
from medcover.system.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def only(monkeypatch):
    """Let the code declare exactly the given jobs, and synchronise."""

    def declare(*wanted: Job) -> None:
        monkeypatch.setattr(jobs, "_jobs", {})
        for job in wanted:
            jobs.register(job)
        jobs.synchronise()

    return declare


def rows() -> dict[str, tuple[str, int | None]]:
    return {row.name: (row.func, row.minutes) for row in Schedule.objects.filter(name__startswith="job:")}


def test_after_migrating_the_table_holds_what_the_apps_declare():
    assert rows() == {f"job:{job.name}": (job.function, job.minutes) for job in jobs.registered()}
    assert set(rows()) >= {"job:system.heartbeat", "job:notifications.drain", "job:events.open_due"}


@pytest.mark.parametrize("job", jobs.registered(), ids=lambda job: job.name)
def test_each_job_can_be_found_and_called_without_arguments(job):
    function = pydoc.locate(job.function)
    assert callable(function)
    assert all(parameter.default is not parameter.empty for parameter in signature(function).parameters.values())


class TestSynchronising:
    def test_adds_what_is_new_and_lets_it_run_at_once_for_ever(self, only):
        only(Job("a", "app.jobs.a", minutes=5))
        row = Schedule.objects.get(name="job:a")
        assert (row.func, row.schedule_type, row.minutes, row.repeats) == ("app.jobs.a", Schedule.MINUTES, 5, -1)
        assert row.next_run <= timezone.now()

    def test_removes_what_is_gone(self, only):
        only(Job("a", "app.jobs.a", minutes=5), Job("b", "app.jobs.b", minutes=5))
        only(Job("b", "app.jobs.b", minutes=5))
        assert set(rows()) == {"job:b"}

    @pytest.mark.parametrize("job", [Job("a", "app.jobs.renamed", minutes=1440), Job("a", "app.jobs.a", minutes=1)])
    def test_lets_what_changed_run_at_once(self, only, job):
        only(Job("a", "app.jobs.a", minutes=1440))
        Schedule.objects.update(next_run=timezone.now() + timedelta(days=1))
        only(job)
        assert rows() == {"job:a": (job.function, job.minutes)}
        assert Schedule.objects.get(name="job:a").next_run <= timezone.now()

    def test_leaves_what_is_the_same_to_its_rhythm(self, only):
        tomorrow = timezone.now() + timedelta(days=1)
        only(Job("a", "app.jobs.a", minutes=1440))
        Schedule.objects.update(next_run=tomorrow)
        only(Job("a", "app.jobs.a", minutes=1440))
        assert Schedule.objects.get(name="job:a").next_run == tomorrow

    def test_leaves_schedules_of_others_alone(self, only):
        Schedule.objects.create(name="by hand", func="app.other", schedule_type=Schedule.ONCE)
        only()
        assert list(Schedule.objects.values_list("name", flat=True)) == ["by hand"]

    def test_happens_after_each_migrate(self):
        Schedule.objects.all().delete()
        call_command("migrate", verbosity=0)
        assert set(rows()) == {f"job:{job.name}" for job in jobs.registered()}


def test_registering_a_name_again_replaces_it(only):
    only(Job("a", "app.jobs.old", minutes=1), Job("a", "app.jobs.new", minutes=2))
    assert rows() == {"job:a": ("app.jobs.new", 2)}


def test_the_heartbeat_is_one_row_with_the_latest_moment():
    first, second = datetime(2027, 5, 5, 12, 0, tzinfo=UTC), datetime(2027, 5, 5, 12, 1, tzinfo=UTC)
    for moment in (first, second):
        with time_machine.travel(moment, tick=False):
            jobs.beat()
    assert [(row.name, row.beat_at) for row in Heartbeat.objects.all()] == [("jobs", second)]

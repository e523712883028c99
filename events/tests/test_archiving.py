"""Putting events away and bringing them back, and all that an archived event refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event
from events.querysets.conflicts import conflicts_of
from events.rules.lifecycle import Status
from events.services import archiving, bulk, crew
from events.tests.factories import EVENING, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def admin():
    return make_admin()


class TestArchive:
    @pytest.mark.parametrize("status", Status)
    def test_sets_the_flag_and_leaves_the_status(self, admin, leading, status):
        event = make_event(leading, status=status)
        archiving.archive_event(event.pk, by=admin, version=1)
        event.refresh_from_db()
        assert (event.is_archived, event.status, event.version) == (True, status, 2)
        entry = history(event)[-1]
        assert (entry.kind, entry.actor) == ("archive", admin)

    def test_drafts_need_another_right_than_the_rest(self, leading):
        boss = make_coordinator()
        archiving.archive_event(make_event(leading, status=Status.DRAFT).pk, by=boss)
        for status in set(Status) - {Status.DRAFT}:
            with pytest.raises(NotAllowed):
                archiving.archive_event(make_event(leading, status=status).pk, by=boss)
        with pytest.raises(NotAllowed):
            archiving.archive_event(make_event(leading, status=Status.DRAFT).pk, by=make_member())

    def test_tells_participants_and_whoever_was_about_to_hear_at_once(self, admin, leading):
        event = make_event(leading)
        stays, left = able(leading), make_member()
        fill(event, stays)
        waiting = OutboxMessage.objects.create(
            code="event_changed", recipient=left, to_email=left.email, subject="x", topic=f"event:{event.pk}",
            send_after=NOW,
        )  # fmt: skip
        archiving.archive_event(event.pk, by=admin)
        assert told("event_archived") == {("event_archived", stays), ("event_archived", left)}
        waiting.refresh_from_db()
        assert waiting.send_after is None

    def test_can_be_quiet(self, admin, leading):
        event = make_event(leading)
        fill(event, able(leading))
        archiving.archive_event(event.pk, by=admin, notify=False)
        assert not told()

    def test_twice_is_refused(self, admin, leading):
        event = make_event(leading, is_archived=True)
        with pytest.raises(DomainError):
            archiving.archive_event(event.pk, by=admin)

    def test_a_stale_form_is_refused(self, admin, leading):
        with pytest.raises(StaleRecord):
            archiving.archive_event(make_event(leading, version=3).pk, by=admin, version=2)

    def test_what_capacity_closed_stays_closed_by_capacity(self, admin, leading):
        event = make_event(leading, places=1, status=Status.CLOSED, capacity_closed=True)
        archiving.archive_event(event.pk, by=admin)
        archiving.unarchive_event(event.pk, by=admin)
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)


class TestUnarchive:
    @pytest.mark.parametrize("status", Status)
    def test_clears_the_flag_and_leaves_the_status(self, admin, leading, status):
        person = able(leading)
        event = make_event(leading, status=status, is_archived=True)
        fill(event, person)
        archiving.unarchive_event(event.pk, by=admin, version=1)
        event.refresh_from_db()
        assert (event.is_archived, event.status, event.version) == (False, status, 2)
        assert told() == {("event_unarchived", person)}
        assert history(event)[-1].kind == "unarchive"

    def test_refuses_what_is_not_archived(self, admin, leading):
        with pytest.raises(DomainError):
            archiving.unarchive_event(make_event(leading).pk, by=admin)

    def test_needs_the_right(self, leading):
        with pytest.raises(NotAllowed):
            archiving.unarchive_event(make_event(leading, is_archived=True).pk, by=make_coordinator())


class TestArchivedEvents:
    @pytest.mark.parametrize("status", [Status.OPEN, Status.CLOSED])
    def test_nobody_joins_or_leaves(self, leading, status):
        boss, member = make_coordinator(), able(leading)
        event = make_event(leading, status=status, is_archived=True)
        taken, free = event.positions.order_by("id")
        assignment = put(member, taken)
        for attempt in (
            lambda: crew.claim(free.pk, by=make_member(), at=NOW),
            lambda: crew.assign(free.pk, make_member().pk, by=boss, at=NOW, override_reason="Záskok"),
            lambda: crew.leave(event.pk, by=member),
            lambda: crew.remove(assignment.pk, by=boss),
        ):
            with pytest.raises(DomainError):
                attempt()
        assert list(event.assignments.all()) == [assignment]

    def test_are_hidden_from_whoever_looks_for_duties(self, leading):
        member = able(leading)
        event = make_event(leading, is_archived=True)
        assert event not in Event.objects.joinable_by(member)
        assert event not in Event.objects.not_archived()
        assert event not in Event.objects.open_for_signing_up()
        assert event not in Event.objects.announced()
        assert event not in Event.objects.without_responsible_person()

    def test_clash_with_nothing(self, leading):
        member = make_member()
        put(member, make_event(leading, is_archived=True).positions.last())
        assert not conflicts_of(member, make_event(leading))
        assert not Assignment.objects.binding().exists()


class TestInBulk:
    def test_each_by_its_own_right_and_with_its_own_reason(self, leading):
        draft = make_event(leading, status=Status.DRAFT, name="Koncept")
        open_one = make_event(leading, name="Otevřená")
        away = make_event(leading, status=Status.DRAFT, is_archived=True, name="Odložená")
        keys = [event.pk for event in (draft, open_one, away)]
        result = bulk.archive(keys, by=make_coordinator())
        assert result.changed == ["Koncept"]
        assert {name for name, _reason in result.skipped} == {"Otevřená", "Odložená"}
        back = bulk.unarchive(keys, by=make_admin(), notify=True)
        assert set(back.changed) == {"Koncept", "Odložená"}


def test_an_event_can_go_for_good_with_all_that_is_in_it(leading):
    event = make_event(leading, start=EVENING + timedelta(days=1))
    fill(event, able(leading), make_member())
    event.delete()
    assert not Assignment.objects.exists()

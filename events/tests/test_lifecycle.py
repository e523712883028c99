"""Moving events along their life: by hand, in bulk, by the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import TRANSITIONS, Status
from events.services import lifecycle
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from notifications.models import OutboxMessage
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LATER = EVENING - timedelta(days=1)
BY_HAND = [move for move in TRANSITIONS.values() if not move.is_automatic]


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def boss():
    return make_coordinator(name="Procházková Jana")


def move(event: Event, code: str, by, **options) -> Event:
    lifecycle.transition(event.pk, code, by=by, at=options.pop("at", NOW), **options)
    event.refresh_from_db()
    return event


class TestByHand:
    @pytest.mark.parametrize(
        ("code", "source"), [(step.code, source) for step in BY_HAND for source in sorted(step.sources)]
    )
    def test_moves_and_records(self, boss, leading, code, source):
        step = TRANSITIONS[code]
        event = make_event(leading, status=source, is_archived=source == Status.CANCELLED, signups_open_at=LATER)
        move(event, code, boss, version=1)
        assert event.status == step.target
        assert event.is_archived == bool(step.archived)
        assert event.version == 2
        entry = history(event, kind="status_change")[-1]
        assert entry.actor == boss
        assert entry.changes_dict["status"] == [source.value, step.target.value]

    @pytest.mark.parametrize(
        ("code", "source"), [(step.code, source) for step in BY_HAND for source in Status if source not in step.sources]
    )
    def test_refuses_every_other_pair_and_changes_nothing(self, boss, leading, code, source):
        event = make_event(leading, status=source)
        with pytest.raises(DomainError):
            move(event, code, boss)
        event.refresh_from_db()
        assert (event.status, event.version) == (source, 1)
        assert not told()

    @pytest.mark.parametrize("code", [*[step.code for step in TRANSITIONS.values() if step.is_automatic], "fly", ""])
    def test_refuses_what_only_the_system_does_and_what_nobody_knows(self, boss, code):
        event = EventFactory(status=Status.OPEN)
        with pytest.raises(DomainError):
            move(event, code, boss)

    @pytest.mark.parametrize("step", BY_HAND, ids=lambda step: step.code)
    @pytest.mark.parametrize("make", [make_member, make_viewer])
    def test_needs_the_right(self, leading, step, make):
        event = make_event(leading, status=min(step.sources))
        with pytest.raises(NotAllowed):
            move(event, step.code, make())

    def test_the_responsible_person_opens_and_closes_their_own_event_only(self, leading):
        leader = able(leading)
        event = make_event(leading, responsible_person=leader)
        other = make_event(leading)
        move(event, "close", leader)
        move(event, "open", leader)
        for code in ("cancel", "publish"):
            with pytest.raises(NotAllowed):
                move(event, code, leader)
        with pytest.raises(NotAllowed):
            move(other, "close", leader)

    def test_refuses_an_old_form(self, boss, leading):
        event = make_event(leading)
        move(event, "close", boss, version=1)
        with pytest.raises(StaleRecord):
            move(event, "open", boss, version=1)

    def test_archived_events_move_only_by_cancelling(self, boss, leading):
        for code, source in (("publish", Status.DRAFT), ("open", Status.PUBLISHED), ("close", Status.OPEN)):
            with pytest.raises(DomainError):
                move(make_event(leading, status=source, is_archived=True), code, boss)

    def test_every_move_by_hand_forgets_that_capacity_closed(self, boss, leading):
        for code, status in (("cancel", Status.CANCELLED), ("open", Status.OPEN)):
            event = make_event(leading, status=Status.CLOSED, capacity_closed=True)
            move(event, code, boss)
            assert (event.status, event.capacity_closed) == (status, False)


class TestWhoIsTold:
    def everybody(self) -> set:
        """Active coordinators and members hear of events; nobody else does."""
        UserFactory(is_active=False)
        make_viewer()
        make_admin()
        UserFactory(roles=[])
        return {make_member(), make_coordinator(), UserFactory(roles=[Role.VIEWER, Role.MEMBER])}

    def test_publishing(self, leading):
        people = self.everybody()
        boss = make_admin()
        move(make_event(leading, status=Status.DRAFT, signups_open_at=LATER), "publish", boss)
        assert told() == {("event_published", person) for person in people}

    @pytest.mark.parametrize("source", [Status.PUBLISHED, Status.CLOSED])
    def test_opening_and_reopening(self, leading, source):
        people = self.everybody()
        move(make_event(leading, status=source), "open", make_admin())
        assert told() == {("assignments_opened", person) for person in people}

    def test_closing_is_silent(self, boss, leading):
        move(make_event(leading), "close", boss)
        assert not told()

    def test_opening_by_time_tells_the_same_as_by_hand(self, leading):
        people = self.everybody()
        make_event(leading, status=Status.PUBLISHED, signups_open_at=NOW)
        lifecycle.open_due(at=NOW)
        assert told() == {("assignments_opened", person) for person in people}

    def test_a_bulk_move_tells_only_when_asked_to(self, boss, leading):
        first = make_event(leading, status=Status.DRAFT, signups_open_at=LATER)
        second = make_event(leading, status=Status.DRAFT, signups_open_at=LATER)
        lifecycle.bulk_transition([first.pk], "publish", by=boss, at=NOW)
        assert not told()
        lifecycle.bulk_transition([second.pk], "publish", by=boss, at=NOW, notify=True)
        assert told() == {("event_published", boss)}

    def test_quiet_publishing_is_quiet_about_the_opening_too(self, boss, leading):
        move(make_event(leading, status=Status.DRAFT), "publish", boss, notify=False)
        assert not told()


class TestPublishing:
    @pytest.mark.parametrize("opening", [None, NOW, NOW - timedelta(days=3)])
    def test_opens_at_once_when_the_time_is_empty_or_has_come(self, boss, leading, opening):
        event = make_event(leading, status=Status.DRAFT, signups_open_at=opening)
        move(event, "publish", boss)
        assert event.status == Status.OPEN
        assert {code for code, _person in told()} == {"event_published", "assignments_opened"}
        steps = [entry.changes_dict["status"] for entry in history(event, kind="status_change")]
        assert steps == [["draft", "published"], ["published", "open"]]

    def test_waits_for_its_time(self, boss, leading):
        event = make_event(leading, status=Status.DRAFT, signups_open_at=NOW + timedelta(minutes=1))
        move(event, "publish", boss)
        assert event.status == Status.PUBLISHED

    def test_of_a_restored_full_event_ends_closed_without_calling_anybody(self, boss, leading):
        event = make_event(leading, status=Status.DRAFT)
        fill(event, able(leading), make_member())
        move(event, "publish", boss)
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
        assert {code for code, _person in told()} == {"event_published"}


class TestCancelling:
    def test_archives_and_keeps_the_participants(self, boss, leading):
        event = make_event(leading)
        fill(event, able(leading))
        move(event, "cancel", boss)
        assert (event.status, event.is_archived) == (Status.CANCELLED, True)
        assert event.assignments.count() == 1

    def test_tells_participants_and_whoever_was_about_to_hear_at_once(self, boss, leading):
        event = make_event(leading)
        stays, left, stranger = able(leading), make_member(), make_member()
        fill(event, stays)
        deferred = [self.waiting(event, person, "event_changed") for person in (stays, left)]
        elsewhere = self.waiting(make_event(leading), stranger, "event_changed")
        move(event, "cancel", boss)
        assert told("event_cancelled") == {("event_cancelled", stays), ("event_cancelled", left)}
        assert set(OutboxMessage.objects.filter(send_after__isnull=False)) == {elsewhere}
        assert not OutboxMessage.objects.filter(pk__in=[row.pk for row in deferred], send_after__isnull=False).exists()

    def test_does_not_call_back_what_was_sent(self, boss, leading):
        event = make_event(leading)
        sent = self.waiting(event, make_member(), "event_changed", status="sent", sent_at=NOW)
        move(event, "cancel", boss)
        sent.refresh_from_db()
        assert sent.status == "sent"
        assert not told("event_cancelled")

    def test_refuses_the_completed(self, boss, leading):
        with pytest.raises(DomainError):
            move(make_event(leading, status=Status.COMPLETED), "cancel", boss)

    def waiting(self, event, person, code, **fields) -> OutboxMessage:
        return OutboxMessage.objects.create(
            code=code, recipient=person, to_email=person.email, subject="x", topic=f"event:{event.pk}",
            payload={"event_id": event.pk, "event_name": event.name}, send_after=NOW + timedelta(hours=1), **fields,
        )  # fmt: skip


class TestRestoring:
    def test_brings_back_a_draft_with_everybody_and_silently(self, boss, leading):
        person = able(leading)
        event = make_event(leading, responsible_person=person)
        fill(event, person)
        move(event, "close", boss)
        move(event, "cancel", boss, notify=False)
        move(event, "restore", boss)
        assert (event.status, event.is_archived, event.capacity_closed) == (Status.DRAFT, False, False)
        assert event.responsible_person == person
        assert event.assignments.count() == 1
        assert not told()

    def test_looks_again_whether_the_leader_may_lead(self, boss, leading):
        heir, gone = able(leading), able(leading)
        event = make_event(leading, responsible_person=gone)
        fill(event, gone, heir)
        move(event, "cancel", boss)
        gone.holdings.all().delete()
        move(event, "restore", boss)
        assert event.responsible_person == heir


class TestTheWorker:
    @pytest.mark.parametrize(
        ("fields", "opens"),
        [
            ({"signups_open_at": NOW}, True),
            ({"signups_open_at": NOW - timedelta(days=1)}, True),
            ({"signups_open_at": None}, True),
            ({"signups_open_at": NOW + timedelta(seconds=1)}, False),
            ({"signups_open_at": NOW, "is_archived": True}, False),
            ({"signups_open_at": NOW, "status": Status.DRAFT}, False),
            ({"signups_open_at": NOW, "status": Status.CLOSED}, False),
            ({"signups_open_at": NOW, "start": NOW - timedelta(days=2)}, False),
        ],
    )
    def test_opens_what_is_due(self, fields, opens):
        event = EventFactory(**{"status": Status.PUBLISHED} | fields)
        before = event.status
        assert lifecycle.open_due(at=NOW) == opens
        event.refresh_from_db()
        assert event.status == (Status.OPEN if opens else before)

    @pytest.mark.parametrize(
        ("status", "shift", "archived", "completes"),
        [
            (Status.OPEN, 0, False, True),
            (Status.CLOSED, 0, False, True),
            (Status.OPEN, 90, False, True),
            (Status.OPEN, -1, False, False),
            (Status.OPEN, 90, True, False),
            (Status.DRAFT, 90, False, False),
            (Status.PUBLISHED, 90, False, False),
            (Status.CANCELLED, 90, False, False),
            (Status.COMPLETED, 90, False, False),
        ],
    )
    def test_completes_what_is_over_and_archives_nothing(self, status, shift, archived, completes):
        event = EventFactory(status=status, is_archived=archived)
        at = event.end + timedelta(minutes=shift)
        assert lifecycle.complete_due(at=at) == completes
        event.refresh_from_db()
        assert event.status == (Status.COMPLETED if completes else status)
        assert event.is_archived is archived

    def test_has_no_actor_and_acts_once(self, leading):
        event = make_event(leading, status=Status.CLOSED, capacity_closed=True)
        assert [lifecycle.complete_due(at=event.end), lifecycle.complete_due(at=event.end)] == [1, 0]
        assert [entry.actor for entry in history(event, kind="status_change")] == [None]
        event.refresh_from_db()
        assert not event.capacity_closed

    @pytest.mark.logs_errors
    def test_one_events_trouble_does_not_stop_the_others(self, monkeypatch):
        events = [EventFactory() for _n in range(3)]
        real = lifecycle.make_move

        def stumble(event, *args, **kwargs):
            if event.pk == events[1].pk:
                raise RuntimeError("broken")
            real(event, *args, **kwargs)

        monkeypatch.setattr(lifecycle, "make_move", stumble)
        assert lifecycle.complete_due(at=events[0].end) == 2
        assert list(Event.objects.order_by("pk").values_list("status", flat=True)) == ["completed", "open", "completed"]


class TestInBulk:
    def test_reports_what_changed_and_why_the_rest_did_not(self, boss, leading):
        drafts = [make_event(leading, status=Status.DRAFT, name=f"Koncept {n}") for n in range(2)]
        done = make_event(leading, status=Status.COMPLETED, name="Hotová")
        archived = make_event(leading, status=Status.DRAFT, is_archived=True, name="Odložená")
        keys = [event.pk for event in (*drafts, done, archived)]
        result = lifecycle.bulk_transition([*keys, 10**9], "publish", by=boss, at=NOW)
        assert result.changed == ["Koncept 0", "Koncept 1"]
        assert {name for name, _reason in result.skipped} == {"Hotová", "Odložená", f"#{10**9}"}
        assert all(reason for _name, reason in result.skipped)

    def test_without_the_right_nothing_changes(self, leading):
        event = make_event(leading, status=Status.DRAFT)
        assert lifecycle.bulk_transition([event.pk], "publish", by=make_member(), at=NOW).changed == []
        event.refresh_from_db()
        assert event.status == Status.DRAFT

    @pytest.mark.parametrize(
        ("code", "takes"),
        [
            ("publish", {Status.DRAFT}),
            ("open", {Status.PUBLISHED, Status.CLOSED}),
            ("cancel", {Status.DRAFT, Status.PUBLISHED, Status.OPEN, Status.CLOSED}),
        ],
    )
    def test_takes_exactly_these_statuses(self, boss, leading, code, takes):
        events = [make_event(leading, status=status, name=status.value, signups_open_at=LATER) for status in Status]
        result = lifecycle.bulk_transition([event.pk for event in events], code, by=boss, at=NOW)
        assert set(result.changed) == {status.value for status in takes}

    def test_each_change_is_recorded(self, boss, leading):
        events = [make_event(leading) for _n in range(3)]
        lifecycle.bulk_transition([event.pk for event in events], "close", by=boss, at=NOW)
        for event in events:
            assert [entry.actor for entry in history(event, kind="status_change")] == [boss]


def test_people_cannot_be_lost_by_the_clock(leading):
    """An event completes with whoever stands on it; nobody is signed off by a change of status."""
    event = EventFactory()
    put(make_member(), PositionFactory(event=event))
    lifecycle.complete_due(at=event.end)
    assert event.assignments.count() == 1

"""Who may do what with one event."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from credentials.tests.factories import QualificationFactory
from events import policies
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import MasterEventFactory
from events.tests.stories import able, fill, make_event
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

OWN = ("events.open_signups", "events.close_signups", "events.send_notification")
CREW = "events.assign_other"


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def rights(person: User, event: Event | None) -> set[str]:
    person = User.objects.get(pk=person.pk)
    asked = (*OWN, CREW, "events.publish_event", "events.change_event", "events.cancel_event", "events.archive_event")
    return {right for right in asked if person.has_perm(right, event)}


class TestSeeing:
    @pytest.mark.parametrize(
        ("roles", "drafts", "others"),
        [
            ([Role.ADMIN], True, True),
            ([Role.COORDINATOR], True, True),
            ([Role.MEMBER], True, True),
            ([Role.VIEWER], False, True),
            ([Role.DEBRIEFING_MANAGER], False, False),
            ([], False, False),
        ],
    )
    def test_by_role_and_the_list_agrees_with_the_page(self, leading, roles, drafts, others):
        person = UserFactory(roles=roles)
        events = {status: make_event(leading, status=status) for status in Status}
        seen = {status for status, event in events.items() if policies.may_view(person, event)}
        assert seen == {status for status in Status if (drafts if status == Status.DRAFT else others)}
        assert {event.status for event in Event.objects.visible_to(person)} == seen


class TestTheLeader:
    def test_has_rights_on_their_own_event_only(self, leading):
        leader = able(leading)
        event, other = make_event(leading, responsible_person=leader), make_event(leading)
        fill(event, leader)
        assert rights(leader, event) == {*OWN, CREW}
        assert rights(leader, other) == rights(leader, None) == set()

    def test_every_able_participant_manages_the_crew(self, leading):
        leader, able_one, novice, absent = able(leading), able(leading), make_member(), able(leading)
        event = make_event(leading, places=3, responsible_person=leader)
        fill(event, leader, able_one, novice)
        assert rights(able_one, event) == {CREW}
        assert rights(novice, event) == rights(absent, event) == set()

    def test_a_coordinator_of_the_master_event_ends_the_managing(self, leading):
        leader = able(leading)
        master = MasterEventFactory(coordinator=make_coordinator())
        event = make_event(leading, responsible_person=leader, master_event=master)
        fill(event, leader)
        assert rights(leader, event) == set(OWN)

    def test_loses_everything_with_the_account(self, leading):
        leader = able(leading)
        event = make_event(leading, responsible_person=leader)
        fill(event, leader)
        User.objects.filter(pk=leader.pk).update(is_active=False)
        assert rights(leader, event) == set()

    def test_a_stranger_has_no_rights(self, leading):
        assert not AnonymousUser().has_perm("events.open_signups", make_event(leading))

    def test_rights_by_role_hold_on_every_event(self, leading):
        boss, event = make_coordinator(), make_event(leading)
        assert rights(boss, event) == rights(boss, None) == {*OWN, CREW, "events.publish_event", "events.change_event",
                                                             "events.cancel_event"}  # fmt: skip


class TestEditing:
    @pytest.mark.parametrize("status", Status)
    def test_until_it_is_over(self, leading, status):
        boss, event = make_coordinator(), make_event(leading, status=status)
        assert policies.may_edit(boss, event) is (status not in (Status.COMPLETED, Status.CANCELLED))
        assert not policies.may_edit(make_member(), event)

    def test_not_while_archived(self, leading):
        assert not policies.may_edit(make_admin(), make_event(leading, is_archived=True, status=Status.DRAFT))

    def test_putting_away(self, leading):
        draft, open_one = make_event(leading, status=Status.DRAFT), make_event(leading)
        away = make_event(leading, is_archived=True)
        boss, admin = make_coordinator(), make_admin()
        assert [policies.may_archive(boss, event) for event in (draft, open_one, away)] == [True, False, False]
        assert [policies.may_archive(admin, event) for event in (draft, open_one, away)] == [True, True, False]


class TestMoves:
    @pytest.mark.parametrize(
        ("status", "codes"),
        [
            (Status.DRAFT, ["publish", "cancel"]),
            (Status.PUBLISHED, ["open", "cancel"]),
            (Status.OPEN, ["close", "cancel"]),
            (Status.CLOSED, ["open", "cancel"]),
            (Status.COMPLETED, []),
            (Status.CANCELLED, ["restore"]),
        ],
    )
    def test_offered_to_a_coordinator(self, leading, status, codes):
        event = make_event(leading, status=status)
        assert [move.code for move in policies.permitted_transitions(make_coordinator(), event)] == codes
        assert policies.permitted_transitions(make_viewer(), event) == []

    def test_offered_to_the_leader(self, leading):
        leader = able(leading)
        event = make_event(leading, responsible_person=leader)
        assert [move.code for move in policies.permitted_transitions(leader, event)] == ["close"]

    def test_a_full_event_is_not_offered_to_be_opened(self, leading):
        event = make_event(leading, status=Status.CLOSED)
        fill(event, able(leading), make_member())
        assert [move.code for move in policies.permitted_transitions(make_coordinator(), event)] == ["cancel"]


class TestJoiningSomewhere:
    @pytest.mark.parametrize(
        ("fields", "on_event", "may"),
        [
            ({}, False, True),
            ({}, True, False),
            ({"status": Status.CLOSED}, False, False),
            ({"is_archived": True}, False, False),
        ],
    )
    def test_as_the_service_would_decide(self, leading, fields, on_event, may):
        event = make_event(leading, **fields)
        assert policies.may_join_somewhere(make_member(), event, on_event=on_event) is may

    def test_not_without_the_right_nor_where_a_coordinator_places_people(self, leading):
        assert not policies.may_join_somewhere(make_viewer(), make_event(leading), on_event=False)
        led = make_event(leading, master_event=MasterEventFactory(coordinator=make_member()))
        assert not policies.may_join_somewhere(make_member(), led, on_event=False)
        assert policies.may_join_somewhere(make_coordinator(), led, on_event=False)

"""Who is told about events, through the services."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.rules.lifecycle import Status
from events.services import archiving, crew, lifecycle, notifications
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from notifications.models import OutboxMessage
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)


class TestWhoIsTold:
    @pytest.fixture
    def people(self):
        return {
            "admin": make_admin(),
            "coordinator": make_coordinator(),
            "member": make_member(),
            "viewer": make_viewer(),
            "inactive": UserFactory(is_active=False),
            "debriefing": UserFactory(roles=[Role.DEBRIEFING_MANAGER]),
        }

    def told(self, people: dict[str, User], code: str) -> set[str]:
        keys = set(OutboxMessage.objects.filter(code=code).values_list("recipient", flat=True))
        return {name for name, person in people.items() if person.pk in keys}

    def test_publishing_and_opening_tell_coordinators_and_members(self, people):
        event = EventFactory(status=Status.DRAFT)
        lifecycle.transition(event.pk, "publish", by=people["coordinator"], at=NOW)
        for code in ("event_published", "assignments_opened"):
            assert self.told(people, code) == {"coordinator", "member"}

    def test_bulk_moves_tell_nobody_unless_asked(self, people):
        event = EventFactory(status=Status.DRAFT)
        lifecycle.bulk_transition([event.pk], "publish", by=people["coordinator"], at=NOW)
        assert not OutboxMessage.objects.exists()

    def test_a_coordinator_who_is_no_member_hears_nothing_of_the_own_sign_up(self, people):
        position = PositionFactory()
        crew.claim(position.pk, by=people["coordinator"], at=NOW)
        assert self.told(people, "assignment_confirmed") == set()

    def test_leaving_and_coming_back_are_two_messages(self, people):
        position = PositionFactory()
        for _again in range(2):
            crew.claim(position.pk, by=people["member"], at=NOW)
            crew.leave(position.event_id, by=people["member"])
        codes = OutboxMessage.objects.filter(recipient=people["member"].pk, code__startswith="assignment_")
        assert sorted(codes.values_list("code", flat=True)) == ["assignment_confirmed", "assignment_released"]

    def test_cancelling_tells_participants_and_whoever_waits_for_news_at_once(self, people):
        event = EventFactory()
        put(people["member"], PositionFactory(event=event))
        other = make_member()
        notifications.notify_everybody("event_published", event)
        OutboxMessage.objects.update(send_after=EVENING)
        lifecycle.transition(event.pk, "cancel", by=people["coordinator"], at=NOW)
        told = set(OutboxMessage.objects.filter(code="event_cancelled").values_list("recipient", flat=True))
        assert told == {people["member"].pk, other.pk}
        assert not OutboxMessage.objects.exclude(send_after=None).exists()
        assert not OutboxMessage.objects.filter(code="event_archived").exists()

    def test_archiving_and_restoring_tell_participants(self, people):
        event = EventFactory()
        put(people["member"], PositionFactory(event=event))
        archiving.archive_event(event.pk, by=people["admin"])
        archiving.unarchive_event(event.pk, by=people["admin"])
        for code in ("event_archived", "event_unarchived"):
            assert self.told(people, code) == {"member"}

"""Who leads an event: chosen, handed on, looked at again, set by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials import services as credentials
from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import FINAL, Status
from events.services import crew, responsible
from events.tests.factories import EVENING, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster import services as roster
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

DAY = EVENING.date()


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def event(leading):
    return make_event(leading, places=4)


def leader_of(event: Event):
    return Event.objects.get(pk=event.pk).responsible_person


def led_by(event: Event, *people) -> None:
    """Put the people on the event, earliest first, the first of them as responsible person."""
    for number, (person, position) in enumerate(zip(people, event.positions.order_by("id"), strict=False)):
        put(person, position, assigned_at=NOW + timedelta(minutes=number))
    Event.objects.filter(pk=event.pk).update(responsible_person=people[0])


class TestAbility:
    def test_active_member_with_a_direct_leading_qualification(self, event, leading):
        assert responsible.can_lead(event, able(leading))

    @pytest.mark.parametrize(
        ("roles", "may"),
        [
            ([Role.ADMIN], True),
            ([Role.COORDINATOR], True),
            ([Role.MEMBER], True),
            ([Role.MEMBER, Role.VIEWER], True),
            ([Role.VIEWER], False),
            ([Role.DEBRIEFING_MANAGER], False),
            ([Role.TECHNICIAN], False),
            ([], False),
        ],
    )
    def test_by_role(self, event, leading, roles, may):
        person = UserFactory(roles=roles)
        hold(person, leading)
        assert responsible.can_lead(event, person) is may

    def test_a_superuser_needs_a_role_like_everybody(self, event, leading):
        person = UserFactory(roles=[], is_superuser=True)
        hold(person, leading)
        assert not responsible.can_lead(event, person)

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"is_active": False, "is_archived": True}])
    def test_not_when_inactive(self, event, leading, fields):
        assert not responsible.can_lead(event, able(leading, **fields))

    def test_the_flag_is_not_inherited_through_the_hierarchy(self, event, leading):
        above = QualificationFactory(name="Lékař")
        leading.direct_substitutes.add(above)
        assert not responsible.can_lead(event, able(above))

    @pytest.mark.parametrize(("shift", "may"), [(-1, False), (0, True), (1, True)])
    def test_on_the_day_of_duty(self, event, leading, shift, may):
        person = make_member()
        hold(person, leading, until=DAY + timedelta(days=shift))
        assert responsible.can_lead(event, person) is may

    def test_crew_in_the_order_of_signing_up_to_this_event(self, event, leading):
        early, late = able(leading), able(leading)
        other = make_event(leading)
        put(early, other.positions.first(), assigned_at=NOW + timedelta(days=2))
        put(late, other.positions.last(), assigned_at=NOW - timedelta(days=2))
        led_by(event, early, make_member(), late)
        assert list(responsible.leaders_among_crew(event)) == [early, late]

    def test_two_roles_are_one_leader(self, event, leading):
        person = UserFactory(roles=[Role.COORDINATOR, Role.MEMBER])
        hold(person, leading, QualificationFactory(name="Lékař", can_lead=True))
        led_by(event, person)
        assert list(responsible.leaders_among_crew(event)) == [person]


class TestByItself:
    def test_the_first_able_person_to_join_leads(self, event, leading):
        novice, leader, other = make_member(), able(leading), able(leading)
        places = iter(event.positions.order_by("-id"))
        for person in (novice, leader, other):
            crew.claim(next(places).pk, by=person, at=NOW)
        assert leader_of(event) == leader

    def test_whoever_is_assigned_counts_too(self, event, leading):
        person = able(leading)
        crew.assign(event.positions.first().pk, person.pk, by=make_coordinator(), at=NOW)
        assert leader_of(event) == person

    def test_the_lead_goes_to_the_earliest_able_participant_then_to_nobody(self, event, leading):
        first, novice, second = able(leading), make_member(), able(leading)
        led_by(event, first, novice, second)
        crew.leave(event.pk, by=first)
        assert leader_of(event) == second
        crew.leave(event.pk, by=second)
        assert leader_of(event) is None

    def test_somebody_elses_leaving_changes_nothing(self, event, leading):
        leader, other = able(leading), able(leading)
        led_by(event, leader, other)
        crew.leave(event.pk, by=other)
        assert leader_of(event) == leader

    def test_is_recorded_without_an_actor(self, event, leading):
        leader, heir = able(leading), able(leading)
        led_by(event, leader, heir)
        crew.remove(event.assignments.get(person=leader).pk, by=make_coordinator())
        entry = history(event, changes__has_key="responsible_person")[-1]
        assert entry.actor is None
        assert heir.name in entry.summary


class TestLookedAtAgain:
    """Roles, account, holding, flag, deletion: whatever takes the ability away takes the lead away."""

    def changes(self, person, leading, admin):
        return {
            "roles": lambda: roster.set_roles(person.pk, [Role.VIEWER], by=admin, at=NOW),
            "deactivated": lambda: roster.deactivate(person.pk, by=admin, at=NOW),
            "archived": lambda: roster.archive(person.pk, by=admin, at=NOW),
            "withdrawn": lambda: credentials.withdraw(person.pk, leading.pk, by=admin, at=NOW),
            "holdings": lambda: credentials.set_holdings(person.pk, {}, by=admin, at=NOW),
            "expires": lambda: credentials.grant(
                person.pk, leading.pk, by=admin, at=NOW, valid_until=DAY - timedelta(days=1)
            ),
        }

    @pytest.mark.parametrize("change", ["roles", "deactivated", "archived", "withdrawn", "holdings", "expires"])
    @pytest.mark.parametrize("status", sorted(set(Status) - FINAL))
    def test_of_one_person(self, event, leading, admin, change, status):
        leader, heir = able(leading), able(leading)
        led_by(event, leader, heir)
        Event.objects.update(status=status)
        self.changes(leader, leading, admin)[change]()
        assert leader_of(event) == heir
        assert event.assignments.filter(person=leader).exists()
        assert history(event, changes__has_key="responsible_person")[-1].actor is None

    @pytest.mark.parametrize("status", sorted(FINAL))
    def test_what_is_over_keeps_its_leader(self, event, leading, admin, status):
        leader = able(leading)
        led_by(event, leader)
        Event.objects.update(status=status)
        roster.deactivate(leader.pk, by=admin, at=NOW)
        assert leader_of(event) == leader

    def test_archived_but_unfinished_events_are_looked_at_too(self, event, leading, admin):
        leader = able(leading)
        led_by(event, leader)
        Event.objects.update(is_archived=True)
        roster.deactivate(leader.pk, by=admin, at=NOW)
        assert leader_of(event) is None

    def test_the_flag_of_a_qualification(self, event, leading, admin):
        leader, heir = able(leading), able(QualificationFactory(name="Lékař", can_lead=True))
        led_by(event, leader, heir)
        leading.can_lead = False
        credentials.save_qualification(leading, direct_substitutes=[], by=admin, at=NOW)
        assert leader_of(event) == heir

    def test_the_deletion_of_a_qualification(self, event, leading, admin):
        unused = QualificationFactory(name="Lékař", can_lead=True)
        leader = able(unused)
        led_by(event, leader)
        credentials.delete_qualification(unused.pk, by=admin, at=NOW)
        assert leader_of(event) is None

    def test_what_does_not_matter_changes_nothing(self, event, leading, admin):
        leader = able(leading, QualificationFactory(name="Řidič"))
        led_by(event, leader)
        credentials.withdraw(leader.pk, Qualification.objects.get(name="Řidič").pk, by=admin, at=NOW)
        roster.set_roles(leader.pk, [Role.COORDINATOR], by=admin, at=NOW)
        event.refresh_from_db()
        assert (event.responsible_person, event.version) == (leader, 1)

    def test_an_event_without_a_leader_waits_for_the_next_who_joins(self, event, leading, admin):
        person = make_member()
        put(person, event.positions.last())
        credentials.grant(person.pk, leading.pk, by=admin, at=NOW)
        assert leader_of(event) is None


class TestByHand:
    @pytest.fixture
    def boss(self):
        return make_coordinator()

    def test_sets_an_able_participant_and_records_it(self, event, leading, boss):
        first, second = able(leading), able(leading)
        led_by(event, first, second)
        responsible.set_responsible_person(event.pk, second, by=boss, version=1)
        event.refresh_from_db()
        assert (event.responsible_person, event.version) == (second, 2)
        assert history(event, changes__has_key="responsible_person")[-1].actor == boss
        assert not told()

    def test_may_set_nobody(self, event, leading, boss):
        led_by(event, able(leading))
        responsible.set_responsible_person(event.pk, None, by=boss)
        assert leader_of(event) is None

    def test_the_same_again_is_no_change(self, event, leading, boss):
        leader = able(leading)
        led_by(event, leader)
        before = AuditEntry.objects.count()
        responsible.set_responsible_person(event.pk, leader, by=boss)
        event.refresh_from_db()
        assert (event.version, AuditEntry.objects.count()) == (1, before)

    def test_refuses_who_is_not_able_or_not_there(self, event, leading, boss):
        novice, absent, gone = make_member(), able(leading), able(leading, is_active=False)
        led_by(event, able(leading), novice, gone)
        for candidate in (novice, absent, gone):
            with pytest.raises(DomainError):
                responsible.set_responsible_person(event.pk, candidate, by=boss)

    def test_refuses_a_stale_form(self, event, leading, boss):
        first, second = able(leading), able(leading)
        led_by(event, first, second)
        responsible.set_responsible_person(event.pk, second, by=boss, version=1)
        with pytest.raises(StaleRecord):
            responsible.set_responsible_person(event.pk, first, by=boss, version=1)

    @pytest.mark.parametrize(
        "fields", [{"status": Status.COMPLETED}, {"status": Status.CANCELLED}, {"is_archived": True}]
    )
    def test_refuses_what_is_over_or_put_away(self, event, leading, boss, fields):
        leader, other = able(leading), able(leading)
        led_by(event, leader, other)
        Event.objects.update(**fields)
        with pytest.raises(DomainError):
            responsible.set_responsible_person(event.pk, other, by=boss)

    def test_needs_the_right_which_the_leader_has_not(self, event, leading):
        leader, other = able(leading), able(leading)
        led_by(event, leader, other)
        with pytest.raises(NotAllowed):
            responsible.set_responsible_person(event.pk, other, by=leader)


def test_a_full_crew_of_novices_has_no_leader(leading):
    event = make_event(leading, places=2)
    fill(event, make_member(), make_member())
    assert not responsible.leaders_among_crew(event).exists()


class TestTelling:
    """Chosen in the form of the event it is a changed value like any other; elsewhere nobody is told."""

    def test_the_form_tells_participants_before_and_after(self, leading):
        boss, first, second = make_coordinator(), able(leading, name="První Jan"), able(leading, name="Druhá Eva")
        event = make_event(leading, responsible_person=first)
        fill(event, first, second)
        responsible.set_responsible_person(event.pk, second, by=boss, notify=True)
        messages = OutboxMessage.objects.filter(code="event_changed")
        assert {message.recipient for message in messages} == {first, second}
        assert messages[0].payload["changes"] == {"responsible_person": ["První Jan", "Druhá Eva"]}

    def test_back_again_takes_the_news_back(self, leading):
        boss, first, second = make_coordinator(), able(leading), able(leading)
        event = make_event(leading, responsible_person=first)
        fill(event, first, second)
        for leader in (second, first):
            responsible.set_responsible_person(event.pk, leader, by=boss, notify=True)
        assert not OutboxMessage.objects.filter(code="event_changed").exists()

    def test_without_being_asked_to_nobody_is_told(self, leading):
        event, person = make_event(leading), able(leading)
        fill(event, person)
        responsible.set_responsible_person(event.pk, person, by=make_coordinator())
        assert not OutboxMessage.objects.exists()

"""Converting an event from one way of staffing to the other: what becomes of it, what is named, who stays."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from credentials.tests.factories import QualificationFactory
from events.models import Event, Position, StaffingCondition
from events.rules.lifecycle import Status
from events.services import conversion, crew, planning
from events.services import waiting as waiting_list
from events.services.conditions import plan_of
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.queues import full_capacity_event, full_event, offer_to, offered_place, wait, waiting
from events.tests.stories import NOW, able, history, make_capacity_event, place
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.tests.threads import refusals, together
from notifications.models import OutboxMessage
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_coordinator(name="Koordinátorová Eva")


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def medic(doctor):
    return QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


def people_of(event) -> set:
    return set(event.assignments.values_list("person", flat=True))


def losses(event) -> str:
    return " ".join(str(loss) for loss in conversion.foresee(event).losses)


def board(event) -> list[tuple[str, bool, list[str], str]]:
    """The positions with whoever stands on them."""
    return [
        (row.description, row.is_optional, [one.name for one in row.qualifications.all()],
         row.occupant.name if row.occupant else "")
        for row in event.positions.with_crew()
    ]  # fmt: skip


class TestToConditions:
    @pytest.fixture
    def event(self, medic, driver):
        event = EventFactory(name="Půlmaraton")
        for description, demanded, optional in [
            ("Vedoucí hlídky", [medic], False),
            ("Druhý zdravotník", [medic], False),
            ("Řidič sanitky", [driver], False),
            ("Zelenáč", [], False),
            ("Lékař v záloze", [medic], True),
        ]:
            PositionFactory(event=event, description=description, qualifications=demanded, is_optional=optional)
        return event

    def test_mandatory_demands_become_rows(self, event, boss):
        converted = conversion.convert(event.pk, by=boss, at=NOW, version=1)
        plan = plan_of(converted)
        assert (plan.minimum, plan.maximum) == (4, 5)
        assert [(row.qualification.name, row.minimum) for row in plan.rows] == [("Zdravotník", 2), ("Řidič", 1)]
        assert not converted.positions.exists()
        assert converted.version == 2

    def test_everybody_stays_with_time_and_origin_of_their_sign_up(self, event, boss, medic):
        leader, other = able(medic), make_member()
        put(leader, event.positions.get(description="Vedoucí hlídky"), assigned_by=boss)
        put(other, event.positions.get(description="Zelenáč"))
        Event.objects.filter(pk=event.pk).update(responsible_person=leader)
        before = dict(event.assignments.values_list("pk", "assigned_at"))
        conversion.convert(event.pk, by=boss, at=NOW, version=1)
        event.refresh_from_db()
        assert dict(event.assignments.values_list("pk", "assigned_at")) == before
        assert event.assignments.get(person=leader).assigned_by == boss
        assert event.responsible_person == leader
        assert set(event.assignments.values_list("position", flat=True)) == {None}

    def test_names_what_is_lost(self, event, medic, driver):
        both = PositionFactory(event=event, description="Záchranář", qualifications=[medic, driver])
        put(able(medic, name="Dvořák Petr"), event.positions.get(description="Vedoucí hlídky"))
        type(driver).objects.create(name="Bývalá", is_deleted=True, deleted_at=EVENING).positions.add(both)
        said = losses(event)
        assert "Ztratí se popisy pozic: Vedoucí hlídky, Druhý zdravotník, Řidič sanitky" in said
        assert "Dvořák Petr – Vedoucí hlídky" in said
        assert "Volitelná pozice „Lékař v záloze“ vyžadovala Zdravotník" in said
        assert "Pozice „Záchranář“ chtěla, aby toto všechno měl jeden člověk: Řidič, Zdravotník." in said
        assert "Smazané kvalifikace už nebudou vyžadovány: Bývalá." in said

    def test_a_position_that_asks_for_a_doctor_and_a_medic_needs_one_doctor(self, boss, doctor, medic):
        event = EventFactory()
        PositionFactory(event=event, description="", qualifications=[doctor, medic])
        assert losses(event) == ""
        conversion.convert(event.pk, by=boss, at=NOW, version=1)
        assert [(row.qualification.name, row.minimum) for row in plan_of(Event.objects.get()).rows] == [("Lékař", 1)]

    def test_a_plan_that_would_break_the_rules_is_refused_with_the_rule(self, boss, doctor, medic):
        nurse = QualificationFactory(name="Sestra", direct_substitutes=[doctor])
        event = EventFactory()
        PositionFactory(event=event, qualifications=[medic, nurse])  # one person in reality, two in one hierarchy
        with pytest.raises(DomainError, match="Minimum účastníků musí pokrýt součet"):
            conversion.convert(event.pk, by=boss, at=NOW, version=1)
        assert event.positions.exists()
        with pytest.raises(DomainError):
            conversion.convert(EventFactory().pk, by=boss, at=NOW, version=1)

    def test_a_full_event_stays_closed_and_a_free_seat_is_then_what_reopens_it(self, boss, medic):
        event = EventFactory()
        person = able(medic)
        crew.claim(PositionFactory(event=event, qualifications=[medic]).pk, by=person, at=NOW)
        event.refresh_from_db()
        conversion.convert(event.pk, by=boss, at=NOW, version=event.version)
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
        crew.leave(event.pk, by=person)
        event.refresh_from_db()
        assert event.status == Status.OPEN


class TestToPositions:
    @pytest.fixture
    def event(self, medic, driver):
        return make_capacity_event({medic: 2, driver: 1}, minimum=4, maximum=5, name="Půlmaraton")

    def test_rows_and_the_rest_of_the_capacity_become_positions(self, event, boss):
        converted = conversion.convert(event.pk, by=boss, at=NOW, version=1)
        assert (converted.staffing_mode, converted.min_participants, converted.max_participants) == (
            "positions", None, None,
        )  # fmt: skip
        assert board(converted) == [
            ("Zdravotník", False, ["Zdravotník"], ""),
            ("Zdravotník", False, ["Zdravotník"], ""),
            ("Řidič", False, ["Řidič"], ""),
            ("", False, [], ""),
            ("", True, [], ""),
        ]
        assert not StaffingCondition.objects.exists()

    def test_everybody_gets_the_place_that_fits(self, event, boss, doctor, driver):
        rookie, lead, wheel = make_member(name="Nováček"), able(doctor, name="Lékařka"), able(driver, name="Šofér")
        place(event, rookie, lead, wheel)
        converted = conversion.convert(event.pk, by=boss, at=NOW, version=1)
        assert [(row[0], row[3]) for row in board(converted)] == [
            ("Zdravotník", "Lékařka"), ("Zdravotník", ""), ("Řidič", "Šofér"), ("", "Nováček"), ("", ""),
        ]  # fmt: skip

    def test_who_fits_nowhere_gets_an_optional_place_in_addition_and_is_named(self, boss, medic):
        event = make_capacity_event({medic: 2}, minimum=2, maximum=2)
        people = [make_member(name=name) for name in ("Černý Dan", "Dvořák Petr")]
        place(event, *people)
        said = losses(event)
        assert "Černý Dan, Dvořák Petr" in said
        assert "Na akci se vejde více lidí: 4 místo 2." in said
        converted = conversion.convert(event.pk, by=boss, at=NOW, version=1)
        assert people_of(converted) == {person.pk for person in people}
        assert [(row[1], row[3]) for row in board(converted)[2:]] == [(True, "Černý Dan"), (True, "Dvořák Petr")]

    def test_names_that_people_count_once_and_more_are_needed(self, boss, medic, driver):
        event = make_capacity_event({medic: 1, driver: 1}, minimum=1, maximum=3)
        said = losses(event)
        assert "Kdo pokrýval několik podmínek najednou, zaujme jen jednu pozici." in said
        assert "Nejmenší počet lidí: 2 místo 1." in said

    def test_conditions_for_deleted_qualifications_are_named_and_dropped(self, boss, event, driver):
        type(driver).objects.filter(pk=driver.pk).update(is_deleted=True, deleted_at=EVENING)
        assert "Zaniknou podmínky na smazané kvalifikace: Řidič." in losses(event)
        assert [row[2] for row in board(conversion.convert(event.pk, by=boss, at=NOW, version=1))] == [
            ["Zdravotník"], ["Zdravotník"], [], [], [],
        ]  # fmt: skip

    def test_nothing_is_lost_where_positions_say_the_same(self, medic):
        assert losses(make_capacity_event({medic: 2}, minimum=2, maximum=3)) == ""

    def test_an_event_closed_by_capacity_opens_where_there_is_room_again(self, boss, medic):
        event = make_capacity_event({medic: 1}, minimum=1, maximum=1)
        crew.join(event.pk, by=able(medic), at=NOW)
        Event.objects.filter(pk=event.pk).update(max_participants=2, status=Status.CLOSED, capacity_closed=True)
        event.refresh_from_db()
        assert conversion.convert(event.pk, by=boss, at=NOW, version=event.version).status == Status.OPEN


class TestBothWays:
    def test_and_back_again_keeps_the_plan_and_everybody(self, boss, medic, driver):
        event = make_capacity_event({medic: 2, driver: 1}, minimum=4, maximum=6)
        place(event, able(medic), make_member())
        plan, people = plan_of(event), people_of(event)
        conversion.convert(event.pk, by=boss, at=NOW, version=1)
        conversion.convert(event.pk, by=boss, at=NOW, version=2)
        event.refresh_from_db()
        assert (plan_of(event), people_of(event)) == (plan, people)

    def test_is_recorded_with_who_and_what_was_lost_and_told_to_nobody(self, boss, medic):
        event = EventFactory()
        person = able(medic, name="Dvořák Petr")
        put(person, PositionFactory(event=event, description="Velitel", qualifications=[medic]))
        PositionFactory(event=event)
        before = len(history(event))
        conversion.convert(event.pk, by=boss, at=NOW, version=1)
        entries = history(event)[before:]
        assert {entry.actor for entry in entries} == {boss}
        (summary,) = [entry.summary for entry in entries if "převedeno na podmínky" in entry.summary]
        assert "Velitel" in summary
        assert not OutboxMessage.objects.exists()

    @pytest.mark.parametrize("by_conditions", [True, False])
    @pytest.mark.parametrize(
        "change", [{"status": Status.COMPLETED}, {"status": Status.CANCELLED}, {"is_archived": True}]
    )
    def test_what_is_over_or_archived_is_refused(self, boss, medic, by_conditions, change):
        event = make_capacity_event({medic: 1}) if by_conditions else PositionFactory(qualifications=[medic]).event
        Event.objects.filter(pk=event.pk).update(**change)
        with pytest.raises(DomainError):
            conversion.convert(event.pk, by=boss, at=NOW, version=1)
        event.refresh_from_db()
        assert event.by_conditions is by_conditions

    def test_needs_the_right_and_the_version(self, boss, medic):
        event = make_capacity_event({medic: 1})
        with pytest.raises(NotAllowed):
            conversion.convert(event.pk, by=make_member(), at=NOW, version=1)
        with pytest.raises(StaleRecord):
            conversion.convert(event.pk, by=boss, at=NOW, version=2)

    def test_people_work_on_in_the_new_mode(self, boss, medic):
        event = make_capacity_event({medic: 1}, minimum=1, maximum=2)
        conversion.convert(event.pk, by=boss, at=NOW, version=1)
        crew.claim(event.positions.first().pk, by=able(medic), at=NOW)
        event.refresh_from_db()
        conversion.convert(event.pk, by=boss, at=NOW, version=event.version)
        crew.join(event.pk, by=make_member(), at=NOW)
        event.refresh_from_db()
        assert (event.assignments.count(), event.status) == (2, Status.CLOSED)


class TestWaitingList:
    """Whoever waits keeps their turn; what was offered speaks of a place that is no more."""

    @pytest.mark.parametrize("by_conditions", [True, False])
    def test_offers_are_withdrawn_named_and_made_anew(self, boss, medic, by_conditions):
        leader, other, first = able(medic), make_member(), able(medic, name="Čekající Jana")
        if by_conditions:
            event = full_capacity_event({medic: 1}, leader, other, maximum=2)
        else:
            event, leader, other = full_event(medic)
        old = offered_place(event, other, first)
        later = make_member()
        wait(event, later, since=NOW + timedelta(hours=1))
        event.refresh_from_db()
        assert "Čekající Jana" in losses(event)
        conversion.convert(event.pk, by=boss, at=NOW, version=event.version)
        old.refresh_from_db()
        new = offer_to(first)
        assert (old.state, new.position is None) == (old.State.WITHDRAWN, not by_conditions)
        assert waiting(event) == [first, later]
        assert people_of(event) == {leader.pk}
        waiting_list.accept(new.pk, by=first, at=NOW)
        assert people_of(event) == {leader.pk, first.pk}


@pytest.mark.django_db(transaction=True)
class TestRaced:
    def test_joining_while_the_event_is_converted(self, boss, medic):
        for by_conditions in (True, False, True):
            if by_conditions:
                event = make_capacity_event({medic: 1}, minimum=1, maximum=2)
                joining = partial(crew.join, event.pk, by=able(medic), at=NOW)
            else:
                event = PositionFactory(qualifications=[medic]).event
                joining = partial(crew.claim, event.positions.get().pk, by=able(medic), at=NOW)
            converting = partial(conversion.convert, event.pk, by=boss, at=NOW, version=None)
            joined, converted = together([joining, converting])
            assert refusals([converted]) == 0
            refusals([joined], DomainError)
            assert event.assignments.count() == int(joined.succeeded)
            assert event.assignments.filter(position__isnull=by_conditions).count() == 0

    def test_two_coordinators_convert_and_edit_at_once(self, boss, medic):
        event = make_capacity_event({medic: 1})
        calls = [
            partial(conversion.convert, event.pk, by=boss, at=NOW, version=1),
            partial(conversion.convert, event.pk, by=make_coordinator(), at=NOW, version=1),
            partial(planning.edit_event, event.pk, by=make_coordinator(), version=1, name="Maraton"),
        ]
        assert refusals(together(calls), StaleRecord) == 2
        event.refresh_from_db()
        assert event.version == 2

    def test_a_position_is_added_while_the_event_is_converted(self, boss, medic):
        event = PositionFactory(qualifications=[medic]).event
        adding = partial(
            planning.edit_event, event.pk, by=boss, version=None, plan=PlanChanges(added=[PositionPlan("Navíc")])
        )
        added, converted = together([adding, partial(conversion.convert, event.pk, by=boss, at=NOW, version=None)])
        assert refusals([converted]) == 0
        refusals([added], DomainError)
        event.refresh_from_db()
        assert event.by_conditions
        assert not Position.objects.filter(event=event).exists()
        assert event.max_participants == 1 + added.succeeded


class TestPage:
    @pytest.fixture
    def desk(self, boss):
        return logged_in(boss)

    def url(self, event) -> str:
        return reverse("admin:events_event_convert", args=[event.pk])

    def change(self, event) -> str:
        return reverse("admin:events_event_change", args=[event.pk])

    def test_the_form_leads_there_and_it_names_the_losses_first(self, desk, medic):
        event = EventFactory()
        put(able(medic), PositionFactory(event=event, description="Velitel", qualifications=[medic]))
        assert self.url(event) in text_of(desk.get(self.change(event)))
        page = desk.get(self.url(event))
        assert "Ztratí se popisy pozic: Velitel." in text_of(page)
        assert "Zdravotník ×1" in text_of(page)
        assert inline_parts(page) == []
        event.refresh_from_db()
        assert not event.by_conditions
        answer = desk.post(self.url(event), {"version": event.version})
        assert answer.url == self.change(event)
        event.refresh_from_db()
        assert event.by_conditions

    def test_and_back(self, desk, medic):
        event = make_capacity_event({medic: 2}, minimum=3, maximum=4)
        text = text_of(desk.get(self.url(event)))
        assert "2× Zdravotník" in text
        assert "Nic se neztratí." in text
        desk.post(self.url(event), {"version": 1})
        assert event.positions.count() == 4

    @pytest.mark.parametrize("version", ["", "7", "x"])
    def test_a_stale_page_is_answered_with_a_sentence(self, desk, medic, version):
        event = make_capacity_event({medic: 1})
        answer = desk.post(self.url(event), {"version": version})
        assert answer.url == self.change(event)
        assert "Záznam byl mezitím změněn" in " ".join(str(one) for one in get_messages(answer.wsgi_request))
        event.refresh_from_db()
        assert event.by_conditions

    def test_what_cannot_be_is_said_instead_of_asked(self, desk):
        event = EventFactory()
        answer = desk.get(self.url(event))
        assert answer.url == self.change(event)
        assert "Minimum musí být alespoň 1" in " ".join(str(one) for one in get_messages(answer.wsgi_request))

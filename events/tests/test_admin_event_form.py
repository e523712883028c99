"""Planning an event in the backoffice: creating, editing in place, refusals that lose nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event, Position
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services import crew, lifecycle, planning
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EVENING, PRAGUE, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.filling import filled
from events.tests.pages import logged_in, text_of
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

ADD = "/admin/events/event/add/"
WHEN = {"start_0": "15.05.2027", "start_1": "18:00", "end_0": "15.05.2027", "end_1": "22:00"}

POSITIONS = {"staffing_mode": "positions"}


def change(event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def person():
    return make_coordinator(name="Koordinátorová Eva")


@pytest.fixture
def coordinator(person):
    return logged_in(person)


@pytest.fixture
def event(medic, driver):
    event = EventFactory(name="Půlmaraton")
    PositionFactory(event=event, description="Zdravotník", qualifications=[medic])
    PositionFactory(event=event, description="Řidič", qualifications=[driver])
    return event


def row_of(event, description) -> int:
    """The number of the position's card on the form."""
    return list(event.positions.values_list("description", flat=True)).index(description)


class TestCreating:
    def typed(self, medic, driver, **more):
        return {
            **POSITIONS,
            "name": " Ples  města ",
            **WHEN,
            "positions-0-description": "Zdravotník",
            "positions-0-qualifications": [medic.pk],
            "positions-1-description": "Řidič",
            "positions-1-qualifications": [driver.pk],
            "positions-2-description": "Zelenáč",
            "positions-2-is_optional": "on",
            **more,
        }

    def test_an_event_with_three_positions(self, coordinator, person, medic, driver):
        page = coordinator.get(ADD)
        answer = coordinator.post(ADD, filled(page, **self.typed(medic, driver, _save="1")))
        event = Event.objects.get()
        assert answer.url == change(event)
        assert (event.name, event.status, event.creator) == ("Ples  města", Status.DRAFT, person)
        assert event.start == datetime(2027, 5, 15, 18, 0, tzinfo=PRAGUE)
        assert event.master_event.is_general
        plan = [(row.description, row.is_optional, list(row.qualifications.all())) for row in event.positions.all()]
        assert plan == [("Zdravotník", False, [medic]), ("Řidič", False, [driver]), ("Zelenáč", True, [])]

    def test_the_record_says_who_made_it_and_django_keeps_no_log_of_its_own(self, coordinator, person, medic, driver):
        from django.contrib.admin.models import LogEntry

        coordinator.post(ADD, filled(coordinator.get(ADD), **self.typed(medic, driver)))
        entries = AuditEntry.objects.filter(event_id=Event.objects.get().pk)
        assert {entry.actor for entry in entries} == {person}
        assert not LogEntry.objects.exists()

    def test_several_equal_positions_at_once(self, coordinator, medic, driver):
        typed = self.typed(medic, driver, **{"positions-0-count": "4"})
        coordinator.post(ADD, filled(coordinator.get(ADD), **typed))
        assert Event.objects.get().positions.filter(description="Zdravotník", qualifications=medic).count() == 4

    def test_opening_sign_ups_in_the_same_step(self, coordinator, medic, driver):
        make_member()
        coordinator.post(ADD, filled(coordinator.get(ADD), **self.typed(medic, driver, _open="1")))
        assert Event.objects.get().status == Status.OPEN
        assert set(OutboxMessage.objects.values_list("code", flat=True)) == {"event_published", "assignments_opened"}

    def test_a_link_may_choose_the_master_event(self, coordinator):
        master = MasterEventFactory()
        assert filled(coordinator.get(ADD, {"master_event": master.pk}))["master_event"] == [str(master.pk)]

    def test_archived_master_events_are_not_offered(self, coordinator):
        gone = MasterEventFactory(name="Loňská sezóna", is_archived=True)
        page = coordinator.get(ADD)
        assert "Loňská sezóna" not in text_of(page)
        answer = coordinator.post(ADD, filled(page, name="X", master_event=gone.pk, **WHEN))
        assert "master_event" in answer.context["adminform"].form.errors

    def test_a_member_cannot(self):
        assert logged_in(make_member()).get(ADD, follow=True).status_code == 403

    def test_nobody_is_offered_as_responsible_person_yet_and_a_forged_one_is_ignored(self, coordinator, medic, driver):
        page = coordinator.get(ADD)
        assert 'name="responsible_person"' not in text_of(page)
        forged = self.typed(medic, driver, responsible_person=str(make_member().pk))
        coordinator.post(ADD, filled(page, **forged))
        assert Event.objects.get().responsible_person is None


class TestBrokenRules:
    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": "  "}, "name"),
            ({"end_1": "18:00"}, "end"),
            ({"start_0": ""}, "start"),
            ({"signups_open_at_0": "15.05.2027", "signups_open_at_1": "18:00"}, "signups_open_at"),
            ({"kind": "training", "planned_participants": "-1"}, "planned_participants"),
        ],
    )
    def test_stand_at_their_field_and_everything_typed_stays(self, coordinator, medic, typed, field):
        first = {"positions-0-description": "Jen tak", "positions-0-qualifications": [medic.pk]}
        answer = coordinator.post(
            ADD, filled(coordinator.get(ADD), **{**POSITIONS, "name": "Ples", **WHEN, **first, **typed})
        )
        assert answer.status_code == 200
        assert list(answer.context["adminform"].form.errors) == [field]
        assert filled(answer)["positions-0-description"] == ["Jen tak"]
        assert not Event.objects.exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {},
            {"positions-0-description": "Jen volitelná", "positions-0-is_optional": "on"},
            {"positions-0-description": "Kdokoli"},
        ],
    )
    def test_of_the_plan_stand_above_the_positions(self, coordinator, typed):
        sent = filled(coordinator.get(ADD), **POSITIONS, name="Ples", **WHEN, **typed)
        answer = coordinator.post(ADD, sent)
        conditions, positions, _equipment = (inline.formset for inline in answer.context["inline_admin_formsets"])
        assert len(positions.non_form_errors()) == 1
        assert conditions.is_valid()
        assert not Event.objects.exists()

    def test_only_a_training_keeps_a_planned_number(self, coordinator, event):
        page = coordinator.get(change(event))
        coordinator.post(change(event), filled(page, kind="training", planned_participants="12"))
        event.refresh_from_db()
        assert (event.kind, event.planned_participants) == (Kind.TRAINING, 12)
        page = coordinator.get(change(event))
        coordinator.post(change(event), filled(page, kind="medical", planned_participants="x"))
        event.refresh_from_db()
        assert (event.kind, event.planned_participants) == (Kind.MEDICAL, None)


class TestEditing:
    def test_saving_without_a_change_writes_and_sends_nothing(self, coordinator, event, medic):
        member = make_member()
        hold(member, medic)
        put(member, event.positions.get(description="Zdravotník"))
        Event.objects.filter(pk=event.pk).update(signups_open_at=EVENING - timedelta(days=9, seconds=17))
        history = AuditEntry.objects.filter(event_id=event.pk)
        before = history.count()
        answer = coordinator.post(change(event), filled(coordinator.get(change(event))))
        assert answer.status_code == 302
        event.refresh_from_db()
        assert event.version == 1
        assert history.count() == before
        assert not OutboxMessage.objects.exists()

    def test_positions_change_in_place_and_keep_their_people(self, coordinator, event, medic):
        member = make_member()
        hold(member, medic)
        place = event.positions.get(description="Zdravotník")
        put(member, place)
        row = row_of(event, "Zdravotník")
        typed = {"name": "Maraton", f"positions-{row}-description": "Vedoucí zdravotník"}
        coordinator.post(change(event), filled(coordinator.get(change(event)), **typed))
        event.refresh_from_db()
        assert event.name == "Maraton"
        assert event.positions.get(description="Vedoucí zdravotník").pk == place.pk
        assert event.assignments.get().position == place
        assert [message.code for message in OutboxMessage.objects.all()] == ["event_changed"]

    def test_free_positions_may_go_and_new_ones_come(self, coordinator, event):
        row = row_of(event, "Řidič")
        typed = {f"positions-{row}-remove": "on", "positions-2-description": "Zelenáč", "positions-2-count": "2"}
        coordinator.post(change(event), filled(coordinator.get(change(event)), **typed))
        assert sorted(event.positions.values_list("description", flat=True)) == ["Zdravotník", "Zelenáč", "Zelenáč"]

    def test_an_occupied_position_is_not_deleted(self, coordinator, event):
        put(make_member(), event.positions.get(description="Řidič"))
        row = row_of(event, "Řidič")
        answer = coordinator.post(
            change(event), filled(coordinator.get(change(event)), name="Jinak", **{f"positions-{row}-remove": "on"})
        )
        inline, _equipment = answer.context["inline_admin_formsets"]
        assert "remove" in inline.formset.errors[row]
        assert filled(answer)["name"] == ["Jinak"]
        assert event.positions.count() == 2

    def test_demands_that_exclude_who_stands_there_are_refused_and_nothing_is_saved(
        self, coordinator, event, driver, medic
    ):
        member = make_member(name="Dvořák Petr")
        hold(member, driver)
        put(member, event.positions.get(description="Řidič"))
        row = row_of(event, "Řidič")
        typed = {"name": "Jinak", f"positions-{row}-qualifications": [medic.pk]}
        answer = coordinator.post(change(event), filled(coordinator.get(change(event)), **typed))
        assert answer.status_code == 200
        assert "Dvořák Petr" in str(answer.context["adminform"].form.non_field_errors())
        assert filled(answer)["name"] == ["Jinak"]
        event.refresh_from_db()
        assert event.name == "Půlmaraton"
        assert event.positions.get(description="Řidič").qualifications.get() == driver

    def test_an_event_imported_without_positions_can_still_be_renamed(self, coordinator):
        event = EventFactory(name="Ze sešitu")
        coordinator.post(change(event), filled(coordinator.get(change(event)), name="Ples"))
        event.refresh_from_db()
        assert event.name == "Ples"

    def test_a_deleted_qualification_stays_where_it_is_demanded(self, coordinator, event, driver):
        driver.is_deleted, driver.deleted_at = True, EVENING
        driver.save()
        page = coordinator.get(change(event))
        coordinator.post(change(event), filled(page, name="Jinak"))
        assert event.positions.get(description="Řidič").qualifications.get() == driver


class TestTwoAtOnce:
    def test_a_stale_form_saves_nothing_and_shows_the_fresh_event(self, coordinator, event, person):
        page = coordinator.get(change(event))
        planning.edit_event(event.pk, by=person, version=None, name="Mezitím")
        answer = coordinator.post(change(event), filled(page, name="Pozdě"), follow=True)
        event.refresh_from_db()
        assert event.name == "Mezitím"
        assert filled(answer)["name"] == ["Mezitím"]
        assert len(list(answer.context["messages"])) == 1

    def test_a_change_of_positions_makes_other_forms_stale_too(self, coordinator, event, person):
        page = coordinator.get(change(event))
        gone = event.positions.get(description="Řidič")
        planning.edit_event(event.pk, by=person, version=None, plan=PlanChanges(removed=[gone.pk]))
        row = 1
        answer = coordinator.post(change(event), filled(page, **{f"positions-{row}-description": "Pozdě"}))
        assert answer.status_code == 302
        assert event.positions.count() == 1

    def test_a_form_without_its_version_is_stale(self, coordinator, event):
        answer = coordinator.post(change(event), filled(coordinator.get(change(event)), name="X", version=None))
        event.refresh_from_db()
        assert (answer.status_code, event.name) == (302, "Půlmaraton")

    def test_the_service_has_the_last_word_and_nothing_typed_is_lost(self, coordinator, event, monkeypatch):
        def refuse(*_args, **_fields):
            raise DomainError("Právě teď ne.")

        monkeypatch.setattr(planning, "edit_event", refuse)
        answer = coordinator.post(change(event), filled(coordinator.get(change(event)), name="Napsáno"))
        assert "Právě teď ne." in text_of(answer)
        assert filled(answer)["name"] == ["Napsáno"]

    def test_what_was_cancelled_meanwhile_is_answered_with_a_sentence(self, coordinator, event):
        page = coordinator.get(change(event))
        Event.objects.filter(pk=event.pk).update(status=Status.CANCELLED)
        answer = coordinator.post(change(event), filled(page, name="Pozdě"), follow=True)
        assert answer.status_code == 200
        assert len(list(answer.context["messages"])) == 1
        event.refresh_from_db()
        assert event.name == "Půlmaraton"

    def test_a_position_that_vanished_is_a_refusal_not_an_error(self, event, person):
        from medcover.common.errors import StaleRecord

        with pytest.raises(StaleRecord):
            planning.edit_event(event.pk, by=person, version=None, plan=PlanChanges(changed={0: PositionPlan("X")}))


class TestResponsiblePerson:
    @pytest.fixture
    def able(self, event, medic):
        people = [make_member(name=name) for name in ("Prvá Anna", "Druhý Jan")]
        PositionFactory(event=event, description="Druhý zdravotník", qualifications=[medic])
        for person, place in zip(people, event.positions.filter(qualifications=medic), strict=True):
            hold(person, medic)
            crew.claim(place.pk, by=person, at=EVENING - timedelta(days=2))
        return people

    def test_is_chosen_among_able_participants_only(self, coordinator, event, able, driver):
        other = make_member(name="Řidičová Olga")
        hold(other, driver)
        put(other, event.positions.get(description="Řidič"))
        field = coordinator.get(change(event)).context["adminform"].form.fields["responsible_person"]
        assert {person.name for person in field.queryset} == {"Prvá Anna", "Druhý Jan"}

    def test_is_changed_by_hand(self, coordinator, event, able):
        page = coordinator.get(change(event))
        OutboxMessage.objects.all().delete()
        coordinator.post(change(event), filled(page, responsible_person=str(able[1].pk), address="Letná"))
        event.refresh_from_db()
        assert event.responsible_person == able[1]
        messages = OutboxMessage.objects.all()
        assert {(message.code, message.recipient) for message in messages} == {("event_changed", one) for one in able}
        assert messages[0].payload["changes"] == {
            "address": ["", "Letná"],
            "responsible_person": ["Prvá Anna", "Druhý Jan"],
        }

    def test_who_leads_without_being_able_any_more_is_shown_but_not_touched(self, coordinator, event, able):
        able[0].holdings.all().delete()
        Event.objects.filter(pk=event.pk).update(responsible_person=able[0])
        page = coordinator.get(change(event))
        coordinator.post(change(event), filled(page, address="Letná"))
        event.refresh_from_db()
        assert (event.responsible_person, event.address) == (able[0], "Letná")


class TestShownOnly:
    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
    def test_what_is_over_has_no_fields(self, coordinator, event, status):
        Event.objects.filter(pk=event.pk).update(status=status)
        page = text_of(coordinator.get(change(event)))
        assert 'name="name"' not in page
        assert 'name="_save"' not in page
        assert "Půlmaraton" in page

    def test_the_history_names_people_and_values_in_words(self, coordinator, event, person):
        master = MasterEventFactory(name="Sezóna")
        planning.edit_event(
            event.pk, by=person, version=None, is_paid=True, master_event=master, start=EVENING - timedelta(hours=1)
        )
        page = text_of(coordinator.get(change(event)))
        assert "Koordinátorová Eva" in page
        assert "15.05.2027 18:00 → 15.05.2027 17:00" in page
        assert "Obecné → Sezóna" in page

    def test_the_history_says_nothing_twice(self, coordinator, event, person):
        lifecycle.transition(event.pk, "close", by=person, at=EVENING)
        (line, *_older) = coordinator.get(change(event)).context["history"]
        assert "→" in line.summary
        assert line.changes == []

    def test_the_old_address_of_the_history_leads_there(self, coordinator, event):
        answer = coordinator.get(reverse("admin:events_event_history", args=[event.pk]))
        assert answer.url == f"{change(event)}#history"

    def test_an_admin_sees_drafts(self, event):
        Event.objects.filter(pk=event.pk).update(status=Status.DRAFT)
        assert logged_in(make_admin()).get(change(event)).status_code == 200


def test_the_form_costs_no_more_with_more_positions_people_and_history(coordinator, event, medic, person):
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert coordinator.get(change(event)).status_code == 200
        return len(found)

    few = cost()
    for n in range(12):
        place = PositionFactory(event=event, qualifications=[medic])
        member = make_member()
        hold(member, medic)
        put(member, place)
        planning.edit_event(event.pk, by=person, version=None, address=f"Ulice {n}", master_event=MasterEventFactory())
    assert Position.objects.count() > 12
    assert cost() <= few + 2  # names of people and master events in a history that had none
    assert few <= 32

"""What becomes of needs: templates, the stock, words; who may, what is refused, and what is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from debriefing.models import Need, UsedMaterial
from debriefing.need_rules import Outcome, State
from debriefing.services import needs
from debriefing.services.submitting import submit
from debriefing.services.wanting import Wanted
from debriefing.tests.factories import done_duty, handed_in, make_manager, usual
from equipment.models import Consumable, Lot, Movement, TemplatePlan
from equipment.services import usage
from equipment.tests.factories import ConsumableFactory, TypeFactory, stocked
from events.models import Event, EventTemplate
from events.services.conditions import Condition, ConditionsPlan
from events.services.locking import Gone
from events.services.positions import PositionPlan
from events.services.templates import save_template
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def planner():
    return make_coordinator()


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def duty():
    start = NOW - timedelta(days=2)
    return done_duty(start=start, end=start + timedelta(hours=4))


def template(medic, *, by_conditions: bool = False) -> EventTemplate:
    plan = {"conditions": ConditionsPlan(1, 2, [Condition(medic, 1)])} if by_conditions else {
        "positions": [PositionPlan(qualifications=[medic])]}  # fmt: skip
    return save_template(EventTemplate(name="Běh"), **plan, by=None)


def keys(*made) -> list[int]:
    return [need.pk for debriefing in made for need in debriefing.needs.all()]


class TestHandingIn:
    def test_makes_a_need_of_everything_that_was_missed_or_used(self, duty, driver):
        aed, splint = TypeFactory(), ConsumableFactory(name="Dlaha SAM")
        entry = usual(
            wanted=[Wanted("people", driver.pk, 1, "  Na   svoz "), Wanted("equipment", aed.pk, 2)],
            material=[("dlaha sam", 2), ("Obvaz", 1)],
        )
        made = submit(duty.pk, entry, by=duty.person, at=NOW)
        rows = list(made.needs.values_list("kind", "qualification", "equipment_type", "quantity", "words", "state"))
        assert rows == [
            ("people", driver.pk, None, 1, "Na svoz", "open"), ("equipment", None, aed.pk, 2, "", "open"),
            ("material", None, None, 2, "", "open"), ("material", None, None, 1, "", "open"),
        ]  # fmt: skip
        assert list(made.material.values_list("consumable", flat=True)) == [splint.pk, None]

    def test_does_not_know_what_lies_in_the_archive(self, duty):
        ConsumableFactory(name="Dlaha", is_archived=True)
        submit(duty.pk, usual(material=[("Dlaha", 1)]), by=duty.person, at=NOW)
        assert UsedMaterial.objects.get().consumable is None

    @pytest.mark.parametrize(
        ("count", "words"), [(0, ""), (100, ""), (-1, ""), (1, "x" * 121)],
    )  # fmt: skip
    def test_refuses_what_is_out_of_range(self, duty, driver, count, words):
        with pytest.raises(ValidationError) as refused:
            submit(duty.pk, usual(wanted=[Wanted("people", driver.pk, count, words)]), by=duty.person, at=NOW)
        assert "wanted" in refused.value.message_dict
        assert not Need.objects.exists()

    def test_refuses_what_does_not_exist(self, duty):
        gone = QualificationFactory(is_deleted=True, deleted_at=NOW)
        for row in (Wanted("people", gone.pk, 1), Wanted("people", 987, 1), Wanted("equipment", 987, 1),
                    Wanted("material", 1, 1), Wanted("x", 1, 1)):  # fmt: skip
            with pytest.raises(ValidationError):
                submit(duty.pk, usual(wanted=[row]), by=duty.person, at=NOW)

    def test_refuses_more_rows_than_the_form_has(self, duty, driver):
        with pytest.raises(ValidationError):
            submit(duty.pk, usual(wanted=[Wanted("people", driver.pk, 1)] * 7), by=duty.person, at=NOW)

    def test_offers_nothing_to_whoever_may_not_see_it(self, driver):
        duty = done_duty(make_manager())
        with pytest.raises(ValidationError):
            submit(duty.pk, usual(wanted=[Wanted("people", driver.pk, 1)]), by=duty.person, at=NOW)


class TestTemplates:
    def test_by_positions_get_places(self, duty, medic, driver, planner):
        made, row = handed_in(duty, needs=[(driver, 2)]), template(medic)
        saved = needs.add_to_template(keys(made), row.pk, 2, by=planner, at=NOW)
        places = [[need.name for need in place.qualifications.all()] for place in saved.positions.all()]
        assert places == [["Zdravotník"], ["Řidič"], ["Řidič"]]
        assert saved.version == row.version + 1
        need = Need.objects.get()
        assert (need.state, need.outcome, need.template, need.settled_by) == (
            State.DONE, Outcome.TEMPLATE, saved, planner,
        )  # fmt: skip

    def test_by_conditions_get_a_condition_and_room_and_then_more_of_both(self, duty, medic, driver, planner):
        row = template(medic, by_conditions=True)
        for wanted, rows, capacity in (
            (driver, [("Zdravotník", 1), ("Řidič", 1)], (2, 3)), (medic, [("Zdravotník", 2), ("Řidič", 1)], (3, 4)),
        ):  # fmt: skip
            made = handed_in(done_duty(event=duty.event), needs=[(wanted, 1)])
            needs.add_to_template(keys(made), row.pk, 1, by=planner, at=NOW)
            row = EventTemplate.objects.get()
            assert list(row.conditions.values_list("qualification__name", "minimum")) == rows
            assert (row.min_participants, row.max_participants) == capacity

    def test_plan_more_of_a_type(self, duty, medic, planner):
        aed, row = TypeFactory(), template(medic)
        TemplatePlan.objects.create(template=row, type=aed, quantity=1)
        needs.add_to_template(keys(handed_in(duty, needs=[(aed, 1)])), row.pk, 1, by=planner, at=NOW)
        assert TemplatePlan.objects.get().quantity == 2
        assert EventTemplate.objects.get().version == row.version + 1

    def test_settle_all_who_said_so(self, duty, medic, driver, planner):
        first = handed_in(duty, needs=[(driver, 1)])
        second = handed_in(done_duty(event=duty.event), needs=[(driver, 1)])
        needs.add_to_template(keys(first, second), template(medic).pk, 1, by=planner, at=NOW)
        assert not Need.objects.open().exists()
        assert EventTemplate.objects.get().positions.count() == 2

    @pytest.mark.parametrize("count", [0, -1, 100])
    def test_take_no_odd_number(self, duty, medic, driver, planner, count):
        made, row = handed_in(duty, needs=[(driver, 1)]), template(medic)
        with pytest.raises(DomainError, match="99"):
            needs.add_to_template(keys(made), row.pk, count, by=planner, at=NOW)
        assert Need.objects.open().count() == 1

    def test_that_are_gone_are_refused_and_nothing_changes(self, duty, driver, planner):
        made = handed_in(duty, needs=[(driver, 1), (TypeFactory(), 1)])
        for need in made.needs.all():
            with pytest.raises(Gone):
                needs.add_to_template([need.pk], 987, 1, by=planner, at=NOW)
        assert Need.objects.open().count() == 2

    def test_demand_nothing_deleted(self, duty, medic, planner):
        gone = QualificationFactory(is_deleted=True, deleted_at=NOW)
        made, row = handed_in(duty, needs=[(gone, 1)]), template(medic)
        with pytest.raises(DomainError):
            needs.add_to_template(keys(made), row.pk, 1, by=planner, at=NOW)
        assert EventTemplate.objects.get().version == row.version

    def test_take_no_material(self, duty, medic, planner):
        made, row = handed_in(duty, material=[("Dlaha", 1)]), template(medic)
        with pytest.raises(DomainError):
            needs.add_to_template(keys(made), row.pk, 1, by=planner, at=NOW)


class TestStock:
    def test_is_taken_from_what_expires_first_and_linked(self, duty, planner):
        kind = ConsumableFactory(name="Dlaha SAM")
        late, soon = stocked(kind, 5, expires_on=NOW.date() + timedelta(days=90)), stocked(
            kind, 1, expires_on=NOW.date() + timedelta(days=9))  # fmt: skip
        made = handed_in(duty, material=[("dlaha", 2)])
        needs.book_use(keys(made), kind.pk, 2, by=planner, at=NOW)
        assert [Lot.objects.get(pk=lot.pk).quantity for lot in (soon, late)] == [0, 4]
        assert UsedMaterial.objects.get().consumable == kind
        assert Need.objects.get().outcome == Outcome.BOOKED
        assert {line.event for line in Movement.objects.used_on(duty.event)} == {duty.event}

    def test_is_not_booked_twice(self, duty, planner):
        kind = ConsumableFactory()
        stocked(kind, 20)
        usage.use_on_event(duty.event_id, [(kind.pk, 3)], by=planner, at=NOW)
        made = handed_in(duty, material=[(kind, 5)])
        with pytest.raises(DomainError, match="2"):
            needs.book_use(keys(made), kind.pk, 5, by=planner, at=NOW)
        with pytest.raises(DomainError, match="2"):
            needs.accept_booked(keys(made), kind.pk, by=planner, at=NOW)
        needs.book_use(keys(made), kind.pk, 2, by=planner, at=NOW)
        assert Lot.objects.get().quantity == 15
        later = handed_in(done_duty(event=duty.event), material=[(kind, 1)])
        needs.book_use(keys(later), kind.pk, 1, by=planner, at=NOW)
        assert Lot.objects.get().quantity == 14

    def test_that_the_crew_has_booked_is_only_accepted(self, duty, planner):
        kind = ConsumableFactory()
        stocked(kind, 20)
        usage.use_on_event(duty.event_id, [(kind.pk, 5)], by=planner, at=NOW)
        made = handed_in(duty, material=[(kind, 5)])
        with pytest.raises(DomainError):
            needs.book_use(keys(made), kind.pk, 1, by=planner, at=NOW)
        needs.accept_booked(keys(made), kind.pk, by=planner, at=NOW)
        assert Need.objects.get().outcome == Outcome.KNOWN
        assert Lot.objects.get().quantity == 15

    def test_does_not_wait_for_what_was_dismissed(self, duty, planner):
        kind = ConsumableFactory()
        stocked(kind, 20)
        wrong = handed_in(duty, material=[(kind, 500)])
        needs.dismiss(keys(wrong), "Překlep", by=planner, at=NOW)
        right = handed_in(done_duty(event=duty.event), material=[(kind, 5)])
        with pytest.raises(DomainError, match="5"):
            needs.book_use(keys(right), kind.pk, 6, by=planner, at=NOW)

    def test_that_is_not_enough_changes_nothing(self, duty, planner):
        kind = ConsumableFactory(name="Jiné")
        stocked(kind, 1)
        made = handed_in(duty, material=[("Dlaha", 2)])
        with pytest.raises(DomainError):
            needs.book_use(keys(made), kind.pk, 2, by=planner, at=NOW)
        for odd in (0, -3):
            with pytest.raises(DomainError):
                needs.book_use(keys(made), kind.pk, odd, by=planner, at=NOW)
        with pytest.raises(DomainError):
            needs.book_use(keys(made), 987, 1, by=planner, at=NOW)
        assert Need.objects.open().count() == 1
        assert UsedMaterial.objects.get().consumable is None

    def test_learns_a_kind_that_is_to_be_bought(self, duty, planner):
        made = handed_in(duty, material=[("Škrtidlo CAT", 2)])
        kind = needs.start_stocking(keys(made), "Škrtidlo CAT", "ks", 2, by=planner, at=NOW)
        assert list(Consumable.objects.low(NOW.date())) == [kind]
        assert (Need.objects.get().outcome, UsedMaterial.objects.get().consumable) == (Outcome.STOCKED, kind)

    def test_has_no_kind_of_a_taken_name(self, duty, planner):
        made = handed_in(duty, material=[("Obvaz", 2)])
        ConsumableFactory(name="obvaz")
        with pytest.raises(ValidationError):
            needs.start_stocking(keys(made), "Obvaz", "ks", 2, by=planner, at=NOW)
        assert Need.objects.open().count() == 1

    def test_has_no_people(self, duty, driver, planner):
        made, kind = handed_in(duty, needs=[(driver, 1)]), ConsumableFactory()
        for change in (lambda: needs.book_use(keys(made), kind.pk, 1, by=planner, at=NOW),
                       lambda: needs.accept_booked(keys(made), kind.pk, by=planner, at=NOW),
                       lambda: needs.start_stocking(keys(made), "Řidič", "ks", 1, by=planner, at=NOW)):  # fmt: skip
            with pytest.raises(DomainError):
                change()


class TestWords:
    def test_say_how_it_was_settled(self, duty, driver, planner):
        made = handed_in(duty, needs=[(driver, 1)])
        needs.settle_by_hand(keys(made), "  Domluveno   se spolkem ", by=planner, at=NOW)
        need = Need.objects.get()
        assert (need.outcome, need.note, need.settled_at) == (Outcome.BY_HAND, "Domluveno se spolkem", NOW)

    def test_say_why_nothing_is_done_until_that_is_taken_back(self, duty, driver, planner):
        made = handed_in(duty, needs=[(driver, 1)])
        needs.dismiss(keys(made), "Řidičů bylo dost", by=planner, at=NOW)
        assert Need.objects.get().state == State.DISMISSED
        needs.reopen(keys(made), by=planner)
        need = Need.objects.get()
        assert (need.state, need.note, need.settled_by, need.settled_at) == (State.OPEN, "", None, None)
        with pytest.raises(StaleRecord):
            needs.reopen(keys(made), by=planner)

    @pytest.mark.parametrize("words", ["", "  ", "\x00\u200b", "x" * 201])
    def test_are_there_and_short(self, duty, driver, planner, words):
        made = handed_in(duty, needs=[(driver, 1)])
        for change in (needs.settle_by_hand, needs.dismiss):
            with pytest.raises(DomainError):
                change(keys(made), words, by=planner, at=NOW)
        assert Need.objects.open().count() == 1


class TestEveryStep:
    @pytest.fixture
    def made(self, duty, driver):
        return handed_in(duty, needs=[(driver, 1)])

    def test_is_for_planners(self, made):
        for who in (make_member(), make_manager()):
            with pytest.raises(NotAllowed):
                needs.dismiss(keys(made), "Ne", by=who, at=NOW)
            with pytest.raises(NotAllowed):
                needs.reopen(keys(made), by=who)
            with pytest.raises(NotAllowed):
                needs.add_to_template(keys(made), 1, 1, by=who, at=NOW)
            with pytest.raises(NotAllowed):
                needs.book_use(keys(made), 1, 1, by=who, at=NOW)

    def test_is_taken_once(self, made, planner):
        needs.settle_by_hand(keys(made), "Hotovo", by=planner, at=NOW)
        for change in (needs.settle_by_hand, needs.dismiss):
            with pytest.raises(StaleRecord):
                change(keys(made), "Znovu", by=planner, at=NOW)
        assert Need.objects.get().note == "Hotovo"

    def test_takes_what_is_the_same_alone(self, made, duty, planner):
        other = handed_in(done_duty(event=duty.event), needs=[(QualificationFactory(), 1)])
        with pytest.raises(DomainError):
            needs.dismiss(keys(made, other), "Ne", by=planner, at=NOW)

    def test_is_about_one_event_that_exists(self, made, driver, planner):
        elsewhere = handed_in(done_duty(), needs=[(driver, 1)])
        for wanted in (keys(made, elsewhere), [], [0], [987], [*keys(made), 987]):
            with pytest.raises(Gone):
                needs.dismiss(wanted, "Ne", by=planner, at=NOW)
        assert Need.objects.open().count() == 2

    def test_leaves_archived_events_alone(self, made, planner):
        Event.objects.update(is_archived=True)
        with pytest.raises(DomainError):
            needs.dismiss(keys(made), "Ne", by=planner, at=NOW)

    def test_is_recorded_with_the_event_and_without_anybodys_words(self, made, duty, planner):
        Need.objects.update(words="Tajné jméno")
        needs.dismiss(keys(made), "Osobní důvod", by=planner, at=NOW)
        entry = AuditEntry.objects.filter(event_id=duty.event_id).latest("pk")
        assert entry.actor == planner
        assert "Řidič" in entry.summary
        assert entry.changes["need"][0] != entry.changes["need"][1]
        assert "Tajné" not in str(entry.changes) + entry.summary
        assert "Osobní" not in str(entry.changes) + entry.summary

    def test_of_material_in_somebodys_words_is_recorded_as_material(self, duty, planner):
        made = handed_in(duty, material=[("Obvaz od Nováka", 1)])
        needs.dismiss(keys(made), "Ne", by=planner, at=NOW)
        assert "Nováka" not in AuditEntry.objects.latest("pk").summary

"""Planning an event by conditions in the backoffice: what is chosen, typed, refused, moved and warned of."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew, planning
from events.services.conditions import Condition, ConditionsPlan, plan_of
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.filling import filled
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.stories import NOW, able, make_capacity_event, make_event, place
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

ADD = "/admin/events/event/add/"
WHEN = {"start_0": "15.05.2027", "start_1": "18:00", "end_0": "15.05.2027", "end_1": "22:00"}


def change(event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def medic(doctor):
    return QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator(name="Koordinátorová Eva"))


@pytest.fixture
def event(medic, driver):
    return make_capacity_event({medic: 2, driver: 1}, minimum=3, maximum=5, name="Půlmaraton")


def capacity(minimum, maximum) -> dict:
    return {"capacity-minimum": str(minimum), "capacity-maximum": str(maximum)}


def row(number, qualification, minimum, **more) -> dict:
    key = qualification.pk if qualification else ""
    fields = {"qualification": key, "minimum": minimum, **more}
    return {f"conditions-{number}-{name}": str(value) for name, value in fields.items()}


def rows_of(event) -> list[tuple[str, int]]:
    return [(found.qualification.name, found.minimum) for found in event.conditions.all()]


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def block(answer):
    """The formset of conditions."""
    formsets = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    return next(formset for formset in formsets if formset.mode == "conditions")


def objections(answer) -> list[str]:
    """What the block of conditions says of the plan as a whole."""
    return list(block(answer).non_form_errors())


class TestCreating:
    def test_is_by_conditions_unless_chosen_otherwise(self, coordinator, medic, driver):
        page = coordinator.get(ADD)
        assert filled(page)["staffing_mode"] == ["conditions"]
        sent = filled(page, name="Ples", **WHEN, **capacity(2, 4), **row(0, driver, 1), **row(1, medic, 2))
        answer = coordinator.post(ADD, sent)
        event = Event.objects.get()
        assert answer.url == change(event)
        assert (event.staffing_mode, event.min_participants, event.max_participants) == ("conditions", 2, 4)
        assert rows_of(event) == [("Řidič", 1), ("Zdravotník", 2)]
        assert event.status == Status.DRAFT

    def test_opening_sign_ups_in_the_same_step(self, coordinator, medic):
        make_member()
        sent = filled(coordinator.get(ADD), name="Ples", **WHEN, **capacity(1, 2), **row(0, medic, 1), _open="1")
        coordinator.post(ADD, sent)
        assert Event.objects.get().status == Status.OPEN
        assert set(OutboxMessage.objects.values_list("code", flat=True)) == {"event_published", "assignments_opened"}

    def test_only_the_chosen_part_counts_and_the_other_is_kept(self, coordinator, medic):
        """What was typed into the other part is neither judged nor lost while a mistake is mended."""
        typed = {
            "positions-0-description": "Zapomenutá",
            "positions-0-count": "999",
            **row(0, medic, 1),
            **capacity(1, 2),
        }
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), name="", **WHEN, **typed))
        assert list(answer.context["adminform"].form.errors) == ["name"]
        assert filled(answer)["positions-0-description"] == ["Zapomenutá"]
        assert filled(answer)["capacity-maximum"] == ["2"]
        coordinator.post(ADD, filled(answer, name="Ples"))
        event = Event.objects.get()
        assert event.by_conditions
        assert not event.positions.exists()

    def test_a_mode_that_does_not_exist_is_a_mistake_of_the_form(self, coordinator, medic):
        typed = {**capacity(1, 2), **row(0, medic, 1), "staffing_mode": "magic"}
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), name="Ples", **WHEN, **typed))
        assert list(answer.context["adminform"].form.errors) == ["staffing_mode"]
        assert not Event.objects.exists()

    def test_says_that_minimums_are_no_roles_and_has_nothing_inline(self, coordinator):
        page = coordinator.get(ADD)
        assert "nikoliv kdo bude co dělat" in text_of(page)
        assert json.loads(block(page).script_options)["options"]["addText"] == "Přidat podmínku"
        assert inline_parts(page) == []

    def test_a_deleted_qualification_is_not_offered(self, coordinator):
        gone = QualificationFactory(name="Bývalá")
        credentials.delete_qualification(gone.pk, by=make_admin(), at=NOW)
        assert "Bývalá" not in text_of(coordinator.get(ADD))


class TestBrokenRules:
    @pytest.mark.parametrize(
        ("minimum", "maximum", "rows", "sentence"),
        [
            ("", "", [("medic", 1)], "Zadejte platná celá čísla pro kapacitu a kvalifikační minima."),
            ("dva", "4", [("medic", 1)], "Zadejte platná celá čísla pro kapacitu a kvalifikační minima."),
            ("1,5", "4", [("medic", 1)], "Zadejte platná celá čísla pro kapacitu a kvalifikační minima."),
            ("0", "4", [("medic", 1)], "Minimum musí být alespoň 1 a maximum nejméně rovné minimu."),
            ("3", "2", [("medic", 1)], "Minimum musí být alespoň 1 a maximum nejméně rovné minimu."),
            ("1", "99999999999", [("medic", 1)], "Kapacita je příliš velká."),
            ("2", "4", [("medic", 1), ("medic", 1)], "Kvalifikace smí být v plánu pouze jednou."),
            ("2", "4", [("medic", 0)], "Kvalifikační minimum musí být kladné a nejvýše rovné kapacitě."),
            ("2", "4", [("medic", 99999999999)], "Kvalifikační minimum musí být kladné a nejvýše rovné kapacitě."),
            ("2", "4", [("medic", 5)], "Kvalifikační minimum musí být kladné a nejvýše rovné kapacitě."),
            ("2", "4", [], "Alespoň jedna podmínka musí vyžadovat kvalifikaci umožňující roli zodpovědné osoby."),
            ("2", "4", [("driver", 1)], "Alespoň jedna podmínka musí vyžadovat kvalifikaci umožňující roli"),
            (
                "1",
                "4",
                [("doctor", 1), ("medic", 1)],
                "Minimum účastníků musí pokrýt součet minim v každé",
            ),
        ],
    )
    def test_is_said_at_the_conditions_and_everything_typed_stays(
        self, coordinator, request, medic, driver, doctor, minimum, maximum, rows, sentence
    ):
        typed = capacity(minimum, maximum)
        for number, (name, count) in enumerate(rows):
            typed |= row(number, request.getfixturevalue(name), count)
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), name="Ples", **WHEN, **typed))
        assert answer.status_code == 200
        (objection,) = objections(answer)
        assert objection.startswith(sentence)
        again = filled(answer)
        assert {name: again[name] for name in typed if typed[name]} == {
            name: [value] for name, value in typed.items() if value
        }
        assert not Event.objects.exists()

    @pytest.mark.parametrize(("half", "field"), [(("medic", ""), "minimum"), ((None, 2), "qualification")])
    def test_half_a_row_is_said_at_the_row(self, coordinator, request, medic, half, field):
        qualification = request.getfixturevalue(half[0]) if half[0] else None
        typed = {**capacity(2, 4), **row(0, medic, 1), **row(1, qualification, half[1])}
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), name="Ples", **WHEN, **typed))
        assert block(answer).errors[1] == {field: ["Zadejte platná celá čísla pro kapacitu a kvalifikační minima."]}

    def test_a_qualification_deleted_meanwhile(self, coordinator, medic, driver):
        page = coordinator.get(ADD)
        credentials.delete_qualification(driver.pk, by=make_admin(), at=NOW)
        typed = {**capacity(2, 4), **row(0, medic, 1), **row(1, driver, 1)}
        answer = coordinator.post(ADD, filled(page, name="Ples", **WHEN, **typed))
        assert answer.status_code == 200
        assert not Event.objects.exists()

    def test_the_maximum_stays_above_the_crew(self, coordinator, event):
        place(event, *(make_member() for _n in range(4)))
        answer = coordinator.post(change(event), filled(coordinator.get(change(event)), **capacity(3, 3)))
        assert objections(answer) == ["Maximum nelze snížit pod současný počet účastníků."]
        event.refresh_from_db()
        assert event.max_participants == 5

    def test_a_plan_that_only_people_with_several_qualifications_meet_is_saved_with_a_warning(
        self, coordinator, medic, driver
    ):
        typed = {**capacity(1, 1), **row(0, medic, 1), **row(1, driver, 1)}
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), name="Ples", **WHEN, **typed))
        assert Event.objects.get().max_participants == 1
        assert any("více kvalifikacemi" in sentence for sentence in told(answer))


class TestEditing:
    def test_saving_without_a_change_writes_nothing(self, coordinator, event):
        before = event.version
        assert coordinator.post(change(event), filled(coordinator.get(change(event)))).status_code == 302
        event.refresh_from_db()
        assert event.version == before
        assert not OutboxMessage.objects.exists()

    def test_numbers_rows_and_their_order(self, coordinator, event, doctor, medic):
        page = coordinator.get(change(event))
        typed = {
            **capacity(4, 6),
            **row(0, medic, 1, order=3),
            "conditions-1-order": "1",
            **row(2, doctor, 1, order=2),
        }
        coordinator.post(change(event), filled(page, **typed))
        event.refresh_from_db()
        assert (event.min_participants, event.max_participants, event.version) == (4, 6, 2)
        assert rows_of(event) == [("Řidič", 1), ("Lékař", 1), ("Zdravotník", 1)]

    def test_rows_without_numbers_keep_their_places(self, coordinator, event, doctor):
        typed = {"conditions-0-order": "", "conditions-1-order": "", **row(2, doctor, 1, order="")}
        coordinator.post(change(event), filled(coordinator.get(change(event)), **typed))
        assert rows_of(event) == [("Zdravotník", 2), ("Řidič", 1), ("Lékař", 1)]

    def test_rows_that_changed_places_by_content(self, coordinator, event, medic, driver):
        """As the buttons do it: the keys of the rows stay where they are."""
        coordinator.post(change(event), filled(coordinator.get(change(event)), **row(0, driver, 1), **row(1, medic, 2)))
        assert rows_of(event) == [("Řidič", 1), ("Zdravotník", 2)]

    def test_removing_a_row_even_one_with_nonsense_in_it(self, coordinator, event):
        typed = {"conditions-1-remove": "on", "conditions-1-minimum": ""}
        coordinator.post(change(event), filled(coordinator.get(change(event)), **typed))
        assert rows_of(event) == [("Zdravotník", 2)]

    def test_the_other_mode_cannot_be_forged(self, coordinator, event):
        page = coordinator.get(change(event))
        assert "staffing_mode" not in filled(page)
        forged = {
            "staffing_mode": "positions",
            "positions-TOTAL_FORMS": "1",
            "positions-INITIAL_FORMS": "0",
            "positions-0-description": "Navíc",
        }
        assert coordinator.post(change(event), filled(page, name="Maraton", **forged)).status_code == 302
        event.refresh_from_db()
        assert (event.name, event.by_conditions, event.positions.count()) == ("Maraton", True, 0)

    def test_an_event_with_positions_shows_no_conditions(self, coordinator, medic):
        text = text_of(coordinator.get(change(make_event(medic))))
        assert "capacity-minimum" not in text
        assert 'name="positions-0-description"' in text

    def test_a_condition_on_a_deleted_qualification_stays_until_somebody_touches_the_plan(self, coordinator, event):
        driver = event.conditions.get(order=1).qualification
        type(driver).objects.filter(pk=driver.pk).update(is_deleted=True, deleted_at=EVENING)
        coordinator.post(change(event), filled(coordinator.get(change(event)), name="Maraton"))
        event.refresh_from_db()
        assert (event.name, len(rows_of(event))) == ("Maraton", 2)
        answer = coordinator.post(change(event), filled(coordinator.get(change(event)), **capacity(3, 6)))
        assert objections(answer) == ["Podmínka musí používat aktivní kvalifikaci."]

    def test_raising_the_maximum_reopens_what_capacity_closed(self, coordinator, medic):
        event = make_capacity_event({medic: 1}, minimum=1, maximum=1)
        crew.join(event.pk, by=able(medic), at=NOW)
        coordinator.post(change(event), filled(coordinator.get(change(event)), **capacity(1, 2)))
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_a_stale_form_saves_nothing(self, coordinator, event, medic):
        page = coordinator.get(change(event))
        newer = ConditionsPlan(2, 9, [Condition(medic, 1)])
        planning.edit_event(event.pk, by=make_coordinator(), version=None, plan=newer)
        answer = coordinator.post(change(event), filled(page, name="Pozdě", **capacity(3, 8)), follow=True)
        event.refresh_from_db()
        assert event.name == "Půlmaraton"
        assert plan_of(event) == newer
        assert filled(answer)["capacity-maximum"] == ["9"]


class TestWhatThePageShows:
    def test_coverage_and_participants(self, coordinator, event, medic, driver):
        first, second = able(medic, driver, name="Černý Tomáš"), make_member(name="Dvořák Petr")
        place(event, first, second)
        Event.objects.filter(pk=event.pk).update(responsible_person=first)
        text = text_of(coordinator.get(change(event)))
        assert "1/2 – chybí 1" in text
        assert "1/1" in text
        assert "Chybí účastníci: 1" in text
        assert "Dvořák Petr" in text
        assert "Chybí způsobilá zodpovědná osoba" not in text
        assert reverse("admin:events_event_assign_to_event", args=[event.pk]) in text
        for assignment in event.assignments.all():
            assert reverse("admin:events_event_remove", args=[event.pk, assignment.pk]) in text

    def test_full_without_what_is_needed(self, coordinator, medic):
        event = make_capacity_event({medic: 1}, minimum=1, maximum=1)
        place(event, make_member())
        text = text_of(coordinator.get(change(event)))
        assert "Kapacita naplněna — nesplněné podmínky." in text
        assert "Chybí způsobilá zodpovědná osoba" in text
        assert reverse("admin:events_event_assign_to_event", args=[event.pk]) not in text

    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
    def test_what_is_over_is_only_shown(self, coordinator, event, status):
        place(event, make_member(name="Dvořák Petr"))
        Event.objects.filter(pk=event.pk).update(status=status)
        text = text_of(coordinator.get(change(event)))
        assert "Dvořák Petr" in text
        assert "capacity-minimum" not in text
        assert "/remove/" not in text
        assert "/convert/" not in text

    def test_costs_no_more_with_more_people_and_rows(self, coordinator, event, medic):
        def cost() -> int:
            with CaptureQueriesContext(connection) as found:
                assert coordinator.get(change(event)).status_code == 200
            return len(found)

        few = cost()
        planning.edit_event(
            event.pk,
            by=make_coordinator(),
            version=None,
            plan=ConditionsPlan(
                3, 50, [Condition(medic, 2), *(Condition(QualificationFactory(), 1) for _n in range(10))]
            ),
        )
        place(event, *(able(medic) for _n in range(20)))
        place(make_capacity_event({medic: 1}, start=EVENING + timedelta(days=1), master_event=MasterEventFactory()))
        assert cost() <= few + 2  # names of people and qualifications in a history that had none
        assert few <= 36

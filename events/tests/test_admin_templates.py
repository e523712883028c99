"""Templates of events in the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from credentials.tests.factories import QualificationFactory
from events.models import Event, EventTemplate
from events.rules.planning import Kind
from events.services import templates
from events.services.conditions import Condition, ConditionsPlan
from events.services.positions import PositionPlan
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.filling import filled
from events.tests.pages import inline_parts, logged_in, text_of
from medcover.backoffice.tests.pages import queries_of, rows_of, told
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/events/eventtemplate/"
ADD = f"{LIST}add/"
FORM = "eventtemplate_form"


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def coordinator(boss):
    return logged_in(boss)


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def by_conditions(boss, medic, driver):
    conditions = ConditionsPlan(2, 4, [Condition(driver, 1), Condition(medic, 1)])
    return templates.save_template(EventTemplate(name="Dozor", is_paid=True), conditions=conditions, by=boss)


@pytest.fixture
def by_positions(boss, medic):
    positions = [PositionPlan("Velitel", qualifications=[medic]), PositionPlan("Hlídka", is_optional=True)]
    return templates.save_template(EventTemplate(name="Ambulance"), positions=positions, by=boss)


def page(template, name="change") -> str:
    return reverse(f"admin:events_eventtemplate_{name}", args=[template.pk])


def plan(template):
    found = templates.staffing_from(EventTemplate.objects.get(pk=template.pk))
    if "conditions" in found:
        return found["conditions"]
    return [(row.description, row.is_optional, list(row.qualifications)) for row in found["positions"]]


class TestList:
    def test_by_name_with_what_they_need(self, coordinator, by_conditions, by_positions):
        answer = coordinator.get(LIST)
        assert rows_of(answer) == ["Ambulance", "Dozor"]
        text = text_of(answer)
        assert "2–4 účastníků" in text
        assert "Řidič ×1" in text
        assert "2 pozice" in text

    def test_marks_what_has_been_deleted(self, coordinator, by_conditions, driver):
        driver.is_deleted, driver.deleted_at = True, EVENING
        driver.save()
        assert "<s>Řidič</s> (odstraněna)" in text_of(coordinator.get(LIST))

    @pytest.mark.parametrize(
        ("order", "names"),
        [("-0", ["Dozor", "Ambulance"]), ("2", ["Ambulance", "Dozor"]), ("-3", ["Dozor", "Ambulance"])],
    )
    def test_is_sorted_by_name_payment_and_size(self, coordinator, by_conditions, by_positions, order, names):
        assert rows_of(coordinator.get(LIST, {"o": order})) == names

    def test_search_knows_no_diacritics(self, coordinator, by_positions, by_conditions):
        assert rows_of(coordinator.get(LIST, {"q": "AMBUL"})) == ["Ambulance"]

    def test_leads_to_using_and_deleting(self, coordinator, by_conditions):
        text = text_of(coordinator.get(LIST))
        assert f'href="/admin/events/event/add/?template={by_conditions.pk}"' in text
        assert f'href="{page(by_conditions, "delete")}"' in text
        assert f'href="{page(by_conditions, "series")}"' in text

    def test_costs_no_more_with_more_rows(self, coordinator, boss, by_conditions, by_positions, medic):
        few = queries_of(coordinator, LIST)
        for number in range(8):
            plan = ConditionsPlan(1, 2, [Condition(medic, 1)])
            templates.save_template(EventTemplate(name=f"{number}"), conditions=plan, by=boss)
        assert queries_of(coordinator, LIST) <= few <= 14

    def test_members_stay_out(self):
        assert logged_in(make_member()).get(LIST, follow=True).status_code == 403


class TestForm:
    def test_makes_one_by_conditions(self, coordinator, medic, driver):
        typed = {
            "name": " Velký  dozor ", "description": "Na stadionu", "kind": Kind.MEDICAL, "staffing_mode": "conditions",
            "capacity-minimum": "3", "capacity-maximum": "6",
            "conditions-0-qualification": str(driver.pk), "conditions-0-minimum": "1",
            "conditions-1-qualification": str(medic.pk), "conditions-1-minimum": "2",
        }  # fmt: skip
        answer = coordinator.post(ADD, filled(coordinator.get(ADD), FORM, **typed))
        made = EventTemplate.objects.get()
        assert answer.url == page(made)
        assert (made.name, made.description) == ("Velký dozor", "Na stadionu")
        assert plan(made) == ConditionsPlan(3, 6, [Condition(driver, 1), Condition(medic, 2)])

    def test_makes_one_by_positions(self, coordinator, medic):
        typed = {
            "name": "Ambulance", "staffing_mode": "positions",
            "positions-0-description": "Velitel", "positions-0-qualifications": [medic.pk],
            "positions-1-description": "Hlídka", "positions-1-count": "3",
        }  # fmt: skip
        coordinator.post(ADD, filled(coordinator.get(ADD), FORM, **typed))
        made = EventTemplate.objects.get()
        assert plan(made) == [("Velitel", False, [medic])] + [("Hlídka", False, [])] * 3

    def test_shows_the_stored_plan_and_saving_it_untouched_keeps_it(self, coordinator, by_conditions, by_positions):
        for template in (by_conditions, by_positions):
            before = plan(template)
            shown = coordinator.get(page(template))
            assert inline_parts(shown) == []
            assert filled(shown, FORM)["staffing_mode"] == [template.staffing_mode]
            coordinator.post(page(template), filled(shown, FORM, name=f"{template.name} 2"))
            template.refresh_from_db()
            assert (plan(template), template.version) == (before, 2)

    def test_the_mode_may_change(self, coordinator, by_conditions, medic):
        typed = {
            "staffing_mode": "positions",
            "positions-0-description": "Velitel",
            "positions-0-qualifications": [medic.pk],
        }
        coordinator.post(page(by_conditions), filled(coordinator.get(page(by_conditions)), FORM, **typed))
        by_conditions.refresh_from_db()
        assert not by_conditions.by_conditions
        assert plan(by_conditions) == [("Velitel", False, [medic])]

    def test_rows_may_be_emptied(self, coordinator, by_conditions, medic):
        typed = {"conditions-0-qualification": "", "conditions-0-minimum": ""}
        coordinator.post(page(by_conditions), filled(coordinator.get(page(by_conditions)), FORM, **typed))
        assert plan(by_conditions) == ConditionsPlan(2, 4, [Condition(medic, 1)])

    @pytest.mark.parametrize("name", ["", "  ", "Ambulance"])
    def test_a_name_is_needed_and_unique(self, coordinator, by_conditions, by_positions, name):
        typed = filled(coordinator.get(page(by_conditions)), FORM, name=name)
        answer = coordinator.post(page(by_conditions), typed)
        assert answer.context["adminform"].form.errors
        by_conditions.refresh_from_db()
        assert by_conditions.name == "Dozor"

    @pytest.mark.parametrize(
        "typed",
        [
            {"capacity-maximum": "1"}, {"capacity-minimum": "x"}, {"conditions-1-minimum": "9"},
            {"staffing_mode": "positions"}, {"conditions-1-qualification": "", "conditions-1-minimum": ""},
        ],
    )  # fmt: skip
    def test_a_bad_plan_is_explained_and_nothing_typed_is_lost(self, coordinator, by_conditions, typed):
        sent = filled(coordinator.get(page(by_conditions)), FORM, name="Nový název", **typed)
        answer = coordinator.post(page(by_conditions), sent)
        assert answer.status_code == 200
        assert "errorlist" in text_of(answer)
        assert filled(answer, FORM)["name"] == ["Nový název"]
        assert plan(by_conditions).maximum == 4

    def test_a_stale_form_saves_nothing(self, coordinator, by_conditions):
        sent = filled(coordinator.get(page(by_conditions)), FORM, name="Pozdě")
        EventTemplate.objects.update(version=7)
        assert told(coordinator.post(page(by_conditions), sent))
        by_conditions.refresh_from_db()
        assert by_conditions.name == "Dozor"


class TestDeleting:
    def test_asks_once_and_leaves_events_alone(self, coordinator, by_conditions):
        assert "Akcí, které z ní vznikly" in text_of(coordinator.get(page(by_conditions, "delete")))
        answer = coordinator.post(page(by_conditions, "delete"))
        assert answer.url == LIST
        assert not EventTemplate.objects.exists()

    def test_twice_is_not_found(self, coordinator, by_conditions):
        coordinator.post(page(by_conditions, "delete"))
        assert coordinator.post(page(by_conditions, "delete"), follow=True).status_code in (200, 404)


class TestSeries:
    def asked(self, **more):
        return {
            "name": "Trénink", "master_event": MasterEventFactory().pk, "start": "2027-05-15T18:00",
            "end": "2027-05-15T22:00", "weekdays": "5", "interval": "1", "until": "2027-05-29", **more,
        }  # fmt: skip

    def test_makes_drafts_as_the_template_says(self, coordinator, by_conditions, by_positions):
        for template in (by_conditions, by_positions):
            asked = self.asked(name=template.name)
            shown = coordinator.get(page(template, "series"), asked)
            assert [row.exists for row in shown.context["planned"]] == [False] * 3
            coordinator.post(page(template, "series"), filled(shown, "series-days"))
            made = Event.objects.filter(name=template.name).order_by("start")
            assert [event.start - EVENING for event in made] == [timedelta(weeks=week) for week in range(3)]
            assert {event.master_event_id for event in made} == {asked["master_event"]}
            assert {(event.is_paid, event.by_conditions) for event in made} == {
                (template.is_paid, template.by_conditions)
            }

    def test_begins_with_the_name_and_the_general_master_event(self, coordinator, by_conditions):
        form = coordinator.get(page(by_conditions, "series")).context["form"]
        assert form["name"].value() == "Dozor"
        assert not form.is_bound

    @pytest.mark.parametrize(
        ("typed", "field"),
        [({"end": "2027-05-15T17:00"}, "end"), ({"start": ""}, "start"), ({"master_event": "0"}, "master_event"),
         ({"name": " "}, "name"), ({"until": "2027-05-01"}, "__all__")],
    )  # fmt: skip
    def test_mistakes_stand_at_their_field(self, coordinator, by_conditions, typed, field):
        answer = coordinator.get(page(by_conditions, "series"), self.asked(**typed))
        assert field in answer.context["form"].errors
        assert answer.context["planned"] == []

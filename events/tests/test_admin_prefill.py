"""The form of a new event that begins as a copy, from a template, or on a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from credentials.tests.factories import QualificationFactory
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services import templates
from events.services.conditions import Condition, ConditionsPlan, plan_of
from events.services.positions import PositionPlan, plans_of
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory
from events.tests.filling import filled
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.stories import able, fill, make_capacity_event, make_event
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db

ADD = "/admin/events/event/add/"
WHEN = {"start_0": "15.05.2027", "start_1": "18:00", "end_0": "15.05.2027", "end_1": "22:00"}


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


def plan(event):
    if event.by_conditions:
        return plan_of(event)
    return sorted((row.description, row.is_optional, [one.pk for one in row.qualifications]) for row in plans_of(event))


class TestCopy:
    def copied(self, client, event, **typed) -> Event:
        url = f"{ADD}?copy={event.pk}"
        answer = client.post(url, filled(client.get(url), **typed, _save="1"))
        made = Event.objects.latest("pk")
        assert answer.url == reverse("admin:events_event_change", args=[made.pk])
        return made

    def test_of_positions_has_the_same_fields_and_plan_and_nobody_on_it(self, coordinator, medic, driver):
        event = make_event(
            medic, places=2, optional=3, name="Hokej", address="Letná", contact="Kos", is_paid=True, description="Sraz",
            kind=Kind.TRAINING, planned_participants=12, master_event=MasterEventFactory(), status=Status.COMPLETED,
            signups_open_at=EVENING - timedelta(days=3),
        )  # fmt: skip
        PositionFactory(event=event, description="Řidič", qualifications=[medic, driver])
        fill(event, able(medic))
        made = self.copied(coordinator, event)
        same = ("name", "address", "contact", "is_paid", "description", "kind", "planned_participants", "start", "end",
                "signups_open_at", "master_event", "staffing_mode")  # fmt: skip
        assert {name: getattr(made, name) for name in same} == {name: getattr(event, name) for name in same}
        assert plan(made) == plan(event)
        assert (made.status, made.assignments.count(), made.responsible_person) == (Status.DRAFT, 0, None)

    def test_of_conditions_keeps_them_in_their_order(self, coordinator, medic, driver):
        event = make_capacity_event({driver: 2, medic: 1}, minimum=3, maximum=6)
        made = self.copied(coordinator, event, name="Jinak")
        assert (made.name, plan(made)) == ("Jinak", plan(event))

    def test_many_equal_positions_share_rows(self, coordinator, medic):
        event = make_event(medic, places=1)
        for _n in range(23):
            PositionFactory(event=event, description="Hlídka")
        page = coordinator.get(f"{ADD}?copy={event.pk}")
        assert filled(page)["positions-TOTAL_FORMS"] == ["5"]
        assert plan(self.copied(coordinator, event)) == plan(event)

    def test_leaves_out_what_has_been_deleted(self, coordinator, medic):
        gone = QualificationFactory(is_deleted=True, deleted_at=EVENING)
        made = self.copied(coordinator, make_capacity_event({medic: 1, gone: 1}))
        assert [row.qualification for row in plan_of(made).rows] == [medic]

    def test_may_open_sign_ups_at_once(self, coordinator, medic):
        url = f"{ADD}?copy={make_event(medic).pk}"
        coordinator.post(url, filled(coordinator.get(url), _open="1"))
        assert Event.objects.latest("pk").status == Status.OPEN

    def test_says_that_it_is_one_and_goes_on_saying_so_when_refused(self, coordinator, medic):
        url = f"{ADD}?copy={make_capacity_event({medic: 1}).pk}"
        page = coordinator.get(url)
        assert "Nová akce jako kopie" in text_of(page)
        assert inline_parts(page) == []
        refused = coordinator.post(url, filled(page, name=""))
        assert "Nová akce jako kopie" in text_of(refused)
        assert filled(refused)["conditions-0-minimum"] == ["1"]

    @pytest.mark.parametrize("key", ["999999", "x", "", "9" * 40])
    def test_of_nothing_is_not_found(self, coordinator, key):
        assert coordinator.get(ADD, {"copy": key}).status_code == 404

    def test_is_offered_on_the_page_of_the_event(self, coordinator, medic):
        event = make_event(medic, status=Status.COMPLETED)
        page = coordinator.get(reverse("admin:events_event_change", args=[event.pk]))
        assert f"{ADD}?copy={event.pk}" in [tool.url for tool in page.context["object_tools"]]


class TestFromTemplate:
    @pytest.fixture(params=["positions", "conditions"])
    def template(self, request, boss, medic, driver):
        plans = {
            "positions": {"positions": [PositionPlan("Velitel", qualifications=[medic]), PositionPlan("Hlídka")]},
            "conditions": {"conditions": ConditionsPlan(2, 4, [Condition(driver, 1), Condition(medic, 1)])},
        }
        fields = {"name": "Dozor", "description": "Jen pro nás", "kind": Kind.PRESENTATION, "is_paid": True}
        return templates.save_template(EventTemplate(**fields), **plans[request.param], by=boss)

    def test_has_its_type_payment_and_plan_but_not_its_name(self, coordinator, template):
        url = f"{ADD}?template={template.pk}"
        page = coordinator.get(url)
        assert "Nová akce ze šablony" in text_of(page)
        assert (filled(page)["name"], filled(page)["description"]) == ([""], [""])
        coordinator.post(url, filled(page, name="Ples", **WHEN))
        made = Event.objects.get()
        assert (made.name, made.kind, made.is_paid) == ("Ples", Kind.PRESENTATION, True)
        assert (made.master_event.is_general, made.by_conditions) == (True, template.by_conditions)
        assert len(plan(made).rows if made.by_conditions else plan(made)) == 2

    def test_of_nothing_is_not_found(self, coordinator):
        assert coordinator.get(ADD, {"template": "999999"}).status_code == 404

    def test_is_reached_from_the_list_of_events(self, coordinator):
        assert "/admin/events/eventtemplate/" in text_of(coordinator.get("/admin/events/event/"))


class TestOnADay:
    def test_the_day_stands_in_both_fields_and_the_times_wait(self, coordinator):
        page = filled(coordinator.get(ADD, {"day": "2027-05-15"}))
        assert (page["start_0"], page["end_0"]) == (["15.05.2027"], ["15.05.2027"])
        assert "".join(page.get("start_1", [""]) + page.get("end_1", [""])) == ""

    def test_of_the_calendar_goes_with_a_master_event_and_a_template(self, coordinator, boss, medic):
        master = MasterEventFactory()
        template = templates.save_template(
            EventTemplate(name="Dozor"), conditions=ConditionsPlan(1, 2, [Condition(medic, 1)]), by=boss
        )
        asked = {"day": "2027-05-15", "master_event": master.pk, "template": template.pk}
        page = filled(coordinator.get(ADD, asked))
        assert (page["start_0"], page["master_event"]) == (["15.05.2027"], [str(master.pk)])
        assert page["conditions-0-qualification"] == [str(medic.pk)]

    @pytest.mark.parametrize("day", ["", "x", "2027-02-30", "15.05.2027"])
    def test_nonsense_is_no_day(self, coordinator, day):
        assert filled(coordinator.get(ADD, {"day": day})).get("start_0", [""]) == [""]


class TestKeeping:
    def test_makes_a_template_of_the_plan(self, coordinator, medic, driver):
        event = make_capacity_event({driver: 2, medic: 1}, minimum=3, maximum=6, name="Hokej", is_paid=True)
        url = reverse("admin:events_event_save_template", args=[event.pk])
        page = coordinator.get(url)
        assert page.context["form"].initial["name"] == "Hokej"
        answer = coordinator.post(url, {"name": " Zimní  dozor "})
        made = EventTemplate.objects.get()
        assert answer.url == reverse("admin:events_eventtemplate_change", args=[made.pk])
        assert (made.name, made.is_paid) == ("Zimní dozor", True)
        assert templates.staffing_from(made) == {"conditions": plan_of(event)}

    def test_says_why_it_cannot(self, coordinator, boss, medic):
        templates.template_from(make_event(medic), "Dozor", by=boss)
        url = reverse("admin:events_event_save_template", args=[make_event(medic).pk])
        for name in ("Dozor", " ", ""):
            assert coordinator.post(url, {"name": name}).context["form"].errors["name"]
        bad = reverse("admin:events_event_save_template", args=[EventFactory().pk])
        assert coordinator.post(bad, {"name": "Bez pozic"}).context["form"].errors["name"]
        assert EventTemplate.objects.count() == 1

"""Equipment on pages of events: the plan on the event's page, icons in lists, the panel of the dashboard, forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from equipment import event_plan
from equipment.models import EventPlan
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.rules.staffing import Mode
from events.services import templates
from events.services.conditions import Condition, ConditionsPlan
from events.tests.factories import EventFactory
from events.tests.filling import filled
from events.tests.pages import logged_in
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def aed():
    kind = TypeFactory(name="AED", icon="⚡")
    ItemFactory(type=kind)
    return kind


@pytest.fixture
def event():
    start = timezone.now() + timedelta(days=5)
    return EventFactory(name="Běh naděje", status=Status.OPEN, start=start, end=start + timedelta(hours=3))


def page(client, event):
    return client.get(f"/events/{event.pk}/").content.decode()


def planned():
    return list(EventPlan.objects.values_list("type", "quantity"))


class TestOnTheEventsPage:
    def test_a_planner_plans_and_takes_off(self, aed, event):
        client = logged_in(make_coordinator())
        assert "Žádné vybavení není naplánované." in page(client, event)
        answer = client.post(f"/equipment/plan/{event.pk}/", {"type": aed.pk, "quantity": 1}, follow=True)
        assert "Plán vybavení akce byl upraven." in answer.content.decode()
        assert planned() == [(aed.pk, 1)]
        client.post(f"/equipment/plan/{event.pk}/remove/", {"type": aed.pk})
        assert planned() == []

    def test_htmx_gets_the_card_alone(self, aed, event):
        client = logged_in(make_coordinator())
        answer = client.post(
            f"/equipment/plan/{event.pk}/", {"type": aed.pk, "quantity": 1}, headers={"HX-Request": "true"}
        )
        text = answer.content.decode()
        assert 'id="event-equipment"' in text
        assert "<html" not in text

    @pytest.mark.parametrize("typed", [{}, {"type": "x"}, {"quantity": "0"}, {"quantity": "1e9"}, {"quantity": "-1"}])
    def test_nonsense_is_refused(self, aed, event, typed):
        client = logged_in(make_coordinator())
        sent = {"type": aed.pk, "quantity": 1, **typed} if typed else {}
        answer = client.post(f"/equipment/plan/{event.pk}/", sent, follow=True)
        assert "Vyberte typ vybavení a množství." in answer.content.decode()
        assert planned() == []

    def test_too_many_are_refused_with_words(self, aed, event):
        client = logged_in(make_coordinator())
        answer = client.post(f"/equipment/plan/{event.pk}/", {"type": aed.pk, "quantity": 2}, follow=True)
        assert "Nedostatek vybavení" in answer.content.decode()
        assert planned() == []

    def test_what_is_short_names_its_rivals(self, aed, event):
        EventPlanFactory(event=event, type=aed)
        EventPlanFactory(event=EventFactory(name="Jarmark", start=event.start, end=event.end), type=aed)
        assert "Jarmark" in page(logged_in(make_coordinator()), event)
        text = page(logged_in(make_member()), event)
        assert "k dispozici jen 0" in text
        assert "Chybí vybavení: AED 0/1" in text
        assert "Jarmark" not in text

    def test_a_member_reads_and_cannot_plan(self, aed, event):
        client = logged_in(make_member())
        assert "event-equipment" not in page(client, event)
        EventPlanFactory(event=event, type=aed)
        assert "/equipment/plan/" not in page(client, event)
        assert client.post(f"/equipment/plan/{event.pk}/", {"type": aed.pk, "quantity": 1}).status_code == 403

    def test_a_draft_is_not_there_for_a_viewer(self, aed):
        draft = EventFactory(status=Status.DRAFT)
        answer = logged_in(make_viewer()).post(f"/equipment/plan/{draft.pk}/", {"type": aed.pk, "quantity": 1})
        assert answer.status_code == 404


class TestInLists:
    def test_icons_stand_beside_the_name(self, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        for url in ("/events/", f"/master-events/{event.master_event_id}/"):
            assert "AED ×2" in logged_in(make_member()).get(url).content.decode()

    def test_not_for_those_who_may_not_know(self, aed, event):
        EventPlanFactory(event=event, type=aed)
        event_plan.attach_plans([event], UserFactory(roles=[Role.DEBRIEFING_MANAGER]))
        assert event.planned_equipment == []


class TestThePanel:
    def test_shows_what_coming_events_lack(self, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=3)
        EventPlanFactory(event=event, type=TypeFactory(name="Stan"))
        text = logged_in(make_member()).get("/").content.decode()
        assert "Nedostatek vybavení (1)" in text
        assert "1/3" in text
        assert "… a 1 další" in text

    def test_knows_no_draft_that_the_reader_does_not(self, aed, event):
        Event.objects.filter(pk=event.pk).update(status=Status.DRAFT)
        EventPlanFactory(event=event, type=aed, quantity=3)
        assert "Nedostatek" not in logged_in(make_viewer()).get("/").content.decode()
        assert "Nedostatek" in logged_in(make_member()).get("/").content.decode()

    def test_nothing_beyond_the_horizon_and_nothing_that_runs(self, aed):
        now = timezone.now()
        for start in (now - timedelta(hours=1), now + timedelta(days=400)):
            EventPlanFactory(event=EventFactory(start=start, end=start + timedelta(hours=9)), type=aed, quantity=3)
        assert "Nedostatek" not in logged_in(make_coordinator()).get("/").content.decode()


class TestInTheBackoffice:
    def form(self, client, event):
        return filled(client.get(f"/admin/events/event/{event.pk}/change/"))

    def test_rows_are_added_changed_and_removed(self, aed, event):
        client, url = logged_in(make_coordinator()), f"/admin/events/event/{event.pk}/change/"
        stan = TypeFactory(name="Stan")
        ItemFactory.create_batch(2, type=stan)
        sent = self.form(client, event)
        client.post(url, sent | {"equipment_plan-0-type": [str(aed.pk)], "equipment_plan-0-quantity": ["1"]})
        assert planned() == [(aed.pk, 1)]
        sent = self.form(client, event)
        assert (sent["equipment_plan-0-type"], sent["equipment_plan-0-quantity"]) == ([str(aed.pk)], ["1"])
        changed = {
            "equipment_plan-0-remove": ["on"],
            "equipment_plan-1-type": [str(stan.pk)],
            "equipment_plan-1-quantity": ["2"],
        }
        client.post(url, sent | changed)
        assert planned() == [(stan.pk, 2)]

    def test_too_little_comes_back_with_the_form_and_changes_nothing(self, aed, event):
        client, url = logged_in(make_coordinator()), f"/admin/events/event/{event.pk}/change/"
        typed = {"name": ["Jinak"], "equipment_plan-0-type": [str(aed.pk)], "equipment_plan-0-quantity": ["9"]}
        answer = client.post(url, self.form(client, event) | typed)
        assert "Nedostatek vybavení" in answer.content.decode()
        assert filled(answer)["equipment_plan-0-quantity"] == ["9"]
        assert planned() == []
        assert not Event.objects.filter(name="Jinak").exists()

    @pytest.mark.parametrize(("quantity", "warned"), [("x", True), ("", True), ("0", False), ("-4", False)])
    def test_an_odd_quantity_is_one(self, aed, event, quantity, warned):
        client, url = logged_in(make_coordinator()), f"/admin/events/event/{event.pk}/change/"
        typed = {"equipment_plan-0-type": [str(aed.pk)], "equipment_plan-0-quantity": [quantity]}
        answer = client.post(url, self.form(client, event) | typed, follow=True)
        assert planned() == [(aed.pk, 1)]
        assert ("nebylo možné načíst" in answer.content.decode()) == warned

    def test_of_a_type_that_comes_twice_the_first_row_counts(self, aed, event):
        client, url = logged_in(make_coordinator()), f"/admin/events/event/{event.pk}/change/"
        rows = {
            "equipment_plan-TOTAL_FORMS": ["2"],
            "equipment_plan-0-type": [str(aed.pk)],
            "equipment_plan-0-quantity": ["1"],
            "equipment_plan-1-type": [str(aed.pk)],
            "equipment_plan-1-quantity": ["7"],
        }
        client.post(url, self.form(client, event) | rows)
        assert planned() == [(aed.pk, 1)]

    def test_a_copy_and_a_template_begin_with_the_plan(self, aed, event):
        client = logged_in(make_coordinator())
        EventPlanFactory(event=event, type=aed)
        copy = filled(client.get(f"/admin/events/event/add/?copy={event.pk}"))
        assert copy["equipment_plan-0-type"] == [str(aed.pk)]
        template = EventTemplate.objects.create(name="Běh", staffing_mode=Mode.POSITIONS)
        template.equipment_plan.create(type=aed, quantity=4)
        made = filled(client.get(f"/admin/events/event/add/?template={template.pk}"))
        assert made["equipment_plan-0-quantity"] == ["4"]

    def test_a_template_keeps_its_rows(self, aed):
        client = logged_in(make_admin())
        plan = ConditionsPlan(1, 2, [Condition(QualificationFactory(can_lead=True), 1)])
        template = templates.save_template(EventTemplate(name="Běh", description="Popis"), conditions=plan, by=None)
        url = f"/admin/events/eventtemplate/{template.pk}/change/"
        sent = filled(client.get(url), "eventtemplate_form")
        client.post(url, sent | {"equipment_plan-0-type": [str(aed.pk)], "equipment_plan-0-quantity": ["40"]})
        assert list(template.equipment_plan.values_list("type", "quantity")) == [(aed.pk, 40)]
        assert filled(client.get(url), "eventtemplate_form")["equipment_plan-0-quantity"] == ["40"]

    def test_what_is_over_is_only_shown(self, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=1)
        Event.objects.filter(pk=event.pk).update(status=Status.COMPLETED)
        text = logged_in(make_coordinator()).get(f"/admin/events/event/{event.pk}/change/").content.decode()
        assert "AED ×1" in text
        assert "equipment_plan-0-type" not in text


class TestWarnings:
    """Whoever takes something away is told which events lack it then."""

    WORDS = "Pozor, 1 akci teď chybí vybavení: Běh naděje"

    @pytest.fixture
    def item(self, aed, event):
        EventPlanFactory(event=event, type=aed)
        return aed.items.get()

    def test_of_a_service(self, item, event):
        client = logged_in(make_coordinator())
        typed = {"since_0": "", "since_1": "", "until_0": "", "until_1": "", "reason": "", "version": item.version}
        answer = client.post(f"/equipment/{item.pk}/service/", typed, follow=True)
        assert self.WORDS in answer.content.decode()

    def test_of_a_loss(self, item, event):
        client = logged_in(make_coordinator())
        answer = client.post(f"/equipment/{item.pk}/lost/", {"version": item.version}, follow=True)
        assert self.WORDS in answer.content.decode()

    def test_of_a_loss_in_the_backoffice(self, item, event):
        client = logged_in(make_admin())
        url = f"/admin/equipment/equipmentitem/{item.pk}/step/lost/"
        assert self.WORDS in client.post(url, {"version": item.version}, follow=True).content.decode()

    def test_of_another_type(self, item, event):
        client = logged_in(make_admin())
        typed = {"name": item.name, "type": TypeFactory().pk, "version": item.version}
        answer = client.post(f"/admin/equipment/equipmentitem/{item.pk}/change/", typed, follow=True)
        assert self.WORDS in answer.content.decode()

    def test_what_is_needed_is_not_archived(self, item, event):
        client = logged_in(make_admin())
        url = f"/admin/equipment/equipmentitem/{item.pk}/step/archive/"
        answer = client.post(url, {"version": item.version}, follow=True)
        assert "Položka je potřeba" in answer.content.decode()
        item.refresh_from_db()
        assert not item.is_archived

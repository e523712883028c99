"""The record of an event on its page, and the whole of it on a page of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory
from events import event_history
from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew, planning, responsible
from events.services.conditions import Condition, ConditionsPlan
from events.services.positions import PositionPlan
from events.tests.factories import EVENING, MasterEventFactory, PositionFactory
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from events.tests.stories import NOW, able
from medcover.system import audit, audit_history
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_coordinator(name="Nováková Jana")


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def event(boss, medic):
    return planning.create_event(
        by=boss, at=NOW, name="Hokej", master_event=MasterEventFactory(name="Zimní sezona"), kind=Event.Kind.MEDICAL,
        start=EVENING, end=EVENING + timedelta(hours=3), positions=[PositionPlan("Velitel", qualifications=[medic])],
    )  # fmt: skip


def part_of(answer) -> str:
    """The history on the page of an event."""
    text = text_of(answer)
    start = text.index('id="event-history"')
    return text[start : text.index("</section>", start)]


def shown(event, reader) -> str:
    return part_of(logged_in(reader).get(f"/events/{event.pk}/"))


class TestOnThePage:
    def test_says_who_did_what_to_whoever_may_open_it(self, event, boss):
        Event.objects.update(status=Status.PUBLISHED)
        text = shown(event, make_viewer())
        assert "Historie změn" in text
        assert "Nováková Jana" in text
        assert "Akce vytvořena: Hokej" in text

    def test_values_are_in_the_order_of_the_form_and_in_words(self, event, boss):
        planning.edit_event(
            event.pk, by=boss, version=None, address="Letná", is_paid=True, start=EVENING - timedelta(hours=1),
            master_event=MasterEventFactory(name="Jarní sezona"), name="Lední hokej",
        )  # fmt: skip
        text = shown(event, make_member())
        changes = [
            "Název:</span> Hokej → Lední hokej", "Nadřazená akce:</span> Zimní sezona → Jarní sezona",
            "Začátek:</span> 15.05.2027 18:00 → 15.05.2027 17:00", "Placená akce:</span> ne → ano",
            "Adresa:</span> — → Letná",
        ]  # fmt: skip
        places = [text.index(change) for change in changes]
        assert places == sorted(places)

    def test_the_system_is_named_where_nobody_acted(self, event, medic):
        Event.objects.update(status=Status.OPEN)
        crew.claim(event.positions.get().pk, by=able(medic, name="Dvořák Petr"), at=NOW)
        text = shown(event, make_member())
        assert "Dvořák Petr – přihlášení na akci Hokej" in text
        assert "Systém" in text
        assert "Zodpovědná osoba:</span> — → Dvořák Petr" in text

    def test_conditions_read_as_people_say_them(self, boss, medic):
        plan = ConditionsPlan(2, 4, [Condition(medic, 1)])
        event = planning.create_event(
            by=boss, at=NOW, name="Ples", master_event=MasterEventFactory(), kind=Event.Kind.MEDICAL, start=EVENING,
            end=EVENING + timedelta(hours=3), conditions=plan,
        )  # fmt: skip
        planning.edit_event(event.pk, by=boss, version=None, plan=ConditionsPlan(2, 5, [Condition(medic, 2)]))
        text = shown(event, make_member())
        assert "Zdravotník ×2" in text
        assert "Maximum účastníků:</span> 4 → 5" in text

    def test_of_rows_of_other_apps_only_the_summary_is_read(self, event, medic):
        """What people write after an event is not for everybody."""
        changes = {"name": ["", "Tajná poznámka"]}
        audit.record(medic, kind="edit", by=make_admin(), summary="Vyplněno", event_id=event.pk, changes=changes)
        assert audit_history.of_event(event.pk)[0].changes
        assert event_history.page(event_history.entries(event, make_member()))[0].summary == "Vyplněno"
        assert "Vyplněno" in shown(event, make_member())
        assert "Tajná poznámka" not in shown(event, make_member())

    def test_holds_the_newest_and_leads_to_the_rest(self, event, boss):
        for number in range(event_history.LATEST):
            planning.edit_event(event.pk, by=boss, version=None, name=f"Hokej {number}")
        text = shown(event, make_member())
        assert text.count("<li>") >= event_history.LATEST
        assert "Akce vytvořena" not in text
        assert f'href="/events/{event.pk}/history/"' in text

    def test_a_short_one_leads_nowhere(self, event):
        assert "/history/" not in shown(event, make_member())

    def test_follows_what_is_done_on_the_page(self, event, medic):
        Event.objects.update(status=Status.OPEN)
        person = able(medic)
        answer = logged_in(person).post(f"/positions/{event.positions.get().pk}/claim/", headers=HTMX)
        assert "přihlášení na akci" in part_of(answer)

    def test_speaks_the_reader_s_language(self, event):
        text = shown(event, make_member(language="en"))
        assert "History of changes" in text

    def test_a_former_leader_costs_one_query_more(self, event, boss, medic, django_assert_max_num_queries):
        Event.objects.update(status=Status.OPEN)
        first, second = able(medic, name="První Jan"), able(medic, name="Druhá Eva")
        PositionFactory(event=event)
        for place, person in zip(event.positions.all(), (first, second), strict=True):
            crew.assign(place.pk, person.pk, by=boss, at=NOW)
        responsible.set_responsible_person(event.pk, second, by=boss)
        event = Event.objects.select_related("master_event", "responsible_person").get(pk=event.pk)
        with django_assert_max_num_queries(2):
            lines, _older = event_history.latest(event, event.responsible_person)
        assert "První Jan → Druhá Eva" in [change.text for line in lines for change in line.changes]


class TestOnItsOwnPage:
    def test_holds_everything_page_by_page(self, event, boss):
        for number in range(60):
            planning.edit_event(event.pk, by=boss, version=None, name=f"Hokej {number}")
        client = logged_in(make_member())
        first, second = (client.get(f"/events/{event.pk}/history/", {"page": page}) for page in (1, 2))
        assert len(first.context["history"]) == 50
        assert "Akce vytvořena: Hokej" in text_of(second)
        assert client.get(f"/events/{event.pk}/history/", {"page": 9}).url.endswith("?page=2")
        assert inline_parts(first) == []

    def test_is_not_found_with_the_event(self, event):
        assert logged_in(make_viewer()).get(f"/events/{event.pk}/history/").status_code == 404
        assert logged_in(make_member()).get(f"/events/{event.pk}/history/").status_code == 200
        assert logged_in(make_member()).get("/events/999999/history/").status_code == 404

    def test_costs_the_same_for_many_entries(self, event, boss, django_assert_max_num_queries):
        client, url = logged_in(make_member()), f"/events/{event.pk}/history/"
        for number in range(2):
            planning.edit_event(event.pk, by=boss, version=None, master_event=MasterEventFactory(name=f"{number}"))
        client.get(url)
        with django_assert_max_num_queries(14) as few:
            client.get(url)
        for number in range(20):
            planning.edit_event(event.pk, by=boss, version=None, master_event=MasterEventFactory(name=f"x{number}"))
        with django_assert_max_num_queries(len(few)):
            client.get(url)

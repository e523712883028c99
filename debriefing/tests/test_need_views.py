"""The part of the form that asks what would help, the list of needs with its steps, and where it is told of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from debriefing import digest
from debriefing.models import Need, UsedMaterial
from debriefing.need_rules import Outcome, State
from debriefing.tests.factories import done_duty, handed_in, make_manager, need_of
from equipment.models import Consumable, Lot
from equipment.services import usage
from equipment.tests.factories import ConsumableFactory, TypeFactory, stocked
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.services.positions import PositionPlan
from events.services.templates import save_template
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST = "/debriefing/needs/"


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def page(person: Any, path: str = LIST) -> str:
    answer = browser(person).get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič sanity", can_lead=True)


@pytest.fixture
def duty():
    start = timezone.now() - timedelta(days=2)
    return done_duty(make_member(name="Tajemná Lída"), name="Běh Stromovkou", start=start,
                     end=start + timedelta(hours=4))  # fmt: skip


@pytest.fixture
def planner():
    return browser(make_coordinator())


def sent(client: Client, step: str, made: Any, **typed: Any) -> str:
    """Send a step of all needs of a debriefing and return what the list says then."""
    keys = list(made.needs.values_list("pk", flat=True))
    answer = client.post(f"{LIST}{step}/", {"need": keys, "next": f"{LIST}?state=all", **typed}, follow=True)
    assert answer.redirect_chain == [(f"{LIST}?state=all", 302)]
    return " ".join(answer.content.decode().split())


class TestForm:
    def test_asks_for_people_equipment_and_material_of_the_stock(self, duty, driver):
        TypeFactory(name="Defibrilátor")
        ConsumableFactory(name="Dlaha SAM")
        ConsumableFactory(name="Vyřazené", is_archived=True)
        shown = page(duty.person, f"/debriefing/{duty.pk}/")
        for words in ("Co by příště pomohlo", "není důvěrná", "Řidič sanity", "Defibrilátor",
                      '<option value="Dlaha SAM">'):  # fmt: skip
            assert words in shown, words
        assert "Vyřazené" not in shown

    def test_keeps_what_was_chosen_and_shows_it_to_its_writer(self, duty, driver):
        typed = {"note_status": 1, "people_0": driver.pk, "people_count_0": 1, "people_words_0": "Na svoz",
                 "people_2": driver.pk, "people_count_2": "2"}  # fmt: skip
        answer = browser(duty.person).post(f"/debriefing/{duty.pk}/", typed)
        assert answer.status_code == 302
        assert list(Need.objects.values_list("quantity", "words")) == [(1, "Na svoz"), (2, "")]
        assert "1× Řidič sanity – Na svoz" in page(duty.person, f"/debriefing/{duty.pk}/")

    @pytest.mark.parametrize(
        "typed",
        [
            {"people_0": "{driver}"},
            {"people_count_0": "1"},
            {"people_words_0": "Na svoz"},
            {"people_0": "{driver}", "people_count_0": "0"},
            {"people_0": "{driver}", "people_count_0": "100"},
            {"people_0": "{driver}", "people_count_0": "1.5"},
            {"people_0": "x", "people_count_0": "1"},
            {"people_0": "99999999999999999999", "people_count_0": "1"},
            {"equipment_1": "987", "equipment_count_1": "1"},
        ],
    )
    def test_says_what_is_wrong_and_keeps_nothing(self, duty, driver, typed):
        filled = {name: value.format(driver=driver.pk) for name, value in typed.items()}
        answer = browser(duty.person).post(f"/debriefing/{duty.pk}/", {"note_status": 1, **filled})
        assert answer.status_code == 422
        assert not Need.objects.exists()

    def test_asks_nobody_for_what_they_may_not_see(self, driver):
        duty = done_duty(make_manager())
        ConsumableFactory(name="Dlaha SAM")
        shown = page(duty.person, f"/debriefing/{duty.pk}/")
        for words in ("Co by příště pomohlo", "Řidič sanity", "Dlaha SAM"):
            assert words not in shown


class TestList:
    def test_sums_equal_needs_and_names_nobody(self, duty, driver):
        need_of(handed_in(duty), driver, 1, words="Na svoz")
        handed_in(done_duty(make_member(name="Skrytý Jan"), event=duty.event), needs=[(driver, 2)],
                  material=[("Obvaz", 3)])  # fmt: skip
        handed_in(done_duty(event=duty.event), material=[("obvaz", 4)])
        shown = page(make_coordinator())
        for words in ("+2× Řidič sanity", "napsali 2 lidé", "Na svoz", "7× Obvaz", "1 akce něco potřebuje"):
            assert words in shown, words
        for name in ("Tajemná", "Skrytý"):
            assert name not in shown

    def test_shows_each_state_and_kind(self, duty, driver):
        made = handed_in(duty, needs=[(driver, 1), (TypeFactory(name="Velkostan"), 1)])
        Need.objects.filter(kind="equipment").update(
            state=State.DONE, outcome=Outcome.BY_HAND, note="Půjčeno", settled_at=timezone.now()
        )
        boss = make_coordinator()
        for query, there, missing in (
            ("", "Řidič sanity", "Velkostan"), ("?state=done", "Půjčeno", "× Řidič"),
            ("?state=all", "Velkostan", "xyz"),
            ("?kind=people", "Řidič sanity", "Velkostan"), ("?state=nic&kind=%00", "Řidič sanity", "Velkostan"),
            (f"?event={made.assignment.event_id}", "Řidič sanity", "Velkostan"),
            ("?event=987", "neodpovídá", "× Řidič"), ("?event=x", "Řidič sanity", "Velkostan"),
        ):  # fmt: skip
            shown = page(boss, LIST + query)
            assert there in shown, query
            assert missing not in shown, query

    def test_is_about_completed_events_that_are_not_put_away(self, duty, driver):
        handed_in(duty, needs=[(driver, 1)])
        boss = make_coordinator()
        for change in ({"is_archived": True}, {"is_archived": False, "status": Status.CANCELLED}):
            Event.objects.update(**change)
            assert "Nic na vás nečeká" in page(boss)

    def test_preselects_the_template_that_fits(self, duty, driver):
        handed_in(duty, needs=[(driver, 1)])
        plan = [PositionPlan(qualifications=[driver])]
        keys = {name: save_template(EventTemplate(name=name), positions=plan, by=None).pk
                for name in ("Koncert", "Běh v parku", "Zápas")}  # fmt: skip
        boss = make_coordinator()
        assert f'<input type="hidden" name="template" value="{keys["Běh v parku"]}">' in page(boss)
        steps = page(boss, f"{LIST}steps/?need={Need.objects.get().pk}")
        assert f'<option value="{keys["Běh v parku"]}" selected>' in steps
        assert "Koncert" in steps

    def test_other_ways_are_fetched_for_exactly_what_is_open(self, duty, driver):
        made = handed_in(duty, needs=[(driver, 1)], material=[("Obvaz", 3)])
        boss = make_coordinator()
        person, material = made.needs.get(kind="people"), made.needs.get(kind="material")
        assert f"{LIST}steps/?need={person.pk}&amp;next=" in page(boss)
        shown = page(boss, f"{LIST}steps/?need={person.pk}&next={LIST}%3Fstate=all")
        for words in ("need/by-hand/", "needs/dismiss/", f'name="need" value="{person.pk}"', "?state=all"):
            assert words.replace("need/", "needs/") in shown, words
        assert "needs/stock/" in page(boss, f"{LIST}steps/?need={material.pk}")
        for query in (f"need={person.pk}&need={material.pk}", "need=x", "", "need=99999999999999999999", "next=//evil"):
            answer = browser(boss).get(f"{LIST}steps/?{query}")
            assert (answer.status_code, answer.headers.get("Location")) == (302, LIST), query
        browser(boss).post(f"{LIST}dismiss/", {"need": [person.pk], "note": "Nebude"})
        assert browser(boss).get(f"{LIST}steps/?need={person.pk}")["Location"] == LIST
        assert browser(make_viewer()).get(f"{LIST}steps/?need={person.pk}").status_code == 403

    def test_says_how_to_go_on_without_a_template(self, duty, driver):
        handed_in(duty, needs=[(driver, 1)])
        assert "Zatím neexistuje žádná šablona" in page(make_coordinator())

    def test_pages_by_events(self, driver):
        for _number in range(16):
            handed_in(done_duty(), needs=[(driver, 1)])
        boss = make_coordinator()
        assert "Stránkování potřeb" in page(boss)
        assert browser(boss).get(f"{LIST}?kind=people&page=9")["Location"] == f"{LIST}?kind=people&page=2"

    def test_costs_the_same_for_many(self, duty, driver, django_assert_max_num_queries):
        client, kind = browser(make_coordinator()), ConsumableFactory()
        handed_in(duty, needs=[(driver, 1)], material=[(kind, 1), ("Obvaz", 1)])
        client.get(LIST)
        with django_assert_max_num_queries(11):
            client.get(LIST)
        for _number in range(8):
            handed_in(done_duty(), needs=[(driver, 1), (TypeFactory(), 1)], material=[(ConsumableFactory(), 2)])
        with django_assert_max_num_queries(11):
            client.get(LIST)


class TestSteps:
    def test_template(self, duty, driver, planner):
        made = handed_in(duty, needs=[(driver, 1)])
        row = save_template(EventTemplate(name="Běh"), positions=[PositionPlan(qualifications=[driver])], by=None)
        assert "Šablona „Běh“ je upravena" in sent(planner, "template", made, template=row.pk, quantity="1")
        assert row.positions.count() == 2
        assert "právě vyřídil někdo jiný" in sent(planner, "template", made, template=row.pk, quantity="1")
        assert row.positions.count() == 2

    def test_stock(self, duty, planner):
        stocked(ConsumableFactory(name="Dlaha SAM"), 5)
        made = handed_in(duty, material=[("dlahy", 2)])
        assert "Sklad nic takového nezná" in sent(planner, "book", made, consumable="dlahy", quantity="2")
        shown = sent(planner, "book", made, consumable=" dlaha  sam", quantity="2")
        assert "odepsány 2 kusy" in shown
        assert "2× Dlaha SAM" in shown
        assert Lot.objects.get().quantity == 3

    def test_stock_shows_what_the_crew_has_booked(self, duty, planner):
        kind = ConsumableFactory(name="Dlaha SAM", unit="ks")
        stocked(kind, 9)
        usage.use_on_event(duty.event_id, [(kind.pk, 2)], by=None, at=timezone.now())
        made = handed_in(duty, material=[(kind, 3)])
        shown = " ".join(planner.get(LIST).content.decode().split())
        assert "už odepsáno 2 ks" in shown
        assert 'min="1" required value="1"' in shown
        usage.use_on_event(duty.event_id, [(kind.pk, 1)], by=None, at=timezone.now())
        assert "nic dalšího odepsat nezbývá" in planner.get(LIST).content.decode()
        assert "Potřeba je vyřízena" in sent(planner, "booked", made, consumable="Dlaha SAM")

    def test_new_kind(self, duty, planner):
        made = handed_in(duty, material=[("Škrtidlo", 2)])
        assert "je nově ve skladu" in sent(planner, "stock", made, name="Škrtidlo", unit="ks", quantity="2")
        assert UsedMaterial.objects.get().consumable == Consumable.objects.get(minimum=2)

    def test_new_kind_without_a_name_is_refused(self, duty, planner):
        made = handed_in(duty, material=[("Škrtidlo", 2)])
        sent(planner, "stock", made, name="", unit="", quantity="x")
        assert not Consumable.objects.exists()

    def test_words(self, duty, driver, planner):
        made = handed_in(duty, needs=[(driver, 1)])
        assert "stručně" in sent(planner, "by-hand", made, note="")
        assert "Stačilo jich" in sent(planner, "dismiss", made, note="Stačilo jich")
        assert "znovu čeká" in sent(planner, "reopen", made)
        assert "Domluveno" in sent(planner, "by-hand", made, note="Domluveno")

    @pytest.mark.parametrize("step", ["template", "book", "booked", "stock", "by-hand", "dismiss", "reopen"])
    def test_hostile_input_changes_nothing(self, duty, driver, planner, step):
        handed_in(duty, needs=[(driver, 1)])
        for typed in ({}, {"need": "x"}, {"need": "9" * 30, "quantity": "9" * 30, "template": "-1"},
                      {"need": ["1", "\x00"], "consumable": "\x00", "next": "//jinde.example"}):  # fmt: skip
            answer = planner.post(f"{LIST}{step}/", typed)
            assert (answer.status_code, answer["Location"]) == (302, LIST)
        assert Need.objects.open().count() == 1


class TestElsewhere:
    def test_dashboard_and_menu_lead_planners_there(self, duty, driver):
        handed_in(duty, needs=[(driver, 1)])
        assert "Na 1 akci něco chybělo" in page(make_coordinator(), "/")
        for person in (make_member(), make_viewer(), make_manager()):
            assert LIST not in page(person, "/")

    def test_dashboard_says_nothing_when_there_is_nothing(self):
        assert "něco chybělo" not in page(make_coordinator(), "/")

    def test_event_shows_open_needs_to_planners(self, duty, driver):
        need_of(handed_in(duty), driver, 1, words="Na svoz")
        path = f"/events/{duty.event_id}/"
        shown = page(make_coordinator(), path)
        for words in ("Co by příště pomohlo", "1× Řidič sanity", "Na svoz", f"{LIST}?event={duty.event_id}"):
            assert words in shown, words
        assert "Tajemná" not in shown.partition("Co by příště pomohlo")[2].partition("</section>")[0]
        assert "Co by příště pomohlo" not in page(make_member(), path)

    def test_digest_tells_without_anybodys_words(self, duty, driver):
        need_of(handed_in(duty, material=[("Obvaz od Nováka", 2)]), driver, 1, words="Tajné")
        facts = digest.NEEDS.collect({"rows": 5}, timezone.now())
        assert facts["total"] == 1
        (row,) = digest.NEEDS.present({**facts, "rows": [{**row, "day": str(row["day"])} for row in facts["rows"]]})[
            "rows"
        ]
        assert row["event"] == "Běh Stromovkou"
        assert row["needs"][0] == "1× Řidič sanity"
        assert row["needs"][1].startswith("2× ")
        assert "Nováka" not in str(row)

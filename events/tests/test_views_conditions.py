"""Events staffed by conditions as members see them: the page, signing up and off, the list, the dashboard."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, inline_parts, logged_in, names_in, text_of
from events.tests.stories import able, make_capacity_event, make_event, place
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

URL = "/events/"


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def event(doctor, driver):
    """Three seats, two of them needed for a doctor and a driver."""
    return make_capacity_event({doctor: 1, driver: 1}, minimum=2, maximum=3, name="Půlmaraton")


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr")


def page(event, person) -> str:
    return text_of(logged_in(person).get(f"/events/{event.pk}/"))


def signup(event, person, *, target="event-crew", **data):
    headers = {**HTMX, "HX-Target": target} if target else {}
    return logged_in(person).post(f"/events/{event.pk}/signup/", data, headers=headers)


def leave(event, person, *, htmx=True):
    headers = {**HTMX, "HX-Target": "event-crew"} if htmx else {}
    return logged_in(person).post(f"/events/{event.pk}/leave/", headers=headers)


def offers(text: str) -> bool:
    return 'id="sign-up"' in text


class TestPage:
    def test_shows_the_figures_what_is_missing_and_how_the_qualifications_are_covered(self, event, doctor, member):
        place(event, able(doctor, name="Adámková Věra"))
        text = page(event, member)
        assert "1 / 2 / 3 <span" in text
        assert "Aktuální počet účastníků / požadované minimum / maximální kapacita" in text
        assert "Nesplněné podmínky" in text
        assert "Chybí účastníci: 1" in text
        assert "Chybí kvalifikace: Řidič ×1" in text
        assert "Chybí způsobilá zodpovědná osoba" in text
        coverage = text[text.index("Pokrytí kvalifikací (nikoliv pracovní role)") : text.index("Účastníci</h3>")]
        assert "Lékař" in coverage
        assert "Adámková Věra" in coverage
        assert "1/1" in coverage
        assert "chybí 1" in coverage
        assert "0/1" in coverage

    def test_a_full_one_without_what_it_needs_says_so(self, event, member):
        place(event, *(make_member() for _n in range(3)))
        text = page(event, member)
        assert text.count("Kapacita naplněna — nesplněné podmínky") == 2  # the badge and the reason
        assert "Maximální kapacita akce je naplněna." in text
        assert not offers(text)

    def test_a_sufficient_one_is_ready_and_lists_no_reasons(self, event, doctor, driver, member):
        leader = able(doctor, name="Adámková Věra")
        place(event, leader, able(driver))
        Event.objects.update(responsible_person=leader)
        text = page(event, member)
        assert "Připraveno" in text
        assert "Nesplněné podmínky" not in text
        assert 'class="readiness ' not in text

    def test_a_deleted_qualification_is_struck(self, event, driver, member):
        driver.is_deleted, driver.deleted_at = True, EVENING
        driver.save()
        assert "<s>Řidič</s></strong> (odstraněna)" in page(event, member)

    def test_lists_everybody_in_order_of_name_and_lets_only_oneself_go(self, event, member):
        place(event, make_member(name="Žižka Zbyněk"), make_member(name="Čapek Vojtěch"), member)
        text = page(event, member)
        people = text[text.index("Účastníci</h3>") :]
        order = [people.index(name) for name in ("Čapek Vojtěch", "Dvořák Petr", "Žižka Zbyněk")]
        assert order == sorted(order)
        assert people.count("Odhlásit se…") == 1
        assert f'action="/events/{event.pk}/leave/"' in people

    def test_of_an_empty_one_says_that_nobody_is_there(self, event, member):
        assert "Zatím se nikdo nepřihlásil." in page(event, member)

    def test_a_completed_one_keeps_its_coverage_and_gives_no_advice(self, event, member):
        place(event, member)
        Event.objects.update(status=Status.COMPLETED)
        text = page(event, make_member())
        assert "Pokrytí kvalifikací" in text
        assert "Chybí účastníci" not in text
        assert not offers(text)

    def test_names_other_duties_at_that_time(self, event, member):
        put(member, PositionFactory(event=EventFactory(name="Hokej", start=EVENING + timedelta(hours=1))))
        assert "Ve stejnou dobu máte i jinou službu" in page(event, member)

    def test_has_nothing_inline(self, event, doctor, member):
        place(event, able(doctor), member)
        for person in (member, make_coordinator()):
            assert inline_parts(logged_in(person).get(f"/events/{event.pk}/")) == []


class TestOffer:
    def test_a_button_while_a_seat_is_left(self, event, member):
        text = page(event, member)
        assert offers(text)
        assert f'action="/events/{event.pk}/signup/"' in text
        assert f'hx-post="/events/{event.pk}/signup/"' in text
        assert "Přihlásit se na akci" in text

    def test_in_place_of_the_button_for_whom_the_seats_are_kept(self, event, driver, member):
        place(event, make_member())
        text = page(event, member)
        assert not offers(text)
        assert "Zbývající místa jsou vyhrazena pro chybějící kvalifikace (Lékař ×1, Řidič ×1)" in text
        assert offers(page(event, able(driver)))

    @pytest.mark.parametrize("status", [Status.PUBLISHED, Status.CLOSED])
    def test_why_not_when_sign_ups_are_not_open(self, event, member, status):
        Event.objects.update(status=status)
        text = page(event, member)
        assert "Přihlášky na tuto akci nejsou otevřené." in text
        assert not offers(text)

    def test_why_not_when_a_coordinator_places_people(self, event, member):
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        text = page(event, member)
        assert "Tuto akci řídí koordinátor" in text
        assert not offers(text)

    def test_why_not_for_a_viewer(self, event):
        text = page(event, make_viewer())
        assert "Nemáte oprávnění přihlašovat se na akce." in text
        assert not offers(text)

    def test_a_holding_that_ends_before_the_day_opens_no_kept_seat(self, event, driver):
        place(event, make_member())
        late = make_member()
        hold(late, driver, until=EVENING.date() - timedelta(days=1))
        assert not offers(page(event, late))


class TestSigningUp:
    def test_answers_in_place_with_the_eye_on_ones_own_line(self, event, member):
        answer = signup(event, member)
        text = text_of(answer)
        assert answer.status_code == 200
        assert event.assignments.get().person == member
        assert "Jste přihlášeni na akci Půlmaraton." in text
        assert "/leave/" in text
        assert "<html" not in text
        assert text.count("autofocus") == 1
        assert 'id="seat" class="place is-mine" tabindex="-1" autofocus' in text

    def test_the_last_one_closes_the_sign_ups_and_the_page_shows_it(self, event, doctor, driver, member):
        place(event, able(doctor), able(driver))
        assert "Přihlášky uzavřeny" in text_of(signup(event, member))

    def test_without_scripts_leads_back(self, event, member):
        answer = signup(event, member, target=None)
        assert (answer.status_code, answer.url) == (302, f"/events/{event.pk}/")

    def test_without_scripts_leads_back_to_the_list_but_never_to_another_site(self, event, member):
        assert signup(event, member, target=None, next="/events/?q=pul").url == "/events/?q=pul"
        other = make_member()
        assert signup(event, other, target=None, next="https://evil.example/").url == f"/events/{event.pk}/"

    def test_from_the_list_answers_with_the_row(self, event, member):
        text = text_of(signup(event, member, target=f"event-{event.pk}", next="/events/"))
        assert text.startswith(f'<tr id="event-{event.pk}"')
        assert "Přihlášen" in text
        assert "1 / 2 / 3" in text

    def test_warns_of_an_overlapping_duty(self, event, member):
        put(member, PositionFactory(event=EventFactory(name="Hokej", start=EVENING + timedelta(hours=1))))
        text = text_of(signup(event, member))
        assert "Pozor, ve stejnou dobu máte i jinou službu:" in text
        assert event.assignments.filter(person=member).exists()

    def test_only_by_post_and_only_by_people(self, event, member):
        assert logged_in(member).get(f"/events/{event.pk}/signup/").status_code == 405
        assert Client().post(f"/events/{event.pk}/signup/").url.startswith("/login/")
        assert not Assignment.objects.exists()

    def test_what_one_may_not_know_about_is_not_found(self, event):
        Event.objects.update(status=Status.DRAFT)
        assert signup(event, make_viewer()).status_code == 404


class TestRefusals:
    def refused(self, event, person, words):
        before = Assignment.objects.count()
        answer = signup(event, person)
        assert answer.status_code == 409
        assert words in text_of(answer)
        assert text_of(answer).count("autofocus") <= 1
        assert signup(event, person, target=None).status_code == 302
        assert Assignment.objects.count() == before

    def test_a_seat_that_is_kept(self, event, member):
        place(event, make_member())
        self.refused(event, member, "Zbývající místa jsou vyhrazena pro chybějící kvalifikace (Lékař ×1, Řidič ×1)")

    def test_a_lost_race_for_the_last_seat(self, event, member):
        place(event, *(make_member() for _n in range(3)))
        Event.objects.update(status=Status.CLOSED, capacity_closed=True)
        self.refused(event, member, "Maximální kapacita akce je naplněna.")

    def test_twice(self, event, member):
        place(event, member)
        self.refused(event, member, "Již jste přihlášeni na tuto akci.")

    def test_an_event_with_positions(self, doctor):
        self.refused(make_event(doctor), able(doctor), "Tato akce")

    def test_a_viewer(self, event):
        self.refused(event, make_viewer(), "Nemáte oprávnění přihlašovat se na akce.")


class TestLeaving:
    def test_answers_in_place_and_offers_to_take_it_back(self, event, member):
        place(event, member)
        answer = leave(event, member)
        text = text_of(answer)
        assert answer.status_code == 200
        assert not event.assignments.exists()
        assert "Odhlásili jsme vás z akce Půlmaraton." in text
        assert 'type="submit" form="sign-up"' in text
        assert offers(text)
        assert text.count("autofocus") == 1

    def test_offers_nothing_that_would_be_refused(self, event, member):
        place(event, make_member(), member)  # more than the seats that are not kept
        text = text_of(leave(event, member))
        assert 'form="sign-up"' not in text
        assert "Zbývající místa jsou vyhrazena" in text

    def test_offers_nothing_when_sign_ups_are_closed(self, event, member):
        place(event, member)
        Event.objects.update(status=Status.CLOSED)
        assert 'form="sign-up"' not in text_of(leave(event, member))

    def test_without_scripts_leads_back_to_the_page_whose_button_it_offers(self, event, member):
        place(event, member)
        client = logged_in(member)
        text = text_of(client.post(f"/events/{event.pk}/leave/", follow=True))
        assert 'form="sign-up"' in text
        assert offers(text)

    def test_refuses_whoever_is_not_there(self, event, member):
        assert leave(event, member).status_code == 409


class TestList:
    @pytest.fixture
    def listed(self, member):
        client = logged_in(member)
        return lambda **params: client.get(URL, params)

    def test_shows_the_figures_and_joins_directly(self, event, listed):
        text = text_of(listed())
        assert "0 / 2 / 3" in text
        assert "Nesplněné podmínky" in text
        assert f'action="/events/{event.pk}/signup/"' in text
        assert 'aria-label="Přihlásit se na akci Půlmaraton"' in text

    def test_offers_no_seat_that_is_kept_for_others(self, event, listed):
        place(event, make_member())
        assert "/signup/" not in text_of(listed())

    def test_the_choice_of_a_position_leads_to_the_page(self, event, member):
        assert logged_in(member).get(f"/events/{event.pk}/join/").url == f"/events/{event.pk}/"

    def test_sorts_by_the_people_who_are_needed_in_both_modes(self, doctor, listed):
        for needed in (4, 2):
            make_capacity_event({doctor: 1}, minimum=needed, maximum=6, name=f"Podmínky {needed}")
        for needed in (3, 1):
            make_event(doctor, places=needed, optional=3, name=f"Pozice {needed}")
        expected = ["Pozice 1", "Podmínky 2", "Pozice 3", "Podmínky 4"]
        assert names_in(listed(sort="size")) == expected
        assert names_in(listed(sort="-size")) == expected[::-1]

    def test_for_me_finds_what_i_could_join(self, event, doctor, driver, listed, member):
        kept = make_capacity_event({doctor: 1}, minimum=1, maximum=1, name="Vyhrazená")
        make_event(doctor, name="Pozice", places=2)
        make_capacity_event({doctor: 1}, name="Zavřená", status=Status.CLOSED)
        place(make_capacity_event({doctor: 1}, name="Moje"), member)
        assert set(names_in(listed(for_me="on"))) == {"Půlmaraton", "Pozice"}
        hold(member, doctor)
        assert kept.name in names_in(listed(for_me="on"))


def soon(days: float = 2, **fields):
    return {"start": timezone.now() + timedelta(days=days), **fields}


class TestDashboard:
    @pytest.fixture
    def shown(self, member):
        def read(person=member, **params):
            return unescape(text_of(logged_in(person).get("/", params)))

        return read

    def panel(self, text, title):
        return text[text.index(title) :].split("</section>")[0]

    def test_open_sign_ups_show_the_capacity_what_is_missing_and_a_button(self, doctor, driver, shown):
        event = make_capacity_event({doctor: 2, driver: 1}, minimum=2, maximum=5, name="Závod", **soon())
        panel = self.panel(shown(), "Otevřené přihlášky")
        assert "0 / 2 / 5" in panel
        assert "Lékař (2×), Řidič" in panel
        assert f'action="/events/{event.pk}/signup/"' in panel
        assert "Nesplněné podmínky" not in panel

    def test_where_i_would_not_help_is_shown_on_demand(self, doctor, shown):
        event = make_capacity_event({doctor: 1}, minimum=1, maximum=4, name="Závod", **soon())
        leader = able(doctor)
        place(event, leader)
        Event.objects.update(responsible_person=leader)
        assert "Závod" not in self.panel(shown(), "Otevřené přihlášky")
        assert "Závod" in self.panel(shown(show="all"), "Otevřené přihlášky")

    def test_a_kept_seat_is_no_open_sign_up(self, doctor, shown):
        make_capacity_event({doctor: 1}, minimum=1, maximum=1, name="Závod", **soon())
        assert "Závod" not in shown(show="all")

    def test_my_events_say_in_words_what_is_missing(self, doctor, driver, member, shown):
        place(make_capacity_event({doctor: 1, driver: 1}, name="Závod", **soon(20)), member)
        mine = self.panel(shown(), "Moje akce")
        assert "1 / 2 / 4" in mine
        assert "Pozor" in mine
        assert "Chybí účastníci: 1" in mine
        assert "Chybí: Lékař ×1, Řidič ×1" in mine
        assert "Chybí zodp. osoba" in mine

    def test_one_that_is_not_sufficient_needs_attention_even_when_closed(self, doctor, shown):
        make_capacity_event({doctor: 1}, name="Závod", status=Status.CLOSED, **soon())
        attention = self.panel(shown(make_coordinator()), "Vyžaduje pozornost")
        assert "Závod" in attention
        assert "Naléhavé" in attention

    def test_the_next_duty_needs_no_position(self, doctor, member, shown):
        place(make_capacity_event({doctor: 1}, name="Závod", address="Letná", **soon(1)), member)
        assert "Závod" in shown()


class TestQueries:
    @pytest.fixture
    def client(self, member, doctor):
        hold(member, doctor)
        client = logged_in(member)
        client.get(URL)  # the first request of a session also settles how long it lasts
        return client

    def crowd(self, doctor, driver, count):
        for _n in range(count):
            event = make_capacity_event({doctor: 1, driver: 2}, maximum=6, master_event=MasterEventFactory())
            place(event, able(doctor), make_member(), able(driver))

    def test_of_the_page_are_few_and_do_not_grow(
        self, client, event, doctor, driver, member, django_assert_max_num_queries
    ):
        for event_of_mine in (make_capacity_event({doctor: 1}) for _n in range(2)):
            place(event_of_mine, member)
        place(event, able(driver))
        with django_assert_max_num_queries(14) as few:
            client.get(f"/events/{event.pk}/")
        demands = {QualificationFactory(direct_substitutes=[doctor]): 1 for _n in range(10)}
        crowded = make_capacity_event(demands, minimum=12, maximum=40)
        place(crowded, *(able(doctor, driver) for _n in range(30)))
        with django_assert_max_num_queries(len(few)):
            assert client.get(f"/events/{crowded.pk}/").status_code == 200

    def test_of_a_full_list_of_both_modes_are_few_and_do_not_grow(
        self, client, doctor, driver, django_assert_max_num_queries
    ):
        self.crowd(doctor, driver, 2)
        make_event(doctor)
        client.get(URL)  # the session remembers what was shown
        with django_assert_max_num_queries(12) as few:
            client.get(URL)
        self.crowd(doctor, driver, 40)
        for _n in range(40):
            make_event(doctor, places=3)
        most = len(few)
        client.get(URL)
        with django_assert_max_num_queries(most):
            assert len(names_in(client.get(URL))) == 75

    @pytest.mark.parametrize("params", [{}, {"for_me": "on"}, {"sort": "size"}])
    def test_both_modes_cost_one_query_more_than_conditions_alone(
        self, client, doctor, driver, params, django_assert_max_num_queries
    ):
        self.crowd(doctor, driver, 6)
        client.get(URL, params)  # the session remembers what was shown
        with django_assert_max_num_queries(12) as alone:
            assert len(names_in(client.get(URL, params))) == 6
        for _n in range(3):
            make_event(doctor, places=2)
        most = len(alone) + 1  # the free positions, which events staffed by conditions do not have
        client.get(URL, params)
        with django_assert_max_num_queries(most):
            assert len(names_in(client.get(URL, params))) == 9

"""The register of people on the member pages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials.tests.factories import QualificationFactory, hold
from events.tests.pages import inline_parts, logged_in, names_in, text_of
from medcover.backoffice.tests.pages import queries_of
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST = reverse("people")


@pytest.fixture
def reader():
    return make_member(name="Čtenářka Eva", email="eva@example.org", language="en")


@pytest.fixture
def client(reader):
    return logged_in(reader)


def page_of(person: User) -> str:
    return reverse("person", args=[person.pk])


def archived(**fields) -> User:
    return make_member(is_active=False, is_archived=True, **fields)


class TestWho:
    @pytest.mark.parametrize("make", [make_admin, make_coordinator, make_member, make_viewer])
    def test_whoever_may_see_people_finds_them_in_the_menu(self, make):
        client = logged_in(make())
        assert client.get(LIST).status_code == 200
        assert f'href="{LIST}"' in text_of(client.get("/profile/"))

    def test_others_are_refused_and_not_led_there(self):
        client, person = logged_in(UserFactory(roles=[Role.TECHNICIAN])), make_member()
        assert [client.get(url).status_code for url in (LIST, page_of(person))] == [403, 403]
        assert f'href="{LIST}"' not in text_of(client.get("/profile/"))

    def test_people_who_left_exist_only_for_those_who_may_list_them(self, client):
        gone = archived(name="Odešla Jana")
        assert client.get(page_of(gone)).status_code == 404
        assert client.get(LIST, {"archived": "on"}).status_code == 403
        admin = logged_in(make_admin())
        assert names_in(admin.get(LIST, {"archived": "on"})) == ["Odešla Jana"]
        assert admin.get(page_of(gone)).status_code == 200

    def test_only_whoever_may_open_the_backoffice_is_led_there(self, client):
        person = make_member()
        link = reverse("admin:roster_user_change", args=[person.pk])
        assert link not in text_of(client.get(page_of(person)))
        assert link in text_of(logged_in(make_coordinator()).get(page_of(person)))


class TestList:
    def test_is_in_czech_order_without_people_who_left(self, client):
        for name in ("Zeman", "Chalupa", "Hora", "Cibulka"):
            make_member(name=name)
        archived(name="Aleš")
        assert names_in(client.get(LIST)) == ["Cibulka", "Čtenářka Eva", "Hora", "Chalupa", "Zeman"]

    def test_shows_what_the_reader_wants_to_know(self, client):
        person = make_member(name="Dvořák Petr", email="petr@example.org")
        hold(person, QualificationFactory(name="Řidič"), until=date(2020, 1, 1))
        hold(person, QualificationFactory(name="Lékař"))
        hold(person, QualificationFactory(name="Smazaná", is_deleted=True, deleted_at=timezone.now()))
        text = text_of(client.get(LIST, {"q": "petr"}))
        assert "mailto:petr@example.org" in text
        assert "Lékař, Řidič (expired)" in text
        assert "Smazaná" not in text
        assert "Member" in text

    def test_is_searched_by_name_and_address_without_diacritics(self, client):
        make_member(name="Dvořák Petr", email="petr@example.org")
        assert names_in(client.get(LIST, {"q": "dvorak"})) == ["Dvořák Petr"]
        assert names_in(client.get(LIST, {"q": "PETR@"})) == ["Dvořák Petr"]
        assert "Nobody matches" in text_of(client.get(LIST, {"q": "nikdo takový"}))

    def test_is_filtered_by_role(self, client):
        make_coordinator(name="Koordinátor Karel")
        assert names_in(client.get(LIST, {"role": "Coordinator"})) == ["Koordinátor Karel"]
        assert len(names_in(client.get(LIST, {"role": "Emperor"}))) == 2

    @pytest.mark.parametrize("key", ["name", "email", "state", "created", "login"])
    def test_five_columns_sort_both_ways(self, client, key):
        sooner = timezone.now() - timedelta(days=2)
        for days, person in enumerate(["Aleš", "Beran"]):
            make_member(name=person, email=f"{days}@sorted.example", is_active=days == 0)
            moment = sooner + timedelta(days=days)
            User.objects.filter(name=person).update(created=moment, last_login=moment)
        assert names_in(client.get(LIST, {"q": "@sorted", "sort": key})) == ["Aleš", "Beran"]
        assert names_in(client.get(LIST, {"q": "@sorted", "sort": f"-{key}"})) == ["Beran", "Aleš"]

    @pytest.mark.parametrize("sort", ["login", "-login"])
    def test_who_never_logged_in_comes_last_in_both_directions(self, client, sort):
        make_member(name="A nikdy")
        assert names_in(client.get(LIST, {"sort": sort}))[-1] == "A nikdy"

    @pytest.mark.parametrize("sort", ["", "password", "-", "--name", "name_sort"])
    def test_an_unknown_order_is_that_of_names(self, client, sort):
        make_member(name="Zeman"), make_member(name="Aleš")
        assert names_in(client.get(LIST, {"sort": sort})) == ["Aleš", "Čtenářka Eva", "Zeman"]

    def test_a_page_behind_the_end_leads_to_the_last_one_with_everything_kept(self, client):
        UserFactory.create_batch(31)
        answer = client.get(LIST, {"page": "99", "role": "Member", "sort": "-name"})
        assert answer.status_code == 302
        assert {"page=2", "role=Member", "sort=-name"} <= set(answer.url.partition("?")[2].split("&"))

    @pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
    def test_no_page_number_is_an_error(self, client, number):
        assert client.get(LIST, {"page": number}).status_code in (200, 302)

    def test_costs_no_more_for_more_people(self, client):
        few = queries_of(client, LIST)
        for _ in range(20):
            hold(UserFactory(roles=[Role.MEMBER, Role.COORDINATOR]), QualificationFactory())
        assert queries_of(client, LIST) <= few + 1 <= 12  # one more: before, nobody held anything


class TestOnePerson:
    def test_can_be_called_and_written_to(self, client):
        person = make_member(phone="+420 777 123 456", email="petr@example.org")
        text = text_of(client.get(page_of(person)))
        assert 'href="tel:+420777123456"' in text
        assert 'href="mailto:petr@example.org"' in text

    def test_shows_roles_state_and_what_they_can_do(self, client):
        person = make_member(is_active=False)
        hold(person, QualificationFactory(name="Lékař"), until=date(2020, 1, 1))
        text = text_of(client.get(page_of(person)))
        assert "Waiting for activation" in text
        assert "Expired, was valid until 01.01.2020" in text
        assert f"{timezone.localdate():%d.%m.%Y}" in text

    def test_without_phone_and_qualifications_says_so(self, client):
        text = text_of(client.get(page_of(make_member(phone=""))))
        assert "tel:" not in text
        assert "No qualification is recorded." in text

    def test_keeps_the_content_security_policy(self, client, reader):
        assert [inline_parts(client.get(url)) for url in (LIST, page_of(reader))] == [[], []]

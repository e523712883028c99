"""The page on which an administrator erases somebody who has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.tests.factories import EventFactory, PositionFactory, put
from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, rows_of, text_of, told
from medcover.system.models import AuditEntry
from roster.models import User
from roster.services import erasure
from roster.tests.departed import ADDRESS, NAME, make_departed
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:roster_user_changelist")


@pytest.fixture
def admin() -> User:
    return make_admin(name="Adminová Eva", language="en")


def gone(**fields) -> User:
    return make_member(**{"name": NAME, "email": ADDRESS, "is_active": False, "is_archived": True, **fields})


def page_of(person: User) -> str:
    return reverse("admin:roster_user_change", args=[person.pk])


def erase_page(person: User) -> str:
    return reverse("admin:roster_user_erase", args=[person.pk])


def confirmed(person: User, **changes) -> dict[str, object]:
    return {"version": person.version, "typed": person.email, **changes}


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def erased(by: User, **fields) -> User:
    person = gone(**fields)
    return erasure.erase(person.pk, typed=person.email, by=by, at=timezone.now())


class TestTheWayThere:
    def test_stands_on_the_page_of_whoever_has_left(self, admin):
        person = gone()
        assert browser(admin).get(page_of(person)).context["erase_url"] == erase_page(person)

    @pytest.mark.parametrize("fields", [{"is_archived": False}, {"is_archived": False, "is_active": True}])
    def test_is_not_offered_for_others(self, admin, fields):
        person = gone(**fields)
        client = browser(admin)
        assert client.get(page_of(person)).context["erase_url"] == ""
        answer = client.get(erase_page(person))
        assert (answer.status_code, answer.url) == (302, page_of(person))
        assert told(answer) == ["Only an archived person can be erased. Archive the person first."]

    def test_is_not_there_for_coordinators(self):
        client, person = browser(make_coordinator()), gone()
        assert client.get(erase_page(person)).status_code == 404
        assert client.post(erase_page(person), confirmed(person)).status_code == 404
        living = make_member()
        assert client.get(erase_page(living)).status_code == 403
        assert client.post(erase_page(living), confirmed(living)).status_code == 403
        assert fresh(person).name == NAME

    def test_nobody_else_gets_there(self, admin):
        assert browser(make_member()).get(erase_page(gone())).status_code == 302
        assert browser(admin).get("/admin/roster/user/nobody/erase/").status_code == 404


class TestThePage:
    def test_says_what_goes_and_what_stays(self, admin):
        departed = make_departed()
        answer = browser(admin).get(erase_page(departed.person))
        text = text_of(answer)
        assert answer.status_code == 200
        for words in ("Qualifications <strong>1</strong>", "Duties and their hours <strong>1</strong>", ADDRESS):
            assert words in text
        assert inline_parts(answer) == []
        assert fresh(departed.person).name == NAME

    def test_names_what_stands_in_the_way_and_offers_nothing(self, admin):
        person = gone()
        put(person, PositionFactory(event=EventFactory(name="Koncert", start=timezone.now() + timedelta(days=2))))
        text = text_of(browser(admin).get(erase_page(person)))
        assert "Koncert (" in text
        assert 'name="typed"' not in text

    def test_warns_of_a_namesake(self, admin):
        make_member(name=NAME)
        assert f"This may mean somebody else as well: {NAME}." in text_of(browser(admin).get(erase_page(gone())))

    def test_costs_no_more_for_more(self, admin):
        person, client = gone(), browser(admin)
        few = queries_of(client, erase_page(person))
        for number in range(10):
            event = EventFactory(name=f"Akce {number}", start=timezone.now() + timedelta(days=number + 1))
            put(person, PositionFactory(event=event))
        assert queries_of(client, erase_page(person)) <= few <= 80


class TestErasing:
    def test_erases_and_shows_the_pseudonym(self, admin):
        person = gone()
        answer = browser(admin).post(erase_page(person), confirmed(person), follow=True)
        name = fresh(person).name
        assert name.startswith("Smazaná osoba ")
        assert answer.redirect_chain == [(page_of(person), 302)]
        text = text_of(answer)
        assert f"is kept under the name “{name}”" in text
        assert NAME not in text
        assert ADDRESS not in text

    def test_another_address_comes_back_with_the_page(self, admin):
        person = gone()
        answer = browser(admin).post(erase_page(person), confirmed(person, typed="jiny@example.org"))
        assert answer.status_code == 422
        assert "This is not the e-mail of the person." in text_of(answer)
        assert inline_parts(answer) == []
        assert fresh(person).name == NAME

    @pytest.mark.parametrize("version", [7, "", "x"])
    def test_a_stale_form_changes_nothing(self, admin, version):
        person = gone()
        answer = browser(admin).post(erase_page(person), confirmed(person, version=version))
        assert told(answer) == ["The record has been changed in the meantime, please reload the page."]
        assert fresh(person).name == NAME

    def test_what_stands_in_the_way_is_said(self, admin):
        person = gone(is_archived=False)
        answer = browser(admin).post(erase_page(person), confirmed(person))
        assert told(answer) == ["Only an archived person can be erased. Archive the person first."]

    def test_oneself_is_refused(self, admin):
        answer = browser(admin).post(erase_page(admin), confirmed(admin))
        assert "You cannot do this to your own account." in told(answer)[0]
        assert fresh(admin).name == "Adminová Eva"

    def test_a_second_time_is_answered_kindly(self, admin):
        person = erased(admin)
        client = browser(admin)
        for answer in (client.get(erase_page(person)), client.post(erase_page(person), confirmed(person))):
            assert (answer.status_code, answer.url) == (302, page_of(person))
        assert told(answer)[-1] == "The personal data of this person have already been erased."
        assert AuditEntry.objects.filter(kind="erase").count() == 1


class TestAPseudonym:
    def test_is_shown_with_nothing_to_do(self, admin):
        person = erased(admin)
        answer = browser(admin).get(page_of(person))
        assert answer.status_code == 200
        assert answer.context["buttons"] == []
        assert answer.context["erase_url"] == ""
        assert not answer.context["has_change_permission"]
        assert "erased.invalid" not in text_of(answer)

    def test_takes_no_form(self, admin):
        person = erased(admin)
        answer = browser(admin).post(page_of(person), {"name": NAME, "email": ADDRESS, "version": person.version})
        assert answer.status_code == 403
        assert fresh(person).name == person.name

    @pytest.mark.parametrize("code", ["unarchive", "activate", "reset_second_factor", "unlock"])
    def test_takes_no_step(self, admin, code):
        person = erased(admin)
        url = reverse("admin:roster_user_step", args=[person.pk, code])
        answer = browser(admin).post(url, {"version": person.version})
        assert told(answer) == ["The personal data of this person have already been erased."]
        assert fresh(person).state == User.State.ERASED

    def test_stands_in_a_list_of_its_own(self, admin):
        person, other = erased(admin), gone(name="Archivovaná Jana", email="jana@example.org")
        client = browser(admin)
        assert rows_of(client.get(LIST)) == [admin.name]
        assert rows_of(client.get(LIST, {"state": "archived"})) == [other.name]
        assert rows_of(client.get(LIST, {"state": "erased"})) == [person.name]
        assert rows_of(client.get(LIST, {"state": "erased", "q": NAME})) == []

    def test_list_of_them_is_not_for_coordinators(self, admin):
        erased(admin)
        assert browser(make_coordinator()).get(LIST, {"state": "erased"}).status_code == 403

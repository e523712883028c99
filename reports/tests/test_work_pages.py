"""The page of work reports and the file: who gets what, and what odd addresses and forms bring."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
import time_machine
from django.utils import timezone
from openpyxl import load_workbook

from events.tests.pages import logged_in
from reports.models import WorkReport
from reports.tests.duties import at, served
from roster import services as accounts
from roster.models import User
from roster.services import erasure
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

PAGE = "/reports/work-report/"
NOW = at(2027, 5, 15)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def person():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def coordinator():
    return make_coordinator()


def post(user, month="2027-04", query=""):
    return logged_in(user).post(PAGE + query, {"month": month})


def made(user, query="") -> WorkReport:
    assert post(user, query=query).status_code == 302
    found: WorkReport = WorkReport.objects.made_by(user).latest("made_at")
    return found


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


class TestTheForm:
    def test_begins_with_the_last_whole_month(self, person):
        page = logged_in(person).get(PAGE).content.decode()
        assert '<option value="2027-04" selected>Duben 2027</option>' in page
        assert '<optgroup label="2024">' in page
        assert "2027-06" not in page

    def test_is_reached_from_the_profile(self, person):
        assert f'href="{PAGE}"' in logged_in(person).get("/profile/").content.decode()

    def test_not_by_whoever_may_not(self):
        viewer = make_viewer()
        assert f'href="{PAGE}"' not in logged_in(viewer).get("/profile/").content.decode()
        assert logged_in(viewer).get(PAGE).status_code == 403

    def test_makes_the_report_and_says_so(self, person):
        served(person, at(2027, 4, 10), 3.75, name="Koncert")
        answer = logged_in(person).post(PAGE, {"month": "2027-04"}, follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain == [(PAGE, 302)]
        assert "Výkaz pro Duben 2027 byl vygenerován." in page
        assert "Vygenerováno: 15.05.2027 08:00, vyprší: 16.05.2027 08:00" in page
        assert WorkReport.objects.get().get_absolute_url() in page

    @pytest.mark.parametrize(
        ("month", "said"),
        [
            ("", "Vyberte měsíc"), ("x", "Vyberte měsíc"), ("2027", "Vyberte měsíc"), ("2027-05-01", "Vyberte měsíc"),
            ("٢٠٢٧-٠٥", "Vyberte měsíc"), ("99999-01", "Vyberte měsíc"), ("-1-1", "Vyberte měsíc"),
            ("2027-0", "od 1 do 12"), ("2027-13", "od 1 do 12"), ("2019-12", "Pro tento rok"),
            ("2028-01", "Pro tento rok"), ("2027-06", "ještě nezačal"), ("9999-12", "Pro tento rok"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong_and_makes_nothing(self, person, month, said):
        answer = post(person, month)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not WorkReport.objects.exists()

    def test_an_empty_form_is_refused(self, person):
        assert logged_in(person).post(PAGE).status_code == 422

    def test_older_months_than_those_offered_can_be_asked_for(self, person):
        assert post(person, "2020-01").status_code == 302


class TestOthers:
    def test_are_found_and_chosen(self, person, coordinator):
        client = logged_in(coordinator)
        assert f"{PAGE}?person={person.pk}" in client.get(PAGE, {"q": "dvorak"}).content.decode()
        assert f"{PAGE}?person={person.pk}" in client.get(f"/people/{person.pk}/").content.decode()
        assert "Dvořák Petr" in client.get(PAGE, {"person": person.pk}).content.decode()

    def test_are_no_matter_of_members(self, person):
        page = logged_in(person).get(PAGE, {"q": "a"}).content.decode()
        assert "Výkaz někoho jiného" not in page

    def test_nobody_searches_without_the_right(self, person):
        make_member(name="Tajná Osoba")
        assert "Tajná" not in logged_in(person).get(PAGE, {"q": "tajna"}).content.decode()

    def test_the_page_leads_back_to_the_same_person(self, person, coordinator):
        answer = post(coordinator, query=f"?person={person.pk}")
        assert answer.url == f"{PAGE}?person={person.pk}"
        report = WorkReport.objects.get()
        assert (report.person, report.made_by) == (person, coordinator)
        assert report.get_absolute_url() in logged_in(coordinator).get(answer.url).content.decode()
        assert report.get_absolute_url() not in logged_in(coordinator).get(PAGE).content.decode()

    @pytest.mark.parametrize("write", [str.upper, lambda key: key.replace("-", "")])
    def test_ones_own_key_in_any_writing_is_oneself(self, person, write):
        assert post(person, query=f"?person={write(str(person.pk))}").url == PAGE

    @pytest.mark.parametrize("key", ["x", "1", "'", "%00", "9" * 40, "zzzzzzzz-0000-4000-8000-000000000000"])
    def test_what_is_no_key_is_a_bad_request(self, person, coordinator, key):
        assert logged_in(coordinator).get(f"{PAGE}?person={key}").status_code == 400
        assert post(person, query=f"?person={key}").status_code == 400

    def test_nobody_is_not_found_but_only_by_whoever_may_ask(self, person, coordinator):
        unknown = "?person=00000000-0000-4000-8000-000000000000"
        assert logged_in(coordinator).get(PAGE + unknown).status_code == 404
        assert logged_in(person).get(PAGE + unknown).status_code == 403
        assert post(coordinator, query=unknown).status_code == 404

    def test_those_who_have_left_only_by_whoever_may_see_them(self, person, coordinator):
        admin = make_admin()
        accounts.archive(person.pk, by=admin, at=NOW)
        query = f"?person={person.pk}"
        assert post(coordinator, query=query).status_code == 404
        assert post(admin, query=query).status_code == 302
        erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)
        assert post(admin, query=query).status_code == 404

    def test_those_who_are_deactivated_still_have_worked(self, person, coordinator):
        User.objects.filter(pk=person.pk).update(is_active=False)
        assert post(coordinator, query=f"?person={person.pk}").status_code == 302


class TestTheFile:
    def test_is_a_workbook_with_a_czech_name_that_nobody_keeps(self, person):
        answer = logged_in(person).get(made(person).get_absolute_url())
        assert quote("výkaz práce 2027-04 Dvořák Petr.xlsx") in answer["Content-Disposition"]
        assert answer["Content-Disposition"].startswith("attachment")
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert load_workbook(BytesIO(content(answer))).sheetnames == ["Duben"]

    def test_is_nobody_elses_not_even_of_whom_it_is_about(self, person, coordinator):
        others = made(coordinator, query=f"?person={person.pk}").get_absolute_url()
        own = made(person).get_absolute_url()
        for reader, address in [(person, others), (coordinator, own), (make_admin(), own), (make_admin(), others)]:
            assert logged_in(reader).get(address).status_code == 404
        assert logged_in(person).get(own).status_code == 200
        assert others not in logged_in(person).get(PAGE).content.decode()
        assert own not in logged_in(coordinator).get(PAGE, {"person": person.pk}).content.decode()

    def test_is_gone_after_a_day_even_before_the_worker_comes(self, person):
        address = made(person).get_absolute_url()
        client = logged_in(person)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            client = logged_in(person)
            assert client.get(address).status_code == 404
            assert address not in client.get(PAGE).content.decode()

    def test_that_the_storage_has_lost_is_not_found(self, person):
        report = made(person)
        report.file.storage.delete(report.file.name)
        assert logged_in(person).get(report.get_absolute_url()).status_code == 404

    def test_goes_with_the_right(self, person, coordinator):
        address = made(coordinator, query=f"?person={person.pk}").get_absolute_url()
        coordinator.groups.clear()
        assert logged_in(User.objects.get(pk=coordinator.pk)).get(address).status_code == 403

    def test_cannot_be_guessed_from_a_directory(self, person):
        assert logged_in(person).get(f"/media/{made(person).file.name}").status_code == 404

    def test_is_not_written_by_a_post(self, person):
        assert logged_in(person).post(made(person).get_absolute_url()).status_code == 405


def test_queries_do_not_grow(person, django_assert_max_num_queries):
    client = logged_in(person)
    made(person)
    with django_assert_max_num_queries(8) as few:
        client.get(PAGE)
    ceiling = len(few)
    for month in range(1, 4):
        served(person, at(2027, month, 3))
        post(person, f"2027-{month:02d}")
    assert WorkReport.objects.made_by(person).kept_at(timezone.now()).count() == 4
    with django_assert_max_num_queries(ceiling):
        client.get(PAGE)

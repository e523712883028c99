"""The own profile: what one may change, and what one reads there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.common.errors import StaleRecord
from medcover.system.models import AuditEntry, SiteSettings
from roster.models import User
from roster.tests.factories import PASSWORD, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

PROFILE = "/profile/"
NEW = "new horse, new luck"


@pytest.fixture
def person():
    return make_member(email="petr@example.org", name="Dvořák Petr", phone="777 123 456", language="en")


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


def personal(person: User, **changes):
    return {"name": person.name, "phone": person.phone, "version": person.version} | changes


def preferences(person: User, **changes):
    fields = (
        "calendar_view",
        "dashboard_horizon",
        "event_time_format",
        "reminder_hours",
        "theme",
        "language",
        "version",
    )
    return {name: getattr(person, name) for name in fields} | {"initial-theme": person.theme} | changes


def levels(answer) -> list[str]:
    return [message.level_tag for message in answer.context["messages"]]


def entries(person: User):
    return AuditEntry.objects.filter(object_pk=str(person.pk))


class TestPersonalDetails:
    def test_the_phone_is_saved_as_typed(self, client, person):
        answer = client.post(PROFILE, personal(person, phone=" 777 000 111 "), follow=True)
        assert answer.redirect_chain == [(PROFILE, 302)]
        assert levels(answer) == ["success"]
        person.refresh_from_db()
        assert (person.phone, person.version) == ("777 000 111", 2)

    def test_it_may_be_empty(self, client, person):
        client.post(PROFILE, personal(person, phone=""))
        person.refresh_from_db()
        assert person.phone == ""

    @pytest.mark.parametrize("phone", ["123", "call me", "+420", "777123456789"])
    def test_a_bad_phone_is_refused_with_everything_typed_kept(self, client, person, phone):
        answer = client.post(PROFILE, personal(person, phone=phone))
        assert answer.status_code == 422
        assert answer.context["personal_form"].errors.keys() == {"phone"}
        assert f'value="{phone}"' in answer.content.decode()
        person.refresh_from_db()
        assert person.version == 1

    def test_a_member_s_name_is_locked_and_a_posted_one_ignored(self, client, person):
        page = client.get(PROFILE)
        assert page.context["personal_form"].fields["name"].disabled
        client.post(PROFILE, personal(person, name="Král Petr", phone="777000111"))
        person.refresh_from_db()
        assert (person.name, person.phone) == ("Dvořák Petr", "777000111")

    def test_a_coordinator_may_change_the_name(self):
        person, client = make_coordinator(name="Nováková Jana"), Client()
        client.force_login(person)
        client.post(PROFILE, personal(person, name="  Dvořáková \t Jana"))
        person.refresh_from_db()
        assert person.name == "Dvořáková Jana"

    @pytest.mark.parametrize("name", ["", "   ", "\u200b"])
    def test_but_not_to_nothing(self, name):
        person, client = make_coordinator(), Client()
        client.force_login(person)
        answer = client.post(PROFILE, personal(person, name=name))
        assert answer.context["personal_form"].errors.keys() == {"name"}

    def test_the_e_mail_never(self, client, person):
        client.post(PROFILE, personal(person, email="other@example.org", phone="777000111"))
        person.refresh_from_db()
        assert person.email == "petr@example.org"

    def test_nothing_else_can_be_posted(self, client, person):
        client.post(PROFILE, personal(person, phone="777000111", is_superuser="on", theme="dark", is_archived="on"))
        person.refresh_from_db()
        assert (person.is_superuser, person.theme, person.is_archived) == (False, "auto", False)

    def test_a_change_is_recorded_with_who_did_it(self, client, person):
        client.post(PROFILE, personal(person, phone="777000111"))
        entry = entries(person).latest("id")
        assert entry.actor == person
        assert entry.changes["phone"] == ["777 123 456", "777000111"]

    def test_a_viewer_may_save_too(self):
        person, client = make_viewer(), Client()
        client.force_login(person)
        client.post(PROFILE, personal(person, phone="777000111"))
        person.refresh_from_db()
        assert person.phone == "777000111"


class TestStaleForms:
    @pytest.mark.parametrize("version", ["0", "2", "", "x", "99999999999999999999"])
    def test_are_refused_with_the_one_sentence_and_fresh_values(self, client, person, version):
        answer = client.post(PROFILE, personal(person, phone="777000111", version=version))
        assert answer.status_code == 409
        with translation.override("en"):
            assert [str(message) for message in answer.context["messages"]] == [str(StaleRecord())]
        assert answer.context["personal_form"].initial["phone"] == "777 123 456"
        person.refresh_from_db()
        assert person.phone == "777 123 456"

    def test_a_form_without_a_version_is_stale(self, client, person):
        data = personal(person, phone="777000111")
        del data["version"]
        assert client.post(PROFILE, data).status_code == 409

    def test_two_windows_the_second_loses(self, client, person):
        first, second = personal(person, phone="777000111"), personal(person, phone="777000222")
        client.post(PROFILE, first)
        assert client.post(PROFILE, second).status_code == 409
        person.refresh_from_db()
        assert person.phone == "777000111"

    def test_the_switch_of_colours_makes_no_form_stale(self, client, person):
        data = personal(person, phone="777000111")
        client.post("/profile/theme/", {"theme": "dark"})
        client.post(PROFILE, data)
        person.refresh_from_db()
        assert (person.phone, person.theme) == ("777000111", "dark")


class TestNothingChanged:
    @pytest.mark.parametrize("form", [personal, preferences])
    def test_nothing_is_written(self, client, person, form):
        before, recorded = person.updated, entries(person).count()
        address = PROFILE if form is personal else "/profile/preferences/"
        answer = client.post(address, form(person), follow=True)
        assert levels(answer) == ["info"]
        person.refresh_from_db()
        assert (person.version, person.updated) == (1, before)
        assert entries(person).count() == recorded


class TestPreferences:
    ADDRESS = "/profile/preferences/"

    def test_are_saved(self, client, person):
        wanted = {"calendar_view": "week", "dashboard_horizon": 60, "event_time_format": 2, "theme": "dark"}
        client.post(self.ADDRESS, preferences(person, **wanted))
        person.refresh_from_db()
        assert {name: getattr(person, name) for name in wanted} == wanted

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [("0", 1), ("-5", 1), ("366", 365), ("999999999999", 365), ("", 30), ("soon", 30), ("7.5", 30)],
    )
    def test_the_horizon_is_never_wrong(self, client, person, typed, kept):
        User.objects.filter(pk=person.pk).update(dashboard_horizon=90)
        client.post(self.ADDRESS, preferences(person, dashboard_horizon=typed))
        person.refresh_from_db()
        assert person.dashboard_horizon == kept

    def test_an_unknown_view_is_the_list(self, client, person):
        User.objects.filter(pk=person.pk).update(calendar_view="week")
        client.post(self.ADDRESS, preferences(person, calendar_view="spiral"))
        person.refresh_from_db()
        assert person.calendar_view == "list"

    @pytest.mark.parametrize("field", ["event_time_format", "reminder_hours", "theme", "language"])
    def test_other_unknown_choices_are_refused(self, client, person, field):
        answer = client.post(self.ADDRESS, preferences(person, **{field: "9"}))
        assert answer.context["preferences_form"].errors.keys() == {field}

    def test_the_answer_comes_in_the_new_language(self, client, person):
        answer = client.post(self.ADDRESS, preferences(person, language="cs"), follow=True)
        assert answer["Content-Language"] == "cs"

    def test_colours_switched_meanwhile_are_not_switched_back(self, client, person):
        data = preferences(person, dashboard_horizon=60)
        client.post("/profile/theme/", {"theme": "dark"})
        client.post(self.ADDRESS, data)
        person.refresh_from_db()
        assert (person.dashboard_horizon, person.theme) == (60, "dark")

    def test_reading_the_address_leads_to_the_page(self, client):
        assert client.get(self.ADDRESS)["Location"] == PROFILE

    def test_an_old_value_that_would_be_refused_today_is_not_in_the_way(self, client, person):
        User.objects.filter(pk=person.pk).update(phone="12")
        client.post(self.ADDRESS, preferences(person, dashboard_horizon=60))
        person.refresh_from_db()
        assert person.dashboard_horizon == 60


class TestTheme:
    ADDRESS = "/profile/theme/"

    def test_goes_round(self, client, person):
        seen = []
        for _ in range(4):
            client.post(self.ADDRESS)
            person.refresh_from_db()
            seen.append(person.theme)
        assert seen == ["light", "dark", "auto", "light"]

    @pytest.mark.parametrize("theme", ["light", "dark", "auto"])
    def test_takes_the_one_that_is_named(self, client, person, theme):
        client.post(self.ADDRESS, {"theme": theme})
        person.refresh_from_db()
        assert person.theme == theme

    def test_an_unknown_one_is_the_next_one(self, client, person):
        client.post(self.ADDRESS, {"theme": "pink"})
        person.refresh_from_db()
        assert person.theme == "light"

    def test_returns_to_the_page(self, client):
        answer = client.post(self.ADDRESS, {"theme": "dark", "next": "/profile/"}, follow=True)
        assert answer.redirect_chain == [("/profile/", 302)]
        assert 'data-bs-theme="dark"' in answer.content.decode()

    def test_htmx_reloads_the_page(self, client):
        answer = client.post(self.ADDRESS, {"theme": "dark"}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")

    def test_a_stranger_s_choice_stays_in_the_browser(self):
        assert Client().post(self.ADDRESS, {"theme": "dark", "next": "/login/"})["Location"] == "/login/"

    def test_is_only_for_forms(self, client):
        assert client.get(self.ADDRESS).status_code == 405


class TestPassword:
    ADDRESS = "/profile/password/"

    def change(self, client, current=PASSWORD, new=NEW, repeated=NEW):
        return client.post(self.ADDRESS, {"current": current, "new": new, "repeated": repeated})

    def test_is_changed_and_the_session_stays(self, client, person):
        assert self.change(client)["Location"] == PROFILE
        person.refresh_from_db()
        assert person.check_password(NEW)
        assert client.get(PROFILE).status_code == 200

    def test_other_sessions_of_the_person_end(self, client, person):
        elsewhere = Client()
        elsewhere.force_login(person)
        self.change(client)
        assert elsewhere.get(PROFILE).status_code == 302
        assert SESSION_KEY not in elsewhere.session

    @pytest.mark.parametrize(
        ("typed", "wrong"),
        [
            ({"current": "wrong", "new": "short", "repeated": "other"}, "current"),
            ({"new": "short", "repeated": "other"}, "new"),
            ({"repeated": "other than before"}, "repeated"),
        ],
    )
    def test_one_error_at_a_time_in_the_order_of_the_fields(self, client, person, typed, wrong):
        answer = self.change(client, **typed)
        assert answer.status_code == 422
        assert answer.context["password_form"].errors.keys() == {wrong}
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_eight_characters_are_enough_and_seven_are_not(self, client, person):
        assert self.change(client, new="1234567", repeated="1234567").status_code == 422
        assert self.change(client, new="12345678", repeated="12345678").status_code == 302

    def test_spaces_belong_to_it(self, client, person):
        self.change(client, new="  eight chars ", repeated="  eight chars ")
        person.refresh_from_db()
        assert person.check_password("  eight chars ")

    def test_is_recorded_without_any_value(self, client, person):
        self.change(client)
        person.refresh_from_db()
        entry = entries(person).latest("id")
        assert (entry.actor, entry.changes) == (person, {})
        told = f"{entry.summary} {entry.changes_text} {entry.additional_data}"
        assert NEW not in told
        assert person.password not in told
        assert person.version == 2

    def test_no_typed_password_comes_back(self, client):
        assert NEW not in self.change(client, repeated="other than before").content.decode()


class TestQualifications:
    def test_are_listed_with_their_validity_in_words(self, client, person):
        today = timezone.localdate()
        hold(person, QualificationFactory(name="Zdravotník"))
        hold(person, QualificationFactory(name="Řidič"), until=date(2099, 12, 31))
        hold(person, QualificationFactory(name="Záchranář"), until=today)
        hold(person, QualificationFactory(name="Lékař"), until=today - timedelta(days=1))
        page = client.get(PROFILE)
        valid = {row.qualification.name: is_valid for row, is_valid in page.context["holdings"]}
        assert valid == {"Zdravotník": True, "Řidič": True, "Záchranář": True, "Lékař": False}
        text = page.content.decode()
        assert "Valid until 31.12.2099" in text
        assert f"Expired, was valid until {today - timedelta(days=1):%d.%m.%Y}" in text

    def test_deleted_ones_and_those_of_others_are_not(self, client, person):
        hold(person, QualificationFactory(name="Stará", is_deleted=True, deleted_at=timezone.now()))
        hold(make_member(), QualificationFactory(name="Cizí"))
        assert not client.get(PROFILE).context["holdings"]


class TestDuties:
    def sign_up(self, person, days: float, **fields) -> Event:
        start = timezone.now() + timedelta(days=days)
        event = EventFactory(start=start, end=start + timedelta(hours=4), **fields)
        put(person, PositionFactory(event=event, description="Řidič"))
        return event

    def test_the_next_ten_are_listed_the_nearest_first(self, client, person):
        events = [self.sign_up(person, days) for days in range(12, 0, -1)]
        listed = [duty.event for duty in client.get(PROFILE).context["duties"]]
        assert listed == events[::-1][:10]

    def test_past_cancelled_archived_and_others_are_not(self, client, person):
        self.sign_up(person, -0.01)
        self.sign_up(person, 1, status=Status.CANCELLED)
        self.sign_up(person, 1, is_archived=True)
        self.sign_up(make_member(), 1)
        page = client.get(PROFILE)
        assert not page.context["duties"]
        assert "You have no duty ahead of you." in page.content.decode()

    def test_the_page_opens_with_the_next_one(self, client, person):
        event = self.sign_up(person, 2, name="Půlmaraton")
        page = client.get(PROFILE).content.decode()
        lead = page[page.index("lead-answer") :]
        assert lead.index(f"/events/{event.pk}/") < lead.index("<form")

    def test_the_number_of_queries_does_not_grow(self, client, person):
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                client.get(PROFILE)
            return len(captured)

        self.sign_up(person, 1)
        hold(person, QualificationFactory())
        queries()  # the first request of all makes the settings row
        few = queries()
        for days in range(2, 8):
            self.sign_up(person, days)
            hold(person, QualificationFactory())
        assert queries() <= few <= 15


class TestCalendarLinks:
    def test_both_are_shown_whole(self, client, person):
        page = client.get(PROFILE).content.decode()
        for token in (person.ical_token, person.ical_all_token):
            assert f'value="http://testserver/ical/{token}.ics"' in page

    def test_at_the_public_address_of_the_site(self, client, person):
        site = SiteSettings.load()
        site.base_url = "https://medcover.example/"
        site.save()
        assert f'value="https://medcover.example/ical/{person.ical_token}.ics"' in client.get(PROFILE).content.decode()

    @pytest.mark.parametrize(("which", "field"), [("own", "ical_token"), ("all", "ical_all_token")])
    def test_a_new_one_kills_the_old_one_at_once(self, client, person, which, field):
        old = getattr(person, field)
        assert client.get(f"/ical/{old}.ics").status_code == 200
        answer = client.post(f"/profile/calendar-link/{which}/")
        assert answer["Location"] == f"/profile/#calendar-link-{which}"
        person.refresh_from_db()
        new = getattr(person, field)
        assert client.get(f"/ical/{old}.ics").status_code == 404
        assert client.get(f"/ical/{new}.ics").status_code == 200
        told = str(list(entries(person).values()))
        assert old not in told
        assert new not in told

    def test_the_other_one_stays(self, client, person):
        client.post("/profile/calendar-link/own/")
        assert client.get(f"/ical/{person.ical_all_token}.ics").status_code == 200

    def test_renewing_needs_its_right(self):
        person, client = make_viewer(), Client()
        client.force_login(person)
        address = reverse("roster:calendar_link", args=["own"])
        assert address not in client.get(PROFILE).content.decode()
        assert client.post(address).status_code == 403

    def test_is_no_page_to_read(self, client):
        assert client.get("/profile/calendar-link/own/").status_code == 405
        assert client.post("/profile/calendar-link/other/").status_code == 404

    def test_the_guide_says_how_to_use_them(self, client):
        assert client.get("/profile/calendar-guide/").status_code == 200


class TestPage:
    def test_is_not_kept_by_caches(self, client):
        assert "no-store" in client.get(PROFILE)["Cache-Control"]

    def test_cards_stand_in_the_order_of_the_specification(self, client):
        page = client.get(PROFILE).content.decode()
        titles = [
            "Personal details",
            "Settings",
            "Change of password",
            "My qualifications",
            "Upcoming events",
            "Calendar link – my events",
            "Calendar link – all events",
        ]
        places = [page.index(f"{title}\n") if f"{title}\n" in page else page.index(title) for title in titles]
        assert places == sorted(places)

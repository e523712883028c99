"""Downloading everything that is known of oneself: complete, readable, without secrets and without others."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials.tests.factories import QualificationFactory, hold
from events.rules.lifecycle import Status
from events.services import crew
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from medcover.backoffice.tests.pages import browser, told
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications.tests.factories import message_to
from roster import services
from roster.models import User
from roster.privacy import registry
from roster.privacy.export import Part
from roster.rights import Role
from roster.services import invitations, own_data
from roster.tests.departed import make_departed
from roster.tests.factories import UserFactory, make_admin, make_member
from roster.tests.two_steps.codes import switch_on

pytestmark = pytest.mark.django_db

ADDRESS = "/profile/data/"
FETCHED = re.compile(r"""(?:src|href)\s*=\s*["']?(?!#)[^"'\s>]+|url\(|@import""", re.IGNORECASE)


@pytest.fixture
def person() -> User:
    return make_member(email="petr@example.org", name="Dvořák Petr", phone="777 123 456")


def after_the_pause() -> Any:
    """Long enough after whatever was given out before."""
    earlier = AuditEntry.objects.filter(kind="export").count()
    return time_machine.travel(timezone.now() + (earlier + 1) * 2 * own_data.PAUSE, tick=False)


def download(person: User) -> zipfile.ZipFile:
    """The archive that the person is handed out; the pause between two of them is over."""
    with after_the_pause():
        answer = browser(person).post(ADDRESS)
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(BytesIO(answer.content))


def document(person: User) -> dict[str, Any]:
    return json.loads(download(person).read("data.json"))


def data_of(person: User) -> dict[str, Any]:
    return document(person)["data"]


def overview(person: User) -> str:
    return download(person).read("prehled.html").decode()


class TestTheArchive:
    def test_holds_the_two_files(self, person):
        archive = download(person)
        assert archive.namelist() == ["data.json", "prehled.html"]
        assert archive.testzip() is None

    def test_is_a_download_that_nobody_keeps(self, person):
        answer = browser(person).post(ADDRESS)
        assert re.fullmatch(r'attachment; filename="medcover-\d{4}-\d{2}-\d{2}\.zip"', answer["Content-Disposition"])
        assert "no-store" in answer["Cache-Control"]

    def test_says_what_it_is(self, person):
        site = SiteSettings.load()
        site.organisation_name = "Spolek"
        site.save()
        found = document(person)
        assert (found["format"], found["version"]) == ("medcover-personal-data", 1)
        assert found["organisation"] == "Spolek"
        assert datetime.fromisoformat(found["generated_at"])

    def test_has_keys_that_stay(self, person):
        found = data_of(person)
        assert {name: sorted(_keys(value)) for name, value in found.items()} == KEYS

    def test_reading_the_address_leads_to_the_profile(self, person):
        answer = browser(person).get(ADDRESS)
        assert (answer.status_code, answer.url) == (302, "/profile/")

    def test_the_profile_offers_it_to_everybody(self):
        for roles in ([], [Role.VIEWER], [Role.ADMIN]):
            page = browser(UserFactory(roles=roles)).get("/profile/").content.decode()
            assert f'action="{ADDRESS}"' in page
            assert "Stáhnout moje údaje" in page

    def test_needs_a_login_and_a_token_of_the_form(self, person):
        assert Client().post(ADDRESS).status_code == 302
        careful = Client(enforce_csrf_checks=True)
        careful.force_login(person, backend="roster.backends.RoleBackend")
        assert careful.post(ADDRESS).status_code == 403


#: Keys of the parts, and of the rows where the person of the tests has any.
KEYS = {
    "consumables": [],
    "feedback": [],
    "debriefings": [],
    "equipment": [],
    "equipment_files": [],
    "equipment_inspections": [],
    "equipment_packing": [],
    "work_reports": [],
    "equipment_reports": [],
    "repair_work": [],
    "repairs_assigned": [],
    "repairs_reported": [],
    "repairs_reported_without_login": [],
    "hand_overs": [],
    "offers": [],
    "waiting_lists": [],
    "declined_notifications": [],
    "devices": [],
    "push_choices": [],
    "signature": [],
    "account": ["created", "email", "id", "last_login", "name", "phone", "slack_handle", "state", "updated"],
    "preferences": ["calendar_view", "dashboard_horizon", "event_time_format", "language", "reminder_hours", "theme"],
    "roles": ["role"],
    "security": [
        "calendar_links", "failed_logins", "password_set", "provider_linked", "recovery_codes_left",
        "second_factor_on", "second_factor_since",
    ],
    "invitations": [],
    "qualifications": [],
    "promised_qualifications": [],
    "assignments": [],
    "led_events": [],
    "created_events": [],
    "coordinated_master_events": [],
    "messages": [],
    "record": ["actor", "at", "changes", "entity", "key", "kind", "summary"],
}  # fmt: skip


def _keys(value: Any) -> set[str]:
    rows = value if isinstance(value, list) else [value]
    return {key for row in rows for key in row}


class TestWhatIsInIt:
    def test_account_settings_and_roles(self, person):
        found = data_of(person)
        account = found["account"]
        assert (account["id"], account["name"], account["email"], account["phone"], account["state"]) == (
            str(person.pk), "Dvořák Petr", "petr@example.org", "777 123 456", "active",
        )  # fmt: skip
        assert found["preferences"]["dashboard_horizon"] == 30
        assert found["roles"] == [{"role": "Member"}]

    def test_how_the_account_is_kept_safe(self, person):
        assert data_of(person)["security"]["second_factor_on"] is False
        switch_on(person)
        found = data_of(person)["security"]
        assert (found["second_factor_on"], found["recovery_codes_left"], found["calendar_links"]) == (True, 10, 2)
        assert found["password_set"] is True

    def test_qualifications_with_their_validity(self, person):
        hold(person, QualificationFactory(name="Zdravotník"), until=date(2027, 5, 1))
        hold(person, QualificationFactory(name="Řidič"))
        assert data_of(person)["qualifications"] == [
            {"qualification": "Řidič", "valid_until": None},
            {"qualification": "Zdravotník", "valid_until": "2027-05-01"},
        ]

    def test_duties_past_and_to_come(self, person):
        now, boss = timezone.now().replace(microsecond=0), make_admin(name="Adminová Eva")
        past = EventFactory(name="Loni", start=now - timedelta(days=300), status=Status.COMPLETED)
        coming = EventFactory(name="Příště", start=now + timedelta(days=3))
        put(person, PositionFactory(event=past, description="Řidič"), assigned_by=boss)
        put(person, PositionFactory(event=coming, is_optional=True))
        put(make_member(), PositionFactory(event=coming))
        first, second = data_of(person)["assignments"]
        assert (first["event"], first["position"], first["assigned_by"]) == ("Loni", "Řidič", "Adminová Eva")
        assert (first["status"], first["planned_hours"], first["optional"]) == ("completed", 4.0, False)
        assert datetime.fromisoformat(first["start"]) == past.start
        assert (second["event"], second["optional"], second["assigned_by"]) == ("Příště", True, None)

    def test_events_led_made_and_coordinated(self, person):
        EventFactory(name="Vedená", responsible_person=person)
        EventFactory(name="Založená", creator=person)
        MasterEventFactory(name="Běhy", coordinator=person)
        found = data_of(person)
        names = [[row.get("event") or row["master_event"] for row in found[key]] for key in found if "events" in key]
        assert names == [["Vedená"], ["Založená"], ["Běhy"]]

    def test_invitations_and_what_they_promised(self):
        departed = make_departed(is_active=True, is_archived=False, email="svobodova@example.org")
        found = data_of(departed.person)
        (invitation,) = found["invitations"]
        assert (invitation["created_by"], invitation["state"]) == ("Adminová Eva", "completed")
        assert invitation["text"] == "Milá paní, Svobodová Žofie!"
        assert found["promised_qualifications"] == [{"qualification": "Zdravotník"}]

    def test_messages_but_not_what_they_are_made_of(self, person):
        message_to(person, code="event_published", subject="Nová akce", payload={"event_name": "xyz-tělo"})
        message_to(make_member(), subject="Pro někoho jiného")
        archive = download(person)
        (row,) = json.loads(archive.read("data.json"))["data"]["messages"]
        assert (row["type"], row["subject"], row["status"], row["sent_at"]) == (
            "event_published", "Nová akce", "pending", None,
        )  # fmt: skip
        assert not any("xyz-tělo" in archive.read(name).decode() for name in archive.namelist())

    def test_what_happened_to_the_person_and_what_they_did(self, person):
        admin = make_admin(name="Adminová Eva")
        services.update_person(person.pk, by=admin, phone="777 000 111")
        place = PositionFactory(event=EventFactory(name="Koncert"))
        crew.claim(place.pk, by=person, at=timezone.now())
        crew.leave(place.event_id, by=person)
        rows = data_of(person)["record"]
        changed = next(row for row in rows if row["changes"] and "phone" in row["changes"] and row["kind"] == "edit")
        assert (changed["actor"], changed["changes"]["phone"]) == ("Adminová Eva", ["777 123 456", "777 000 111"])
        left = next(row for row in rows if row["kind"] == "delete")
        assert (left["entity"], left["actor"]) == ("events.assignment", "Dvořák Petr")
        assert "Koncert" in left["summary"]
        assert rows[0]["summary"] == "Údaje staženy: Dvořák Petr"

    def test_no_secret(self):
        departed = make_departed(is_active=True, is_archived=False)
        person = departed.person
        token = User.objects.get(pk=person.pk)
        secrets = [
            token.password, token.ical_token, token.ical_all_token, token.password_reset_nonce, token.oidc_subject,
        ]  # fmt: skip
        archive = download(person)
        texts = [archive.read(name).decode() for name in archive.namelist()]
        assert [secret for secret in secrets if not secret] == []
        assert [secret for secret in secrets for text in texts if secret in text] == []


class TestOthers:
    """Of others nothing but names that one sees anyway."""

    def test_accounts_and_invitations_of_others_are_not_told_about(self):
        admin, other = make_admin(), make_member(name="Jiná Eva", email="eva@example.org", phone="601 999 888")
        services.update_person(other.pk, by=admin, phone="601 999 777", email="eva2@example.org")
        invitations.invite("novy@example.org", by=admin, at=timezone.now())
        archive = download(admin)
        rows = json.loads(archive.read("data.json"))["data"]["record"]
        about = [row for row in rows if row["key"] == str(other.pk) or row["entity"] == "roster.invitation"]
        assert {row["kind"] for row in about} == {"edit", "create"}
        assert {(row["summary"], row["changes"]) for row in about} == {(None, None)}
        for name in archive.namelist():
            assert not re.search(r"eva2?@example|novy@example|601 999", archive.read(name).decode())

    def test_values_of_shared_rows_are_not_told(self, person):
        event = EventFactory(contact="Eva Jiná, 601 999 888", responsible_person=person)
        with audit.trail(by=person):
            event.contact = "Eva Jiná, 601 999 777"
            event.save()
        archive = download(person)
        assert all("601 999" not in archive.read(name).decode() for name in archive.namelist())

    def test_nothing_of_somebody_else_s_is_in_it(self, person):
        make_departed()
        archive = download(person)
        for name in archive.namelist():
            assert "Žofie" not in archive.read(name).decode()


class TestTheOverview:
    def test_opens_without_us(self, person):
        page = overview(person)
        assert page.startswith("<!DOCTYPE html>")
        assert "<style>" in page
        assert FETCHED.findall(page) == []
        assert "<script" not in page

    @pytest.mark.parametrize(
        ("language", "heading", "yes"), [("cs", "Moje údaje v MedCoveru", "ano"), ("en", "My data in MedCover", "yes")]
    )
    def test_is_in_the_person_s_language(self, person, language, heading, yes):
        services.update_person(person.pk, by=person, language=language)
        page = overview(User.objects.get(pk=person.pk))
        assert f'<html lang="{language}">' in page
        assert f"<h1>{heading}</h1>" in page
        assert re.search(rf"<dd>\s*{yes}\s*</dd>", page)

    def test_tells_times_in_the_zone_of_the_site(self, person):
        start = datetime(2026, 7, 1, 18, tzinfo=timezone.get_default_timezone())
        put(person, PositionFactory(event=EventFactory(name="Léto", start=start)))
        page = overview(person)
        assert '<td data-label="Začátek">01.07.2026 18:00</td>' in page
        assert '<td data-label="Hodiny">4</td>' in page

    def test_what_people_typed_is_text(self, person):
        put(person, PositionFactory(event=EventFactory(name="<b>Akce</b>"), description="a\nb<i>"))
        page = overview(person)
        assert "&lt;b&gt;Akce&lt;/b&gt;" in page
        assert '<td data-label="Pozice">a<br>b&lt;i&gt;</td>' in page

    def test_says_where_there_is_nothing(self, person):
        assert overview(person).count("Nic tu není zaznamenáno.") >= 6


class TestGivingItOut:
    def test_is_recorded(self, person):
        download(person)
        entry = AuditEntry.objects.get(kind="export")
        assert (entry.actor, entry.object_pk, entry.summary) == (
            person, str(person.pk), "Údaje staženy: Dvořák Petr",
        )  # fmt: skip

    def test_again_only_after_a_minute(self, person):
        now, client = timezone.now(), browser(person)
        with time_machine.travel(now, tick=False) as clock:
            assert client.post(ADDRESS).status_code == 200
            answer = client.post(ADDRESS)
            assert (answer.status_code, answer.url) == (302, "/profile/")
            assert told(answer) == ["Údaje jste si před chvílí stáhli. Znovu to půjde za minutu."]
            clock.shift(own_data.PAUSE)
            assert client.post(ADDRESS).status_code == 200
        assert AuditEntry.objects.filter(kind="export").count() == 2

    def test_to_one_does_not_keep_another_waiting(self, person):
        assert browser(person).post(ADDRESS).status_code == 200
        assert browser(make_member()).post(ADDRESS).status_code == 200

    def test_costs_no_more_for_more(self, person):
        few = self.queries(person)
        admin = make_admin()
        for number in range(12):
            event = EventFactory(responsible_person=person, creator=person)
            put(person, PositionFactory(event=event), assigned_by=make_admin())
            hold(person, QualificationFactory())
            message_to(person)
            services.update_person(person.pk, by=admin, phone=f"777 000 {number:03d}")
            MasterEventFactory(coordinator=person)
        assert self.queries(person) <= few + 3 <= 54

    def queries(self, person: User) -> int:
        client = browser(person)
        with after_the_pause(), CaptureQueriesContext(connection) as queries:
            assert client.post(ADDRESS).status_code == 200
        return len(queries)


class TestTheRegister:
    def test_a_floor_above_adds_its_part_and_this_one_does_not_know_it(self, person, monkeypatch):
        class Lent(registry.Contributor):
            def export(self, owner):
                yield Part("lent", "Půjčeno", {"item": "Věc"}, [{"item": f"Batoh ({owner.name})"}])

        monkeypatch.setattr(registry, "_registered", [*registry._registered, Lent()])
        archive = download(person)
        assert json.loads(archive.read("data.json"))["data"]["lent"] == [{"item": "Batoh (Dvořák Petr)"}]
        assert "Batoh (Dvořák Petr)" in archive.read("prehled.html").decode()

    def test_a_row_without_a_label_or_a_label_without_a_value_is_a_mistake(self):
        for row in ({}, {"item": 1, "other": 2}):
            with pytest.raises(TypeError, match="lent"):
                Part("lent", "Půjčeno", {"item": "Věc"}, [row])

"""The audit record and the settings in the backoffice."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse

from credentials.services import save_qualification, set_holdings
from credentials.tests.factories import QualificationFactory
from events.services import planning
from events.tests.factories import EventFactory, MasterEventFactory
from medcover.backoffice.tests.pages import browser, form_data, inline_parts, queries_of, rows_of, text_of
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications.tests.smtp import MailServer
from roster import services
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:system_auditentry_changelist")
SETTINGS = reverse("admin:system_sitesettings_change", args=[1])
NOW = datetime(2027, 5, 15, 18, 0, tzinfo=ZoneInfo("Europe/Prague"))


@pytest.fixture
def admin():
    return make_admin(name="Adminová Eva", language="en")


@pytest.fixture
def client(admin):
    return browser(admin)


def note(summary: str, *, at: datetime | None = None, by=None, kind: str = "edit") -> AuditEntry:
    """An entry about the settings, made at some moment."""
    audit.record(SiteSettings.load(), kind=kind, by=by, summary=summary)
    entry = AuditEntry.objects.latest("id")
    if at is not None:
        _move(entry, at)
    return entry


def _move(entry: AuditEntry, at: datetime) -> None:
    """Date an entry back, past the trigger that keeps it as it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE system_auditentry SET timestamp = %s WHERE id = %s", [at, entry.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def page_of(entry: AuditEntry) -> str:
    return reverse("admin:system_auditentry_change", args=[entry.pk])


class TestAuditList:
    def test_is_for_administrators(self):
        entry, client = note("Něco"), browser(make_coordinator())
        assert [client.get(url).status_code for url in (LIST, page_of(entry))] == [403, 403]

    def test_is_newest_first_and_says_who(self, client, admin):
        note("První", by=admin), note("Druhý")
        text = text_of(client.get(LIST))
        assert text.index("Druhý") < text.index("První")
        assert "Adminová Eva" in text
        assert "System" in text

    def test_has_fifty_on_a_page(self, client):
        for number in range(51):
            note(f"Záznam {number}")
        assert len(rows_of(client.get(LIST))) == 50

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "plné"}, ["Uloženo úplné nastavení"]),
            ({"kind": "error"}, ["Chyba zálohy"]),
            ({"actor": "adminova", "kind": "edit"}, ["Uloženo úplné nastavení"]),
            ({"system": "yes", "entity": "system.sitesettings", "kind": "error"}, ["Chyba zálohy"]),
            ({"entity": "events.event"}, []),
            ({"object": "77"}, []),
            ({"entity": "system.sitesettings", "q": "nic takového"}, []),
        ],
    )
    def test_filters(self, client, admin, query, found):
        SiteSettings.load()
        note("Uloženo úplné nastavení", by=admin), note("Chyba zálohy", kind="error")
        assert rows_of(client.get(LIST, query)) == found

    @pytest.mark.parametrize(
        ("first", "last", "found"),
        [
            ("2027-05-15", "2027-05-15", ["ráno", "před půlnocí"]),
            ("2027-05-16", "", ["po půlnoci"]),
            ("", "2027-05-14", []),
            ("nesmysl", "2027-13-45", ["ráno", "před půlnocí", "po půlnoci"]),
        ],
    )
    def test_days_are_local_and_both_included(self, client, first, last, found):
        for summary, hour in (("ráno", 0), ("před půlnocí", 23), ("po půlnoci", 24)):
            note(summary, at=NOW.replace(hour=0) + timedelta(hours=hour, minutes=30), kind="import")
        answer = client.get(LIST, {"from": first, "to": last, "kind": "import"})
        assert sorted(rows_of(answer)) == sorted(found)

    def test_typed_filters_keep_the_others(self, client):
        text = text_of(client.get(LIST, {"kind": "edit", "actor": "Novák"}))
        assert '<input type="hidden" name="kind" value="edit">' in text
        assert 'value="Novák"' in text

    def test_leads_to_what_it_speaks_of(self, client, admin):
        event = EventFactory(status="published")
        planning.edit_event(event.pk, by=admin, version=None, name="Přejmenovaná")
        text = text_of(client.get(LIST, {"entity": "events.event"}))
        assert reverse("admin:events_event_change", args=[event.pk]) in text

    def test_costs_no_more_for_more_entries(self, client, admin):
        note("Jeden", by=admin)
        few = queries_of(client, LIST)
        for _ in range(20):
            services.set_roles(make_member().pk, {Role.VIEWER}, by=make_coordinator(), at=NOW)
        assert queries_of(client, LIST) <= few <= 9

    def test_keeps_the_content_security_policy(self, client):
        assert [inline_parts(client.get(url)) for url in (LIST, page_of(note("Něco")), SETTINGS)] == [[], [], []]

    def test_nothing_can_be_changed(self, client):
        entry = note("Něco")
        assert client.post(page_of(entry), {"summary": "Jinak"}).status_code == 403
        assert client.get(reverse("admin:system_auditentry_add")).status_code == 403
        assert client.post(reverse("admin:system_auditentry_delete", args=[entry.pk])).status_code == 403


class TestAuditDetail:
    def rows(self, client, entry) -> dict[str, tuple[str, str]]:
        changes = client.get(page_of(entry)).context["changes"]
        return {change.label: (change.before, change.after) for change in changes}

    def test_names_rows_and_says_yes_and_no(self, client, admin):
        row = QualificationFactory(name="Záchranář")
        row.can_lead = True
        save_qualification(row, direct_substitutes=[], by=admin, at=NOW)
        assert self.rows(client, AuditEntry.objects.latest("id")) == {"Can be responsible person": ("no", "yes")}

    def test_shows_local_time_and_the_names_of_other_rows(self, client, admin):
        old, new = MasterEventFactory(name="Stará"), MasterEventFactory(name="Nová")
        event = EventFactory(master_event=old, start=NOW, status="published")
        planning.edit_event(event.pk, by=admin, version=None, master_event=new, start=NOW + timedelta(hours=1))
        changes = self.rows(client, AuditEntry.objects.filter(event_id=event.pk).latest("id"))
        assert changes["Master event"] == ("Stará", "Nová")
        assert changes["Start"] == ("15.05.2027 18:00", "15.05.2027 19:00")

    def test_shows_what_came_to_a_set(self, client, admin):
        person = make_member()
        services.add_role(person.pk, Role.TECHNICIAN, by=admin, at=NOW)
        assert ("—", "Technician") in self.rows(client, AuditEntry.objects.latest("id")).values()

    def test_shows_the_values_of_what_was_made_and_of_what_is_gone(self, client, admin):
        person, medic = make_member(name="Dvořák Petr"), QualificationFactory(name="Záchranář")
        set_holdings(person.pk, {medic.pk: None}, by=admin, at=NOW)
        made = self.rows(client, AuditEntry.objects.latest("id"))
        set_holdings(person.pk, {}, by=admin, at=NOW)
        gone = self.rows(client, AuditEntry.objects.latest("id"))
        assert made == {"Person": ("—", "Dvořák Petr"), "Qualification": ("—", "Záchranář")}
        assert gone == {"Person": ("Dvořák Petr", "—"), "Qualification": ("Záchranář", "—")}


class TestSettings:
    def save(self, client, **changed):
        return client.post(SETTINGS, form_data(client.get(SETTINGS), **changed))

    def test_are_for_administrators(self):
        assert browser(make_coordinator()).get(SETTINGS).status_code == 403

    def test_are_one_page(self, client):
        answer = client.get(reverse("admin:system_sitesettings_changelist"))
        assert answer.url == SETTINGS
        assert client.get(reverse("admin:system_sitesettings_add")).status_code == 403
        assert client.post(reverse("admin:system_sitesettings_delete", args=[1])).status_code == 403

    def test_are_saved_and_recorded(self, client, admin):
        answer = self.save(client, organisation_name=" ČČK  Praha ", base_url="https://medcover.example.org/")
        assert answer.status_code == 302
        site = SiteSettings.load()
        assert (site.organisation_name, site.base_url) == ("ČČK Praha", "https://medcover.example.org")
        assert AuditEntry.objects.latest("id").actor == admin
        assert set(AuditEntry.objects.latest("id").changes) == {"organisation_name", "base_url"}

    def test_the_password_is_written_and_never_shown(self, client):
        self.save(client, smtp_host="smtp.example.org", smtp_user="robot", smtp_password="tajné heslo")
        assert SiteSettings.load().smtp_password == "tajné heslo"
        answer = client.get(SETTINGS)
        assert "tajné heslo" not in text_of(answer)
        assert SiteSettings.load().smtp_password_token not in text_of(answer)
        assert 'placeholder="(unchanged)"' in text_of(answer)
        assert "SMTP configured" in text_of(answer)
        assert "tajné" not in str(list(AuditEntry.objects.values()))

    def test_an_empty_password_keeps_the_stored_one(self, client):
        self.save(client, smtp_host="smtp.example.org", smtp_user="robot", smtp_password="tajné heslo")
        self.save(client, smtp_port="2525")
        assert SiteSettings.load().smtp_password == "tajné heslo"
        assert SiteSettings.load().smtp_port == 2525

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("time_zone", "Evropa/Praha"), ("session_hours", "0"), ("session_hours", "9000"),
            ("base_url", "javascript:alert(1)"), ("base_url", "ftp://example.org"), ("smtp_port", "70000"),
            ("minimum_rest_hours", "73"), ("minimum_rest_hours", "-1"), ("minimum_rest_hours", ""),
        ],
    )  # fmt: skip
    def test_nonsense_is_refused_at_its_field(self, client, field, value):
        answer = self.save(client, **{field: value})
        assert list(answer.context["adminform"].form.errors) == [field]

    @pytest.mark.parametrize("hours", [72, 0])
    def test_the_rest_between_duties_is_kept_in_hours(self, client, hours):
        SiteSettings.objects.update_or_create(pk=1, defaults={"minimum_rest_hours": 11})
        self.save(client, minimum_rest_hours=str(hours))
        assert SiteSettings.load().minimum_rest_hours == hours

    def test_a_stale_form_is_refused(self, client):
        self.save(client, organisation_name="První")
        answer = client.post(SETTINGS, form_data(client.get(SETTINGS), organisation_name="Druhá", version=1))
        assert answer.status_code == 302
        assert SiteSettings.load().organisation_name == "První"

    def test_a_save_without_a_change_leaves_no_trace(self, client):
        SiteSettings.load()
        before = AuditEntry.objects.count()
        assert self.save(client).status_code == 302
        assert AuditEntry.objects.count() == before


@pytest.mark.django_db(transaction=True)
class TestTrialMail:
    """It leaves once the settings are stored, so nothing may be held back here."""

    def send(self, client, **changed) -> str:
        answer = client.post(SETTINGS, form_data(client.get(SETTINGS), _trial="1", **changed), follow=True)
        return text_of(answer)

    def test_is_sent_with_what_was_just_typed(self, client, admin):
        with MailServer() as server:
            server.configure_site()
            text = self.send(client, organisation_name="ČČK Praha 1")
            (received,) = server.messages
        assert received.recipients == [admin.email]
        assert "ČČK Praha 1" in received.text
        assert f"sent to {admin.email}" in text
        assert AuditEntry.objects.latest("id").actor == admin

    def test_says_that_the_server_did_not_take_it(self, client, admin, unused_port):
        text = self.send(client, smtp_host="127.0.0.1", smtp_port=str(unused_port))
        assert "could not be sent" in text
        assert SiteSettings.load().smtp_port == unused_port
        assert AuditEntry.objects.latest("id").actor == admin

    def test_asks_for_a_server_first(self, client):
        assert "no trial mail can be sent" in self.send(client)


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

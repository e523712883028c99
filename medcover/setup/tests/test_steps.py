"""The pages of the wizard, one after another."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from events.models import MasterEvent
from medcover.backoffice.tests.pages import inline_parts, text_of, told
from medcover.system.models import AuditEntry, SiteSettings
from notifications.tests.smtp import HOST, USER, MailServer
from notifications.tests.smtp import PASSWORD as SMTP_PASSWORD
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

ORGANISATION, MAIL, ADMINISTRATOR, DONE = "/setup/", "/setup/mail/", "/setup/administrator/", "/setup/done/"
NAMED = {"organisation_name": "ČČK Praha 1", "time_zone": "Europe/Prague"}
NO_MAIL = {"smtp_host": "", "smtp_port": "587", "smtp_use_tls": "on"}
EVA = {"name": "Adminová Eva", "email": " Eva@Example.org ", "new": "velmi tajné", "repeated": "velmi tajné"}


@pytest.fixture
def named(client):
    """A browser that has taken the first step."""
    assert client.post(ORGANISATION, NAMED)["Location"] == MAIL
    return client


def errors(answer) -> set[str]:
    assert answer.status_code == 422
    return set(answer.context["form"].errors)


class TestOrganisation:
    def test_is_saved_and_recorded(self, client):
        answer = client.post(ORGANISATION, {"organisation_name": "  ČČK   Praha 1 ", "time_zone": "Asia/Tokyo"})
        assert answer["Location"] == MAIL
        site = SiteSettings.load()
        assert (site.organisation_name, site.time_zone, site.setup_complete) == ("ČČK Praha 1", "Asia/Tokyo", False)
        assert AuditEntry.objects.latest("id").changes["organisation_name"][1] == "ČČK Praha 1"

    def test_offers_prague(self, client):
        assert client.get(ORGANISATION).context["form"]["time_zone"].value() == "Europe/Prague"

    def test_shows_what_was_saved(self, named):
        assert 'value="ČČK Praha 1"' in text_of(named.get(ORGANISATION))

    @pytest.mark.parametrize("name", ["", "   ", "\u200b\u2060", "x" * 256, "a\x00b"])
    def test_needs_a_name(self, client, name):
        assert errors(client.post(ORGANISATION, {**NAMED, "organisation_name": name})) == {"organisation_name"}
        assert SiteSettings.load().organisation_name == ""

    @pytest.mark.parametrize("zone", ["", "Evropa/Praha", "../../etc/passwd", "europe/prague", "Europe/Prague\x00"])
    def test_needs_a_zone_that_is_known(self, client, zone):
        assert errors(client.post(ORGANISATION, {**NAMED, "time_zone": zone})) == {"time_zone"}

    def test_a_name_is_text(self, client):
        client.post(ORGANISATION, {**NAMED, "organisation_name": '"><script>alert(1)</script>'})
        assert "<script>alert" not in text_of(client.get(ORGANISATION))

    def test_writes_only_its_own_fields(self, client):
        client.post(ORGANISATION, {**NAMED, "setup_complete": "on", "session_hours": "8760", "smtp_host": "evil"})
        site = SiteSettings.load()
        assert (site.setup_complete, site.session_hours, site.smtp_host) == (False, 24, "")


class TestMail:
    def test_may_stay_empty(self, named):
        assert named.post(MAIL, NO_MAIL)["Location"] == ADMINISTRATOR
        assert not SiteSettings.load().smtp_configured

    def test_is_saved_without_showing_the_password(self, named):
        typed = {**NO_MAIL, "smtp_host": " smtp.example.org ", "smtp_user": "robot", "smtp_password": " tajné heslo "}
        assert named.post(MAIL, typed)["Location"] == ADMINISTRATOR
        site = SiteSettings.load()
        assert (site.smtp_host, site.smtp_password) == ("smtp.example.org", " tajné heslo ")
        page = text_of(named.get(MAIL))
        assert "tajné heslo" not in page
        assert site.smtp_password_token not in page
        assert "tajné" not in str(list(AuditEntry.objects.values()))

    def test_a_blank_password_keeps_the_stored_one(self, named):
        named.post(MAIL, {**NO_MAIL, "smtp_password": "tajné heslo"})
        named.post(MAIL, {**NO_MAIL, "smtp_port": "2525"})
        assert (SiteSettings.load().smtp_password, SiteSettings.load().smtp_port) == ("tajné heslo", 2525)

    def test_tls_can_be_switched_off(self, named):
        named.post(MAIL, {"smtp_port": "25"})
        assert not SiteSettings.load().smtp_use_tls

    @pytest.mark.parametrize("port", ["", "0", "65536", "-1", "abc", "9" * 400])
    def test_a_port_is_a_port(self, named, port):
        assert errors(named.post(MAIL, {**NO_MAIL, "smtp_port": port})) == {"smtp_port"}

    def test_a_sender_smuggles_in_no_header(self, named):
        named.post(MAIL, {**NO_MAIL, "smtp_sender": "a@example.org\r\nBcc: b@example.org"})
        assert "\n" not in SiteSettings.load().smtp_sender


@pytest.mark.django_db(transaction=True)
class TestTrialMail:
    def send(self, client, server_port="587", **typed):
        client.post(ORGANISATION, NAMED)
        data = {"smtp_port": str(server_port), "trial": "1", **typed}
        answer = client.post(MAIL, data)
        assert answer["Location"] == MAIL
        return text_of(client.get(MAIL))

    def test_goes_to_the_smtp_user_once_all_is_saved(self, client):
        with MailServer(with_login=True) as server:
            typed = {"smtp_host": HOST, "smtp_user": USER, "smtp_password": SMTP_PASSWORD}
            page = self.send(client, server.port, **typed)
            (received,) = server.messages
        assert received.recipients == [USER]
        assert "ČČK Praha 1" in received.text
        assert USER in page
        assert SiteSettings.load().smtp_user == USER

    def test_without_a_login_it_goes_to_the_sender(self, client):
        with MailServer() as server:
            self.send(client, server.port, smtp_host=HOST, smtp_sender="ČČK <robot@example.org>")
            assert server.messages[0].recipients == ["robot@example.org"]

    def test_without_any_address_it_says_so(self, client):
        with MailServer() as server:
            page = self.send(client, server.port, smtp_host=HOST)
            assert server.messages == []
        assert "message-error" in page or "alert-danger" in page

    def test_without_a_server_it_says_so(self, client):
        assert "alert-danger" in self.send(client)


class TestAdministrator:
    def test_finishes_the_set_up(self, named):
        answer = named.post(ADMINISTRATOR, EVA)
        assert answer["Location"] == DONE
        (eva,) = User.objects.all()
        assert (eva.name, eva.email, eva.is_active, eva.roles) == (
            "Adminová Eva",
            "eva@example.org",
            True,
            [Role.ADMIN],
        )
        assert eva.check_password("velmi tajné")
        assert SiteSettings.load().setup_complete
        assert [(master.name, master.is_general) for master in MasterEvent.objects.all()] == [("Obecné", True)]

    def test_logs_the_administrator_in(self, named):
        named.post(ADMINISTRATOR, EVA)
        eva = User.objects.get()
        assert named.session["_auth_user_id"] == str(eva.pk)
        assert eva.last_login is not None
        assert named.get("/admin/").status_code == 200

    def test_takes_over_no_session_that_was_planted(self, named):
        planted = named.session
        planted["x"] = 1
        planted.save()
        named.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
        named.post(ADMINISTRATOR, EVA)
        assert named.session.session_key != planted.session_key

    def test_shows_that_all_is_done_once(self, named):
        named.post(ADMINISTRATOR, EVA)
        page = text_of(named.get(DONE))
        assert "eva@example.org" in page
        assert "ČČK Praha 1" in page
        assert named.get(DONE)["Location"] == "/"

    @pytest.mark.parametrize(
        ("changed", "wrong"),
        [
            ({"name": ""}, "name"),
            ({"name": " \u200b "}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"email": ""}, "email"),
            ({"email": "eva"}, "email"),
            ({"email": "eva@example.org\nBcc: x@example.org"}, "email"),
            ({"email": f"{'x' * 250}@example.org"}, "email"),
            ({"new": "sedmznk", "repeated": "sedmznk"}, "new"),
            ({"new": "", "repeated": ""}, "new"),
            ({"repeated": "jiné heslo"}, "repeated"),
            ({"repeated": "velmi tajné "}, "repeated"),
        ],
    )
    def test_refuses(self, named, changed, wrong):
        answer = named.post(ADMINISTRATOR, {**EVA, **changed})
        assert wrong in errors(answer)
        assert "velmi tajné" not in text_of(answer)
        assert not User.objects.exists()
        assert not SiteSettings.load().setup_complete

    def test_decides_the_role_itself(self, named):
        named.post(ADMINISTRATOR, {**EVA, "is_superuser": "on", "roles": "Debriefing Manager"})
        eva = User.objects.get()
        assert (eva.is_superuser, eva.roles) == (False, [Role.ADMIN])

    def test_needs_the_token_against_forgery(self):
        client = Client(enforce_csrf_checks=True)
        assert client.post(ORGANISATION, NAMED).status_code == 403
        assert SiteSettings.load().organisation_name == ""

    def test_whoever_comes_second_is_told(self, client, named):
        """The page was opened while the wizard was open; meanwhile it was closed."""
        make_member()
        answer = named.post(ADMINISTRATOR, EVA)
        assert answer["Location"] == "/"
        assert User.objects.count() == 1


class TestPages:
    def test_keep_the_content_security_policy(self, named):
        pages = [inline_parts(named.get(address)) for address in (ORGANISATION, MAIL, ADMINISTRATOR)]
        named.post(ADMINISTRATOR, EVA)
        assert [*pages, inline_parts(named.get(DONE))] == [[]] * 4

    def test_say_where_one_is(self, named):
        assert 'aria-current="step"' in text_of(named.get(MAIL))
        assert [named.get(address).context["number"] for address in (ORGANISATION, MAIL, ADMINISTRATOR)] == [1, 2, 3]

    def test_are_kept_by_no_cache(self, named):
        assert "no-store" in named.get(ADMINISTRATOR)["Cache-Control"]

    def test_nothing_is_told_to_strangers_afterwards(self, named):
        named.post(ADMINISTRATOR, EVA)
        stranger = Client()
        assert [stranger.get(address)["Location"] for address in (ORGANISATION, MAIL, ADMINISTRATOR)] == ["/"] * 3
        assert told(stranger.get(MAIL)) == []

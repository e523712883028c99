"""The second factor in the own profile, its secrets, and its reset by an administrator."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster import lockout
from roster.models import Authenticator, RecoveryCode
from roster.services import second_factor
from roster.services.second_factor import Verdict
from roster.tests.factories import PASSWORD, make_admin, make_coordinator
from roster.tests.mails import html_of, mail_of
from roster.tests.two_steps.codes import LOGIN, PAGE, SETUP, code_of, is_logged_in, log_in, switch_on

pytestmark = pytest.mark.django_db


class TestSetup:
    @pytest.fixture
    def client(self, client, person):
        client.post(LOGIN, {"username": person.email, "password": PASSWORD})
        return client

    def begin(self, client):
        assert client.post(PAGE, {"current": PASSWORD})["Location"] == SETUP
        return Authenticator.objects.get()

    def test_the_profile_leads_to_it(self, client):
        assert f'href="{PAGE}"' in client.get("/profile/").content.decode()
        assert client.get(PAGE).status_code == 200

    @pytest.mark.parametrize("address", ["", "setup/", "codes/", "off/"])
    def test_needs_a_login(self, address):
        assert Client().get(PAGE + address)["Location"] == f"{LOGIN}?next={PAGE}{address}"

    @pytest.mark.parametrize("current", ["", "wrong"])
    def test_needs_the_own_password(self, client, current):
        assert client.post(PAGE, {"current": current}).status_code == 422
        assert not Authenticator.objects.exists()
        assert client.get(SETUP)["Location"] == PAGE

    def test_guessing_the_password_here_locks_as_everywhere(self, client, person):
        for _ in range(5):
            client.post(PAGE, {"current": "wrong"})
        assert lockout.is_locked(person)
        assert client.post(PAGE, {"current": PASSWORD}).status_code == 422

    def test_shows_the_secret_as_picture_and_text(self, client):
        device = self.begin(client)
        answer = client.get(SETUP)
        assert answer.context["secret"].replace(" ", "") == device.secret
        assert answer.context["qr"].startswith("data:image/svg+xml")
        assert escape(answer.context["qr"]) in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert not re.search(r"\sstyle=|\son[a-z]+=|<svg(?! class=\"icon)", answer.content.decode())

    def test_the_picture_holds_what_apps_understand(self, client, person):
        device = self.begin(client)
        address = urlsplit(device.config_url)
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert unquote(address.path) == f"/MedCover:{person.email}"
        wanted = {"secret": [device.secret], "issuer": ["MedCover"], "digits": ["6"], "period": ["30"]}
        assert parse_qs(address.query) == wanted

    def test_a_wrong_code_switches_nothing_on(self, client, person):
        self.begin(client)
        assert client.post(SETUP, {"code": "000000"}).status_code == 422
        assert not second_factor.is_on(person)
        assert not RecoveryCode.objects.exists()

    def test_an_unconfirmed_one_does_not_stand_in_the_way_of_logging_in(self, client):
        self.begin(client)
        other = Client()
        log_in(other)
        assert is_logged_in(other)

    def test_the_first_code_switches_it_on_and_shows_recovery_codes_once(self, client, person):
        device = self.begin(client)
        answer = client.post(SETUP, {"code": code_of(device)})
        codes = answer.context["codes"]
        page = answer.content.decode()
        assert all(code in page for code in codes)
        assert second_factor.is_on(person)
        kept = base64.b64decode(answer.context["file"].partition("base64,")[2]).decode()
        assert set(codes) <= set(kept.split())
        assert "no-store" in answer["Cache-Control"]
        assert not any(code in client.get(PAGE).content.decode() for code in codes)

    def test_this_session_goes_on_and_all_others_end(self, client):
        other = Client()
        log_in(other)
        client.post(SETUP, {"code": code_of(self.begin(client))})
        assert client.get("/profile/").context["user"].is_verified()
        assert other.get("/profile/").status_code == 302

    def test_the_secret_is_shown_for_ten_minutes_only(self, client, clock):
        device = self.begin(client)
        clock.shift(timedelta(minutes=10))
        assert client.get(SETUP)["Location"] == PAGE
        assert client.post(SETUP, {"code": code_of(device)})["Location"] == PAGE

    def test_the_secret_is_never_shown_again(self, client):
        client.post(SETUP, {"code": code_of(self.begin(client))})
        assert client.get(SETUP)["Location"] == PAGE
        assert client.post(PAGE, {"current": PASSWORD}, follow=True).redirect_chain == [(PAGE, 302)]

    def test_another_try_has_another_secret(self, client):
        first = self.begin(client).secret
        assert self.begin(client).secret != first

    def test_new_recovery_codes_need_the_password(self, client, person):
        client.post(SETUP, {"code": code_of(self.begin(client))})
        assert client.post(f"{PAGE}codes/", {"current": "wrong"}).status_code == 422
        codes = client.post(f"{PAGE}codes/", {"current": PASSWORD}).context["codes"]
        assert second_factor.check_recovery_code(person.pk, codes[0]) is Verdict.RIGHT

    def test_switching_off_needs_the_password(self, client, person):
        client.post(SETUP, {"code": code_of(self.begin(client))})
        assert client.post(f"{PAGE}off/", {"current": "wrong"}).status_code == 422
        assert second_factor.is_on(person)
        assert client.post(f"{PAGE}off/", {"current": PASSWORD})["Location"] == PAGE
        assert not second_factor.is_on(person)
        assert not RecoveryCode.objects.exists()
        assert not client.get("/profile/").context["user"].is_verified()

    @pytest.mark.parametrize("address", ["codes/", "off/"])
    def test_what_is_off_is_politely_refused(self, client, address):
        assert client.post(PAGE + address, {"current": PASSWORD})["Location"] == PAGE
        assert client.get(PAGE + address)["Location"] == PAGE

    @pytest.mark.parametrize("address", ["", "setup/", "codes/", "off/"])
    def test_every_change_needs_its_csrf_token(self, person, address):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person, backend="roster.backends.RoleBackend")
        assert strict.post(PAGE + address, {"current": PASSWORD}).status_code == 403


class TestSecrecy:
    def test_the_secret_is_encrypted_in_the_database(self, person):
        device, _codes = switch_on(person)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM roster_authenticator")
            row = repr(cursor.fetchall())
        assert device.secret not in row
        assert base64.b32decode(device.secret).hex() not in row

    def test_every_change_is_recorded_without_a_value(self, person, clock):
        device, codes = switch_on(person)
        codes += second_factor.renew_codes(person.pk, by=person)
        second_factor.check_recovery_code(person.pk, codes[-1])
        second_factor.switch_off(person.pk, by=person)
        entries = list(AuditEntry.objects.filter(object_pk=str(person.pk), actor=person).order_by("pk"))
        assert len(entries) == 4
        told = repr([(entry.summary, entry.changes, entry.additional_data) for entry in entries])
        assert person.name in told
        assert not any(value in told for value in [device.secret, *codes])


class TestReset:
    def test_frees_the_person_and_tells_them(self, client, protected, person):
        client.force_login(person)
        admin = make_admin()
        second_factor.reset(person.pk, by=admin, at=timezone.now())
        assert not second_factor.is_on(person)
        assert not RecoveryCode.objects.exists()
        assert client.get("/profile/").status_code == 302
        mail = mail_of(OutboxMessage.objects.get(code="second_factor_reset"))
        assert mail.to == [person.email]
        assert "http://testserver/profile/second-factor/" in mail.body
        assert "http://testserver/profile/second-factor/" in html_of(mail)
        assert AuditEntry.objects.filter(actor=admin, object_pk=str(person.pk)).exists()

    def test_is_a_button_on_the_persons_page(self, client, protected, person):
        client.force_login(make_admin(), backend="roster.backends.RoleBackend")
        page = reverse("admin:roster_user_change", args=[person.pk])
        step = reverse("admin:roster_user_step", args=[person.pk, "reset_second_factor"])
        assert step in client.get(page).content.decode()
        person.refresh_from_db()
        client.post(step, {"version": person.version})
        assert not second_factor.is_on(person)
        assert step not in client.get(page).content.decode()

    def test_is_not_for_coordinators(self, client, protected, person):
        client.force_login(make_coordinator(), backend="roster.backends.RoleBackend")
        step = reverse("admin:roster_user_step", args=[person.pk, "reset_second_factor"])
        assert client.post(step).status_code == 403
        assert second_factor.is_on(person)

    def test_is_not_the_way_to_switch_off_ones_own(self):
        admin = make_admin()
        switch_on(admin)
        with pytest.raises(DomainError):
            second_factor.reset(admin.pk, by=admin, at=timezone.now())
        assert second_factor.is_on(admin)

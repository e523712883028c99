"""The Wi-Fi for labels in the settings: kept as typed, its password encrypted and recorded by nobody."""

from __future__ import annotations

import pytest
from django.urls import reverse

from medcover.backoffice.tests.pages import browser, form_data
from medcover.system.models import AuditEntry, SiteSettings, WifiInfo
from medcover.system.services import save_settings
from roster.tests.factories import make_admin

pytestmark = pytest.mark.django_db

SETTINGS = reverse("admin:system_sitesettings_change", args=[1])


@pytest.fixture
def admin():
    return make_admin(language="en")


def recorded() -> list[AuditEntry]:
    return list(AuditEntry.objects.get_for_object(SiteSettings.load()).order_by("id"))


class TestPassword:
    def test_is_kept_encrypted_and_masked_in_the_record(self, admin):
        save_settings(by=admin, wifi_password=" tajné heslo ")
        site = SiteSettings.load()
        assert site.wifi_password == " tajné heslo "
        assert "tajné" not in site.wifi_password_token
        entry = recorded()[-1]
        assert entry.changes == {"wifi_password_token": ["", "***"]}
        assert not any(
            "tajné" in str(entry.changes) or site.wifi_password_token in str(entry.changes) for entry in recorded()
        )

    def test_blank_keeps_it_and_says_nothing(self, admin):
        save_settings(by=admin, wifi_password="tajné")
        before = len(recorded())
        save_settings(by=admin, wifi_password="")
        save_settings(by=admin, wifi_password="tajné")
        assert SiteSettings.load().wifi_password == "tajné"
        assert len(recorded()) == before

    def test_clearing_wins(self, admin):
        save_settings(by=admin, wifi_password="tajné")
        save_settings(by=admin, wifi_password="jiné", clear_wifi_password=True)
        assert SiteSettings.load().wifi_password_token == ""
        assert recorded()[-1].changes == {"wifi_password_token": ["***", ""]}
        before = len(recorded())
        save_settings(by=admin, clear_wifi_password=True)
        assert len(recorded()) == before

    def test_a_damaged_one_can_be_cleared(self, admin):
        SiteSettings.load()
        SiteSettings.objects.update(wifi_password_token="damaged")
        save_settings(by=admin, clear_wifi_password=True)
        assert SiteSettings.load().wifi_password_token == ""


class TestPage:
    def test_keeps_a_name_with_its_spaces(self, admin):
        client = browser(admin)
        typed = {"wifi_ssid": "  CCK  hosté ", "wifi_password": "x y", "wifi_info_default": WifiInfo.SSID}
        answer = client.post(SETTINGS, {**form_data(client.get(SETTINGS)), **typed})
        assert answer.status_code == 302
        site = SiteSettings.load()
        assert (site.wifi_ssid, site.wifi_password, site.wifi_info_default) == ("  CCK  hosté ", "x y", "ssid")
        page = client.get(SETTINGS).content.decode()
        assert "x y" not in page
        assert "(unchanged)" in page

    def test_forgets_the_password(self, admin):
        client = browser(admin)
        save_settings(by=admin, wifi_password="tajné")
        client.post(SETTINGS, {**form_data(client.get(SETTINGS)), "clear_wifi_password": "on"})
        assert SiteSettings.load().wifi_password is None

    def test_refuses_what_is_too_long(self, admin):
        client = browser(admin)
        for name in ("wifi_ssid", "wifi_password"):
            answer = client.post(SETTINGS, {**form_data(client.get(SETTINGS)), name: "x" * 101})
            assert answer.status_code == 200
        assert SiteSettings.load().wifi_ssid == ""

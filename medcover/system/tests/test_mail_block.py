"""The development block on the page of the settings."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from medcover.backoffice.tests.pages import browser, form_data, text_of
from medcover.system.models import AuditEntry, SiteSettings
from medcover.system.rules import addresses_in, validate_addresses
from roster.tests.factories import make_admin, make_coordinator

SETTINGS = reverse("admin:system_sitesettings_change", args=[1])


class TestAddresses:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("", []),
            (" , ,;\n", []),
            ("A@example.org", ["a@example.org"]),
            ("a@example.org,b@example.org ; c@example.org\nd@example.org", ["a@example.org", "b@example.org",
                "c@example.org", "d@example.org"]),
            ("a@example.org, A@EXAMPLE.ORG", ["a@example.org"]),
            ("\u200ba@example.org\x00", ["a@example.org"]),
        ],
    )  # fmt: skip
    def test_are_read_as_typed(self, typed, found):
        assert addresses_in(typed) == found

    @pytest.mark.parametrize("typed", ["eva", "a@example.org, b", "a@example.org b@example.org", "@", "@example.org,"])
    def test_what_is_none_is_refused(self, typed):
        with pytest.raises(ValidationError):
            validate_addresses(typed)


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def admin(self):
        return make_admin(language="en")

    def save(self, admin, **changed):
        client = browser(admin)
        return client.post(SETTINGS, form_data(client.get(SETTINGS), **changed))

    def test_is_saved_and_recorded(self, admin):
        answer = self.save(admin, mail_block="on", mail_block_allowed="Eva@example.org\njan@example.org")
        assert answer.status_code == 302
        site = SiteSettings.load()
        assert (site.mail_block, site.mail_block_allowed) == (True, "eva@example.org, jan@example.org")
        entry = AuditEntry.objects.latest("id")
        assert entry.actor == admin
        assert entry.changes["mail_block"] == ["False", "True"]
        assert entry.changes["mail_block_allowed"][1] == "eva@example.org, jan@example.org"

    def test_refuses_what_is_no_address(self, admin):
        answer = self.save(admin, mail_block_allowed="eva@example.org, <script>")
        assert list(answer.context["adminform"].form.errors) == ["mail_block_allowed"]
        assert "<script>," not in text_of(answer)
        assert SiteSettings.load().mail_block_allowed == ""

    def test_has_a_part_of_its_own(self, admin):
        assert "Development and test environment" in text_of(browser(admin).get(SETTINGS))

    def test_the_set_up_is_not_on_the_page(self, admin):
        self.save(admin, setup_complete="on")
        assert not SiteSettings.load().setup_complete

    def test_a_coordinator_cannot_switch_it(self):
        assert browser(make_coordinator()).post(SETTINGS, {"mail_block": "on"}).status_code == 403
        assert not SiteSettings.load().mail_block

    def test_the_start_page_warns(self, admin):
        client = browser(admin)
        assert "Sending of mails is blocked" not in text_of(client.get(reverse("admin:installation")))
        self.save(admin, mail_block="on")
        assert "Sending of mails is blocked" in text_of(client.get(reverse("admin:installation")))

"""Feedback from every page: sent, read, deleted; and what is new in each version."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, text_of
from medcover.common.errors import DomainError, NotAllowed
from medcover.system import changes_of_versions, feedback_services
from medcover.system.changes_of_versions import versions
from medcover.system.feedback_services import FeedbackOff, Surroundings
from medcover.system.models import AuditEntry, SiteSettings, UserFeedback
from medcover.system.version import version
from medcover.tests.threads import Hesitation, refusals, together
from notifications.digest import users_feedback
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

FORM, LIST = reverse("feedback"), reverse("admin:system_userfeedback_changelist")


@pytest.fixture
def member(db):
    return make_member(name="Malá Hana", language="en")


@pytest.fixture
def admin(db):
    return make_admin(language="en")


def sent(by, message: str = "Chybí filtr.", **around: str) -> UserFeedback:
    return feedback_services.send(message, Surroundings(**around), by=by, at=timezone.now())


def switch_off() -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"feedback_enabled": False})


class TestSending:
    def test_keeps_what_was_written_and_where(self, member):
        row = sent(member, "  Chybí filtr.\n", page="/events/?page=2", user_agent="Firefox", screen="390 × 844")
        assert (row.message, row.page, row.user_agent, row.screen) == (
            "Chybí filtr.", "/events/?page=2", "Firefox", "390 × 844",
        )  # fmt: skip
        assert (row.user, row.app_version) == (member, version())

    def test_is_no_change_for_the_record(self, member):
        SiteSettings.load()
        before = AuditEntry.objects.count()
        sent(member)
        assert AuditEntry.objects.count() == before

    def test_cuts_what_a_browser_makes_too_long(self, member):
        row = sent(member, page="/" + "p" * 5000, user_agent="u" * 5000, screen="s" * 5000)
        assert (len(row.page), len(row.user_agent), len(row.screen)) == (2048, 1000, 255)

    @pytest.mark.parametrize("message", ["", " \n\t", "x" * 5001])
    def test_refuses_nothing_and_too_much(self, member, message):
        with pytest.raises(DomainError):
            sent(member, message)
        assert not UserFeedback.objects.exists()

    def test_refuses_when_it_is_switched_off(self, member):
        switch_off()
        with pytest.raises(FeedbackOff):
            sent(member)

    def test_has_a_limit_that_is_one_person_s(self, member, monkeypatch):
        monkeypatch.setattr(feedback_services, "MOST_IN_AN_HOUR", 2)
        sent(member), sent(member)
        with pytest.raises(DomainError):
            sent(member)
        sent(make_member())

    def test_outlives_the_account(self, member):
        row = sent(member)
        UserFeedback.objects.filter(pk=row.pk).update(user=None)
        assert UserFeedback.objects.get().user is None

    def test_needs_no_role(self, db):
        assert sent(UserFactory(roles=[])).pk


class TestDeleting:
    def test_is_recorded_without_the_words(self, member, admin):
        row = sent(member, "Tajemství")
        feedback_services.delete(row.pk, by=admin)
        assert not UserFeedback.objects.exists()
        entry = AuditEntry.objects.latest("id")
        assert (entry.kind, entry.actor, entry.object_pk) == (AuditEntry.Kind.DELETE, admin, str(row.pk))
        assert "Tajemství" not in f"{entry.summary} {entry.object_repr} {entry.changes} {entry.serialized_data}"

    def test_twice_is_deleted_once(self, member, admin):
        row = sent(member)
        feedback_services.delete(row.pk, by=admin)
        before = AuditEntry.objects.count()
        feedback_services.delete(row.pk, by=admin)
        assert AuditEntry.objects.count() == before

    @pytest.mark.django_db(transaction=True)
    def test_by_many_at_once_is_recorded_once(self, monkeypatch):
        row, admins = sent(make_member()), [make_admin() for _number in range(4)]
        before = AuditEntry.objects.count()
        Hesitation(monkeypatch, feedback_services.audit, "record")  # the first one keeps the others waiting
        assert refusals(together([partial(feedback_services.delete, row.pk, by=admin) for admin in admins])) == 0
        assert (UserFeedback.objects.count(), AuditEntry.objects.count()) == (0, before + 1)

    def test_needs_the_right(self, member):
        row = sent(member)
        with pytest.raises(NotAllowed):
            feedback_services.delete(row.pk, by=make_coordinator())
        assert UserFeedback.objects.exists()

    def test_is_refused_where_everybody_knows_the_passwords(self, member, admin, settings):
        settings.DEVELOPMENT_LOGIN = True
        row, client = sent(member), browser(admin)
        with pytest.raises(DomainError):
            feedback_services.delete(row.pk, by=admin)
        address = reverse("admin:system_userfeedback_delete", args=[row.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
        assert address not in client.get(LIST).content.decode()
        assert UserFeedback.objects.exists()


class TestForm:
    def test_is_in_the_menu_of_every_page_and_knows_the_page(self, member):
        page = browser(member).get("/events/?q=a&page=1").content.decode()
        assert f'href="{FORM}?from=%2Fevents%2F%3Fq%3Da%26page%3D1"' in page

    def test_is_in_the_backoffice_too(self, admin):
        assert f'href="{FORM}?from=%2Fadmin%2F"' in browser(admin).get("/admin/").content.decode()

    def test_leads_back_to_where_somebody_was(self, member):
        client = browser(member)
        shown = client.get(FORM, {"from": "/events/?page=2"})
        assert shown.context["form"].initial["page"] == "/events/?page=2"
        answer = client.post(
            FORM, {"message": "Díky", "page": "/events/?page=2", "screen": "1280"}, headers={"User-Agent": "Prohlížeč"}
        )
        assert (answer.status_code, answer["Location"]) == (302, "/events/?page=2")
        row = UserFeedback.objects.get()
        assert (row.message, row.page, row.screen, row.user_agent) == ("Díky", "/events/?page=2", "1280", "Prohlížeč")

    @pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil", ""])
    def test_leads_nowhere_else(self, member, page):
        client = browser(member)
        assert 'href="/"' in client.get(FORM, {"from": page}).content.decode()
        assert client.post(FORM, {"message": "Díky", "page": page})["Location"] == "/"
        assert UserFeedback.objects.get().page == ""

    def test_says_what_is_missing_and_keeps_the_rest(self, member):
        answer = browser(member).post(FORM, {"message": " ", "page": "/events/"})
        assert answer.status_code == 422
        assert "Write what you want to tell us." in text_of(answer)
        assert not UserFeedback.objects.exists()

    def test_says_when_it_was_too_often(self, member, monkeypatch):
        monkeypatch.setattr(feedback_services, "MOST_IN_AN_HOUR", 0)
        answer = browser(member).post(FORM, {"message": "Díky"})
        assert answer.status_code == 409
        assert "Try again in an hour." in text_of(answer)

    def test_switched_off_does_not_exist(self, member):
        switch_off()
        client = browser(member)
        assert [client.get(FORM).status_code, client.post(FORM, {"message": "a"}).status_code] == [404, 404]
        assert FORM not in client.get("/events/").content.decode()
        assert not UserFeedback.objects.exists()

    def test_keeps_the_content_security_policy(self, member):
        assert inline_parts(browser(member).get(FORM)) == []


class TestList:
    def test_is_newest_first_and_names_whoever_is_gone(self, member, admin):
        old = sent(member, "První")
        UserFeedback.objects.filter(pk=old.pk).update(user=None, submitted=timezone.now() - timedelta(days=1))
        sent(member, "Druhá", page="/events/")
        shown = text_of(browser(admin).get(LIST))
        assert shown.index("Druhá") < shown.index("První")
        assert "(deleted user)" in shown
        assert "Malá Hana" in shown

    def test_shows_markup_as_text(self, member, admin):
        sent(member, "<script>alert(1)</script>", user_agent="<img src=x>", page='/"><b>')
        for url in (LIST, f"{LIST}{UserFeedback.objects.get().pk}/change/"):
            page = browser(admin).get(url).content.decode()
            assert [bad for bad in ("<script>alert", "<img src=x", '"><b>') if bad in page] == []

    def test_costs_no_more_for_more(self, member, admin):
        client = browser(admin)
        sent(member)
        few = queries_of(client, LIST)
        for _ in range(5):
            sent(make_member())
        assert queries_of(client, LIST) <= few

    def test_asks_before_it_deletes(self, member, admin):
        row, client = sent(member), browser(admin)
        address = reverse("admin:system_userfeedback_delete", args=[row.pk])
        assert address in client.get(LIST).content.decode()
        assert client.get(address).status_code == 200
        assert UserFeedback.objects.exists()
        assert client.post(address, {"post": "yes"}).status_code == 302
        assert not UserFeedback.objects.exists()
        assert AuditEntry.objects.latest("id").actor == admin

    def test_the_digest_tells_it(self, member):
        row = sent(member, "Díky")
        ((entry,), total) = users_feedback.newest(row.submitted - timedelta(hours=1), row.submitted, 5)
        assert (entry.author, entry.message, total) == ("Malá Hana", "Díky", 1)


@pytest.mark.django_db
def test_one_row_of_settings_switches_it():
    with pytest.raises(IntegrityError):
        SiteSettings.objects.create(pk=2, feedback_enabled=True)


class TestVersions:
    def test_the_number_is_that_of_the_file(self):
        assert version() == (Path(django_settings.BASE_DIR) / "VERSION").read_text().strip()

    def test_both_languages_tell_the_same(self):
        czech, english = versions("cs"), versions("en")
        assert [one.number for one in czech] == [one.number for one in english]
        assert [[section.items.count("<li>") for section in one.sections] for one in czech] == [
            [section.items.count("<li>") for section in one.sections] for one in english
        ]

    @pytest.mark.parametrize(
        ("language", "titles"), [("cs", {"Přidáno", "Změněno", "Opraveno"}), ("en", {"Added", "Changed", "Fixed"})]
    )
    def test_have_something_in_the_sections_that_they_have(self, language, titles):
        for one in versions(language):
            assert one.sections
            assert {section.title for section in one.sections} <= titles
            assert all("<li>" in section.items for section in one.sections)

    def test_what_is_coming_has_no_number_and_is_left_out_while_there_is_nothing(self, monkeypatch, tmp_path):
        monkeypatch.setattr(changes_of_versions, "_FOLDER", tmp_path)
        released = "## 1.2.0 (29. 11. 2026)\n\n### Přidáno\n\n- Něco.\n"
        (tmp_path / "cs.md").write_text(f"# Změny\n\n## Chystané změny\n\n{released}", encoding="utf-8")
        (tmp_path / "en.md").write_text(f"# Changes\n\n## Coming changes\n\n### Added\n\n- X.\n\n{released}")
        assert [(one.title, one.number) for one in versions.__wrapped__("cs")] == [("1.2.0 (29. 11. 2026)", "1.2.0")]
        assert [(one.title, one.number) for one in versions.__wrapped__("en")] == [
            ("Coming changes", ""),
            ("1.2.0 (29. 11. 2026)", "1.2.0"),
        ]

    def test_whoever_speaks_something_else_reads_czech(self):
        assert versions("sk") == versions("cs")

    def test_the_page(self, member):
        shown = text_of(browser(member).get(reverse("changes")))
        assert versions("en")[0].title in shown
        assert f"MedCover {version()}" in shown

"""The static page: its rules, what it looks like, and when it is asked for."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from equipment.models import StaticPagePush, StorageLocation
from equipment.services import catalogue, items
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem
from equipment.static_page import pushing
from equipment.static_page.rendering import render
from equipment.static_page.rules import MOST_ATTEMPTS, Waiting, delay_after, is_due, merged
from equipment.static_page.targets import Place, UnfitTarget, place
from equipment.tests.factories import ItemFactory, LocationFactory, make_technician, repair_of
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from roster import services as people
from roster.services import erasure
from roster.tests.factories import make_admin, make_coordinator, make_member

NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)
LIST = "/admin/equipment/staticpagepush/"


class TestRules:
    def test_failures_wait_longer_and_longer(self):
        delays = [delay_after(failures) for failures in range(1, MOST_ATTEMPTS + 1)]
        minutes = [delay and delay.total_seconds() / 60 for delay in delays]
        assert minutes == [0.5, 1, 2, 5, 15, 60, 60, 60, 60, None]
        assert (
            sum(delay.total_seconds() for delay in delays if delay) == timedelta(hours=4, minutes=23.5).total_seconds()
        )

    def test_what_is_new_has_all_its_attempts_but_does_not_hurry_a_target_that_refuses(self):
        later = NOW + timedelta(minutes=5)
        both = merged([Waiting(4, later), Waiting()])
        assert both == Waiting(0, later, at_once=False)
        assert [is_due(both, NOW), is_due(both, later)] == [False, True]

    def test_whoever_asks_for_it_now_does_not_wait(self):
        assert is_due(merged([Waiting(9, NOW + timedelta(hours=1)), Waiting(at_once=True)]), NOW)

    @pytest.mark.parametrize(
        ("target", "found"),
        [
            ("bucket", Place("bucket", "index.html")),
            ("bucket/", Place("bucket", "index.html")),
            ("bucket/stav/", Place("bucket", "stav/index.html")),
            ("bucket/a/b.html", Place("bucket", "a/b.html")),
        ],
    )
    def test_the_key_has_a_default(self, target, found):
        assert place(target) == found

    @pytest.mark.parametrize("target", ["", "/", " / "])
    def test_a_target_without_a_bucket_is_refused(self, target):
        with pytest.raises(UnfitTarget):
            place(target)


@pytest.mark.django_db
class TestPage:
    def test_shows_what_works_and_what_is_wrong_location_by_location(self):
        second, first = LocationFactory(name="Garáž", sort_order=2), LocationFactory(name="Sklad", sort_order=1)
        ItemFactory(name="Nosítka", location=second)
        aed = ItemFactory(name="AED", location=first)
        repair_of(aed, severity="degraded", description="Slabá baterie")
        repair_of(aed, severity="down", description="Nejde\nzapnout", eta=date(2027, 2, 3), status="parts_ordered")
        repair_of(aed, severity="down", description="Už dobré", status="resolved")
        ItemFactory(name="Archivní", location=first, is_archived=True)
        ItemFactory(name="Vysílačka", location=LocationFactory(is_archived=True))
        ItemFactory(name="Batoh")
        page = render(at=NOW)
        order = [page.index(words) for words in ("Sklad", "AED", "Garáž", "Nosítka", "Bez umístění", "Batoh")]
        assert order == sorted(order)
        assert "Nejde<br>zapnout" in page
        assert page.index("edge-down") < page.index("edge-degraded")
        assert page.count("03.02.2027") == 2
        assert "Díly objednány" in page
        assert page.startswith("<!DOCTYPE html>")
        assert not [words for words in ("Už dobré", "Archivní", "Vysílačka") if words in page]
        assert "15.01.2027 12:00:00 CET" in page

    def test_escapes_whatever_somebody_has_written(self):
        hostile = '<script>alert(1)</script>\n"><img src=x onerror=alert(2)> {{ site }} javascript:alert(3) &amp;'
        item = ItemFactory(name="<b>AED</b>'\"", location=LocationFactory(name="</h2><style>*{}</style>"))
        repair_of(item, description=hostile)
        page = render(at=NOW)
        assert re.findall(r"<(script|img|b|iframe)\b", page) == []
        assert page.count("<style>") == 1
        assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>" in page
        assert "{{ site }}" in page

    def test_fetches_and_runs_nothing_and_its_policy_allows_its_own_style_alone(self):
        ItemFactory()
        page = render(at=NOW)
        policy = re.search(r'Content-Security-Policy"\s+content="([^"]+)"', page)
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert policy
        assert style
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy[1]
        assert re.findall(r"\s(?:href|src|style|on\w+)=|url\(|@import", page) == []

    def test_names_nobody(self):
        person = make_technician(name="Opravil Jan", email="opravil@example.org")
        repair_of(assignee=person, reporter=person, description="Porucha", specialist_text="zavolat p. Tajného")
        repair_of(reporter_name="Cizí Člověk", reporter_email="cizi@example.org")
        page = render(at=NOW)
        told = ("Opravil", "opravil@", "Tajn", "Cizí", "cizi@")
        assert not [words for words in told if words in page]

    def test_reads_a_fixed_number_of_times(self, django_assert_max_num_queries):
        for number in range(8):
            repair_of(ItemFactory(location=LocationFactory(name=f"L{number}")))
        render(at=NOW)
        with django_assert_max_num_queries(4):
            assert render(at=NOW).count("<h2>") == 8


@pytest.fixture
def target(settings, tmp_path):
    """A directory as target."""
    settings.STATIC_PAGE_PUSH_METHOD = "local"
    settings.STATIC_PAGE_PUSH_TARGET = str(tmp_path / "page")
    return tmp_path / "page"


@pytest.fixture
def asked(monkeypatch, target):
    """How often a push has been asked for since one last looked, whatever transactions the test is made of."""
    calls: list[int] = []
    monkeypatch.setattr(pushing, "ask", lambda **_kwargs: calls.append(1))

    def count() -> int:
        found = len(calls)
        calls.clear()
        return found

    return count


@pytest.mark.django_db
class TestWhatAltersIt:
    def test_repairs(self, asked):
        technician, item = make_technician(), ItemFactory()
        repair = opening.create(item.pk, Problem("Nejde"), by=technician, at=NOW)
        assert asked() == 1
        for wanted in ({"severity": "down"}, {"eta": date(2027, 3, 1)}, {"status": "in_progress"}):
            work.save(repair.pk, by=technician, at=NOW, **wanted)
            assert asked() == 1
        work.save(repair.pk, by=technician, at=NOW, note="Jen poznámka", specialist_text="x", assignee_id=technician.pk)
        work.save(repair.pk, by=technician, at=NOW, status="in_progress")
        assert asked() == 0

    def test_items(self, asked):
        admin, item = make_admin(), ItemFactory(name="AED")
        item.notes = "Jen pro nás"
        items.save_item(item, by=admin)
        assert asked() == 0
        item.name = "AED 1"
        items.save_item(item, by=admin)
        assert asked() == 1
        item.location = LocationFactory()
        items.save_item(item, by=admin)
        assert asked() == 1
        items.save_item(ItemFactory.build(type=item.type), by=admin)
        assert asked() == 1
        items.archive(item.pk, by=admin)
        items.unarchive(item.pk, by=admin)
        assert asked() == 2

    def test_locations(self, asked):
        admin, location = make_admin(), LocationFactory(name="Sklad", sort_order=1)
        catalogue.save_location(StorageLocation.objects.get(), by=admin)
        assert asked() == 0
        for changes in ({"name": "Garáž"}, {"sort_order": 5}):
            row = StorageLocation.objects.get()
            for name, value in changes.items():
                setattr(row, name, value)
            catalogue.save_location(row, by=admin)
            assert asked() == 1
        catalogue.archive_location(location.pk, by=admin)
        catalogue.unarchive_location(location.pk, by=admin)
        assert asked() == 2

    def test_erasing_somebody_who_is_named_in_a_description(self, asked):
        admin, person = make_admin(), make_member(name="Odešlá Jana")
        repair_of(description="Volejte Odešlá Jana")
        assert "Odešlá Jana" in render(at=NOW)
        people.archive(person.pk, by=admin, at=timezone.now())
        asked()
        erasure.erase(person.pk, typed=person.email, by=admin, at=timezone.now())
        assert asked() >= 1
        assert "Odešlá Jana" not in render(at=NOW)


@pytest.mark.django_db
class TestBackoffice:
    def test_without_a_target_nothing_waits_and_nothing_can_be_pushed(self, settings):
        settings.STATIC_PAGE_PUSH_TARGET = ""
        pushing.ask()
        assert not StaticPagePush.objects.exists()
        with pytest.raises(DomainError):
            pushing.ask_at_once(by=make_admin(), at=NOW)

    def test_administrators_push_now(self, client, target):
        client.force_login(make_admin(), backend="roster.backends.RoleBackend")
        answer = client.post(f"{LIST}push/", follow=True)
        assert StaticPagePush.objects.get().at_once
        assert str(target) in answer.content.decode()
        assert AuditEntry.objects.filter(kind=AuditEntry.Kind.RESEND).count() == 1
        client.get(f"{LIST}push/")
        assert StaticPagePush.objects.count() == 1

    @pytest.mark.parametrize("make", [make_coordinator, make_technician, make_member])
    def test_nobody_else_does(self, target, make):
        person = make()
        with pytest.raises(NotAllowed):
            pushing.ask_at_once(by=person, at=NOW)
        browser = Client()
        browser.force_login(person, backend="roster.backends.RoleBackend")
        browser.post(f"{LIST}push/")
        assert not StaticPagePush.objects.exists()

    def test_the_last_result_and_its_error_are_shown(self, client, target):
        StaticPagePush.objects.create(
            asked_at=NOW, status="failed", attempts=10, ended_at=timezone.now(), last_error="OSError: <plný disk>"
        )
        client.force_login(make_admin(), backend="roster.backends.RoleBackend")
        shown = client.get(LIST).content.decode()
        assert "OSError: &lt;plný disk&gt;" in shown
        assert "Zkusit znovu" in shown

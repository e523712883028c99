"""The start page of the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse
from django.utils import timezone

from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, rows_of, text_of
from medcover.system.models import Heartbeat, SiteSettings
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")


@pytest.fixture
def admin():
    return make_admin(language="en")


@pytest.fixture
def coordinator():
    return make_coordinator(language="en")


def event_in(days: float, **fields):
    return EventFactory(start=timezone.now() + timedelta(days=days), **fields)


def trouble(answer) -> dict[str, int]:
    return {section.kind.code: section.count for section in answer.context["sections"]}


def failed_mail() -> OutboxMessage:
    return OutboxMessage.objects.create(code="x", to_email="a@example.org", subject="Nedoručeno", status="failed")


def make_every_trouble(times: int = 1) -> None:
    for _ in range(times):
        PositionFactory(event=event_in(3))
        event_in(20, status=Status.DRAFT)
        make_member(is_active=False)
        failed_mail()


class TestEvents:
    def test_short_ones_of_the_next_thirty_days_by_date(self, coordinator):
        leader = make_member()
        for days, name in ((20, "Ples"), (10, "Hokej"), (40, "Daleko")):
            PositionFactory(event=event_in(days, name=name, responsible_person=leader))
        full = event_in(5, name="Plná", responsible_person=leader)
        put(leader, PositionFactory(event=full))
        PositionFactory(event=event_in(6, responsible_person=leader), is_optional=True)
        (section,) = browser(coordinator).get(INDEX).context["sections"]
        assert [row.label for row in section.rows] == ["Hokej", "Ples"]

    def test_those_that_nobody_leads(self, coordinator):
        event_in(2, name="Bez ZO"), event_in(9, name="Má čas")
        event_in(3, status=Status.CANCELLED, is_archived=True)
        assert trouble(browser(coordinator).get(INDEX)) == {"leaderless": 1}

    def test_drafts(self, coordinator):
        event_in(12, status=Status.DRAFT), event_in(12, status=Status.DRAFT, is_archived=True)
        event_in(50, status=Status.DRAFT)
        assert trouble(browser(coordinator).get(INDEX)) == {"drafts": 1}


class TestLinks:
    def test_lead_to_lists_of_just_these_rows(self, admin):
        make_every_trouble(times=2)
        PositionFactory(event=event_in(40))
        client = browser(admin)
        sections = client.get(INDEX).context["sections"]
        assert {section.kind.code: len(rows_of(client.get(section.url))) for section in sections} == {
            "leaderless": 2, "short": 2, "drafts": 2, "waiting": 2, "failed": 2,
        }  # fmt: skip

    def test_rows_lead_to_pages_that_exist(self, admin):
        make_every_trouble()
        client = browser(admin)
        urls = [row.url for section in client.get(INDEX).context["sections"] for row in section.rows]
        assert [client.get(url).status_code for url in urls] == [200] * 5

    def test_a_few_rows_are_shown_and_the_rest_counted(self, admin):
        for _ in range(8):
            failed_mail()
        (section,) = browser(admin).get(INDEX).context["sections"]
        assert (section.count, len(section.rows)) == (8, 5)


class TestWho:
    def test_members_do_not_come_here(self):
        assert browser(make_member()).get(INDEX).status_code in (302, 403)

    def test_coordinators_see_what_they_can_do_something_about(self, coordinator):
        make_every_trouble()
        answer = browser(coordinator).get(INDEX)
        assert set(trouble(answer)) == {"leaderless", "short", "drafts"}
        assert answer.context["operation"] == []

    def test_nothing_is_on_fire(self, coordinator):
        assert "Nothing is on fire" in text_of(browser(coordinator).get(INDEX))


class TestOperation:
    def words(self, admin) -> str:
        return " ".join(f"{badge} {told}" for badge, told in browser(admin).get(INDEX).context["operation"])

    @pytest.mark.parametrize(
        ("minutes", "said"), [(1, "The worker is running"), (30, "The worker is late"), (None, "has never run")]
    )
    def test_tells_how_the_worker_is(self, admin, minutes, said):
        if minutes:
            Heartbeat.beat("worker", at=timezone.now() - timedelta(minutes=minutes))
        assert said in self.words(admin)

    def test_tells_when_mails_reach_nobody(self, admin):
        assert "SMTP is not configured" in self.words(admin)
        SiteSettings.objects.filter(pk=1).update(smtp_host="smtp.example.org")
        assert "SMTP" not in self.words(admin)


class TestPage:
    def test_costs_no_more_for_more_trouble(self, admin):
        client = browser(admin)
        make_every_trouble()
        few = queries_of(client, INDEX)
        make_every_trouble(times=7)
        assert queries_of(client, INDEX) <= few <= 20

    def test_keeps_the_content_security_policy(self, admin):
        make_every_trouble()
        client = browser(admin)
        pages = (INDEX, reverse("admin:app_list", args=["events"]))
        assert [inline_parts(client.get(url)) for url in pages] == [[], []]

    def test_no_table_of_a_library_has_a_page(self):
        own = {
            "roster",
            "credentials",
            "events",
            "notifications",
            "system",
            "equipment",
            "debriefing",
            "reports",
            "backups",
        }
        assert {model._meta.app_label for model in django_admin.site._registry} <= own


class TestMailsOfTheLastDay:
    def shown(self, client) -> str:
        return " ".join(text_of(client.get(INDEX)).split())

    def test_are_counted_by_what_became_of_them(self, admin):
        sent_at = timezone.now()
        for status in ("sent", "sent", "pending", "failed"):
            row = failed_mail()
            OutboxMessage.objects.filter(pk=row.pk).update(status=status, sent_at=sent_at)
        old = failed_mail()
        OutboxMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
        shown = self.shown(browser(admin))
        assert "In the last 24 hours: 2 sent, 1 waiting, 1 failed." in shown
        assert f"{timezone.localtime(sent_at):%d.%m.%Y %H:%M}" in shown

    def test_may_be_none_and_the_worker_is_known_all_the_same(self, admin):
        Heartbeat.objects.create(name="worker", beat_at=timezone.now())
        shown = self.shown(browser(admin))
        assert "No mails in the last 24 hours." in shown
        assert "The worker is running" in shown

    def test_are_nothing_for_coordinators(self, coordinator):
        assert "In the last 24 hours" not in self.shown(browser(coordinator))

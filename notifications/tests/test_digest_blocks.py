"""What each kind of block finds out, and that mail and text tell it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation

from credentials.tests.factories import QualificationFactory, hold
from equipment.digest import present
from equipment.tests.factories import (
    ConsumableFactory,
    ItemFactory,
    LocationFactory,
    PlanFactory,
    inspected,
    out_of_service,
    packed,
    stocked,
)
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from events.tests.stories import make_capacity_event
from medcover.common.masking import Mask, address_needle, any_of, name_needle
from medcover.system import audit
from medcover.system.models import Heartbeat, SiteSettings
from notifications.digest import registry, sending, services, sources
from notifications.digest.collecting import payload_of
from notifications.digest.models import QueueDepth
from notifications.digest.rendering import CODE
from notifications.digest.sources import BackupState, FeedbackEntry
from notifications.erasing import forget
from notifications.models import OutboxMessage
from notifications.tests.digests import messages, only
from notifications.tests.factories import MessageFactory
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def facts(kind: str, *, at: datetime = NOW, **options: Any) -> dict[str, Any]:
    """What a block of this kind with these options finds out."""
    only(kind, **options)
    (block,) = payload_of(services.load(), at=at)["blocks"]
    return block["facts"]


def mail(*, at: datetime = NOW, language: str = "cs") -> tuple[str, str]:
    """HTML and text of the digest, to an administrator who reads that language."""
    reader = User(email="reader@example.org", name="Čtenářová Eva", is_active=True, language=language)
    message = OutboxMessage(
        code=CODE, recipient=reader, to_email=reader.email, payload=payload_of(services.load(), at=at)
    )
    found = composed(message)
    assert found is not None
    (html,) = [part.content for part in found.alternatives]
    return " ".join(str(html).split()), str(found.body)


def both(text: str, **options: Any) -> bool:
    """Whether HTML and text say it."""
    return all(text in " ".join(part.split()) for part in mail(**options))


def created(at: datetime, **fields: Any) -> User:
    person = UserFactory(**fields)
    User.objects.filter(pk=person.pk).update(created=at)
    return person


@pytest.fixture
def clock():
    """Return what writes an entry of the record at a moment."""
    SiteSettings.load()

    def write(at: datetime, *, row: Any = None, kind: str = "edit", summary: str = "Změna", by: Any = None) -> None:
        with time_machine.travel(at, tick=False):
            audit.record(row or SiteSettings.load(), kind=kind, summary=summary, by=by)

    return write


class TestServerStatistics:
    def test_people_and_events_are_counted(self):
        make_admin()
        UserFactory(is_active=False)
        UserFactory(is_active=False, is_archived=True)
        EventFactory(start=NOW + DAY)
        EventFactory(start=NOW - DAY, status=Status.COMPLETED)
        EventFactory(status=Status.DRAFT)
        EventFactory(start=NOW + DAY, is_archived=True)
        found = facts("server_stats")
        assert found["users"] == {"active": 1, "waiting": 1, "archived": 1}
        assert found["events"] == {"coming": 1, "drafts": 1, "completed": 1, "all": 4}
        assert both("Aktivní uživatelé")

    def test_sizes_are_those_of_the_database(self):
        found = facts("server_stats", table_rows=3)
        assert found["database_size"] > 1_000_000
        sizes = [row["size"] for row in found["table_sizes"]]
        assert len(sizes) == 3
        assert sizes == sorted(sizes, reverse=True)
        assert both("MB")

    @pytest.mark.parametrize(
        ("seconds", "alive", "words"), [(299, True, "běží"), (301, False, "naposledy se ozval 05.05.2027 13:54")]
    )
    def test_the_worker_is_alive_for_five_minutes_after_its_beat(self, seconds, alive, words):
        Heartbeat.beat("worker", at=NOW - timedelta(seconds=seconds))
        assert facts("server_stats")["scheduler"]["is_alive"] is alive
        assert both(words)

    def test_a_worker_that_has_never_run(self):
        assert facts("server_stats")["scheduler"] == {"beat_at": None, "is_alive": False}
        assert both("nikdy neběžel")

    def test_the_outbox_is_told_with_its_worst_moment(self):
        MessageFactory.create_batch(2)
        MessageFactory(status="failed")
        for age, pending in ((1, 5), (23, 40), (25, 900)):
            QueueDepth.objects.create(measured_at=NOW - age * HOUR, pending=pending)
        OutboxMessage.objects.update(created_at=NOW - HOUR)
        found = facts("server_stats", hours=24)
        assert found["mail_queue"] == {"pending": 2, "highest": 40}
        assert found["mail_volume"] == 3

    def test_an_outbox_that_was_never_measured(self):
        assert facts("server_stats")["mail_queue"] == {"pending": 0, "highest": None}
        assert not both("Nejvíce čekajících")

    def test_parts_that_are_switched_off_are_not_even_measured(self):
        off = dict.fromkeys(
            ("users", "events", "database_size", "table_sizes", "scheduler", "mail_queue", "mail_volume"), False
        )
        assert facts("server_stats", **off) == {"hours": 24}
        assert mail()


class TestAuditLog:
    def test_the_newest_entries_of_the_window_come_first(self, clock):
        clock(NOW - 25 * HOUR, summary="Starý")
        clock(NOW - 2 * HOUR, summary="Dřívější", by=make_member(name="Malá Hana"))
        clock(NOW - HOUR, summary="Pozdější")
        found = facts("audit_log")
        assert [row["summary"] for row in found["rows"] if row["entity"] == "system.sitesettings"] == [
            "Pozdější", "Dřívější",
        ]  # fmt: skip
        assert both("Malá Hana")
        assert both("Nastavení aplikace")

    def test_what_is_left_out_is_said(self, clock):
        for number in range(4):
            clock(NOW - HOUR, summary=f"Změna {number}")
        found = facts("audit_log", rows=3)
        assert (len(found["rows"]), found["is_cut"]) == (3, True)
        assert both("Záznamů je více")
        assert not facts("audit_log", rows=50)["is_cut"]

    def test_who_did_it_can_be_left_out(self, clock):
        clock(NOW - HOUR, by=make_member(name="Malá Hana"))
        facts("audit_log", show_user=False, entities=["system.sitesettings"])
        assert not any("Malá Hana" in part for part in mail())

    def test_entities_and_kinds_can_be_chosen(self, clock):
        clock(NOW - HOUR, summary="Nastavení", kind="edit")
        clock(NOW - HOUR, summary="Pošta", kind="email_failed")
        clock(NOW - HOUR, summary="Člověk", row=make_member())
        found = facts("audit_log", entities=["system.sitesettings", "no.such"], kinds=["email_failed", "unknown"])
        assert [row["summary"] for row in found["rows"]] == ["Pošta"]

    def test_nothing_is_said_to_be_nothing(self):
        facts("audit_log", hours=1, at=NOW - 5000 * DAY)
        assert both("Za poslední 1 hodinu nebyla zaznamenána žádná změna.", at=NOW - 5000 * DAY)


class TestActivity:
    def test_people_are_counted_the_most_active_first_and_the_system_is_left_out(self, clock):
        hana, petr = make_member(name="Malá Hana"), make_member(name="Novák Petr")
        for by in (hana, petr, petr, None, None, None):
            clock(NOW - HOUR, by=by)
        clock(NOW - 25 * HOUR, by=hana)
        found = facts("user_activity")
        assert found["rows"] == [{"name": "Novák Petr", "entries": 2}, {"name": "Malá Hana", "entries": 1}]
        assert facts("user_activity", rows=1)["rows"] == found["rows"][:1]
        assert both("Novák Petr")


class TestUpcomingEvents:
    def test_what_begins_soon_is_told_in_order_with_its_places(self):
        for days, status in ((2, Status.OPEN), (1, Status.PUBLISHED), (3, Status.CLOSED)):
            EventFactory(name=f"Za {days}", start=NOW + days * DAY, status=status)
        for status in (Status.DRAFT, Status.COMPLETED, Status.CANCELLED):
            EventFactory(name="Ne", start=NOW + DAY, status=status)
        EventFactory(name="Ne", start=NOW + DAY, is_archived=True)
        EventFactory(name="Ne", start=NOW + 8 * DAY)
        EventFactory(name="Ne", start=NOW - HOUR)
        found = facts("upcoming_events")
        assert [row["name"] for row in found["rows"]] == ["Za 1", "Za 2", "Za 3"]
        assert both("Přihlášky otevřeny")
        assert both("čt 6. 5. 14:00 (4 h)")

    def test_free_places_are_told_in_both_modes(self):
        event = EventFactory(start=NOW + DAY)
        put(make_member(), PositionFactory(event=event))
        PositionFactory(event=event)
        by_conditions = make_capacity_event({QualificationFactory(can_lead=True): 1})
        type(by_conditions).objects.filter(pk=by_conditions.pk).update(start=NOW + DAY, end=NOW + DAY + HOUR)
        facts("upcoming_events")
        assert both("volno 1 z 2")
        assert both("Nesplněné podmínky")

    def test_only_those_with_free_places_if_wished_and_the_rest_is_counted(self):
        full, free, free_too = (EventFactory(name=name, start=NOW + DAY) for name in ("Plná", "Volná", "Volná též"))
        put(make_member(), PositionFactory(event=full))
        PositionFactory(event=free)
        PositionFactory(event=free_too)
        found = facts("upcoming_events", only_vacant=True, rows=1)
        assert ([row["name"] for row in found["rows"]], found["total"]) == (["Volná"], 2)
        assert both("Zobrazeno 1 z 2.")


class TestNewUsers:
    def test_accounts_of_the_window_are_told_with_their_state(self):
        created(NOW - 25 * HOUR, name="Starý Jan")
        created(NOW - HOUR, name="Nová Eva", email="eva@example.org")
        created(NOW - 2 * HOUR, name="Čekal Petr", is_active=False)
        found = facts("new_users")
        assert [row["name"] for row in found["rows"]] == ["Nová Eva", "Čekal Petr"]
        assert both("eva@example.org")
        assert both("Čeká na aktivaci")
        found = facts("new_users", only_inactive=True)
        assert [row["name"] for row in found["rows"]] == ["Čekal Petr"]

    def test_names_are_text(self):
        created(NOW - HOUR, name="<b>Novák</b> & syn")
        facts("new_users")
        html, text = mail()
        assert "&lt;b&gt;Novák&lt;/b&gt; &amp; syn" in html
        assert "<b>Novák</b> & syn" in text


class TestExpiringQualifications:
    def test_what_runs_out_soon_and_what_has_just_run_out(self):
        today, paramedic = date(2027, 5, 5), QualificationFactory(name="Zdravotník")
        for name, days in (("Dnes", 0), ("Zítra", 1), ("Za měsíc", 30), ("Později", 31), ("Včera", -1), ("Dávno", -31)):
            hold(make_member(name=name), paramedic, until=today + timedelta(days=days))
        hold(make_member(name="Navždy"), paramedic)
        hold(UserFactory(name="Odešel", is_active=False, is_archived=True), paramedic, until=today)
        found = facts("expiring_qualifications")
        assert [row["person"] for row in found["coming"]["rows"]] == ["Dnes", "Zítra", "Za měsíc"]
        assert [row["person"] for row in found["past"]["rows"]] == ["Včera"]
        assert both("05.05.2027")
        assert both("Skončí během 30 dnů")

    def test_the_day_is_that_of_the_site(self):
        hold(make_member(), QualificationFactory(), until=date(2027, 5, 5))
        assert facts("expiring_qualifications", at=datetime(2027, 5, 5, 21, 59, tzinfo=UTC))["coming"]["total"] == 1
        assert facts("expiring_qualifications", at=datetime(2027, 5, 5, 22, 1, tzinfo=UTC))["past"]["total"] == 1

    def test_nobody_is_said_to_be_nobody(self):
        assert facts("expiring_qualifications")["coming"] == {"rows": [], "total": 0}
        assert both("nikomu")


class TestFreeText:
    def test_it_goes_in_as_it_is_and_reads_as_text(self):
        words = '<p style="color: green">Jděte <a class="x" href="https://example.org">sem</a>.</p>'
        facts("free_text", title="Zpráva", content=words)
        html, text = mail()
        assert re.search(
            r'<p style="[^"]*color: green[^"]*">Jděte <a class="x" href="https://example.org"[^>]*>sem</a>', html
        )
        assert "== Zpráva ==\n\nJděte sem (https://example.org)." in text


class TestBackups:
    @pytest.fixture(autouse=True)
    def _nobody_knows(self, monkeypatch):
        monkeypatch.setattr(sources, "_backups", [])

    def test_as_long_as_nothing_makes_them_none_is_known(self):
        assert facts("backup_status") == {"is_known": False}
        assert both("O žádné záloze se neví")

    @pytest.mark.parametrize(
        ("age", "schedule", "overdue"),
        [(24, "denně", False), (26, "denně", True), (26, "", False), (None, "denně", True)],
    )
    def test_whoever_makes_them_tells_how_old_the_newest_is(self, age, schedule, overdue):
        last = None if age is None else NOW - age * HOUR
        sources.register_backups(lambda _at: BackupState(3, 14, 5_000_000, last, schedule))
        assert facts("backup_status")["is_overdue"] is overdue
        assert both("Záloha se opožďuje.") is overdue
        assert both("3 / 14")


class TestFeedback:
    @pytest.fixture(autouse=True)
    def _nobody_collects(self, monkeypatch):
        monkeypatch.setattr(sources, "_feedback", [])

    def test_as_long_as_nothing_collects_it_that_is_said(self):
        assert facts("feedback_summary") == {"is_known": False}
        assert both("Tato instalace zpětnou vazbu nesbírá.")

    def test_whoever_collects_it_is_asked_for_the_window(self):
        asked: list[Any] = []

        def source(since: datetime, until: datetime, most: int) -> tuple[list[FeedbackEntry], int]:
            asked.append((since, until, most))
            return [FeedbackEntry(NOW - HOUR, "", "Chybí <tlačítko>")], 30

        sources.register_feedback(source)
        facts("feedback_summary", hours=12, rows=7)
        assert asked == [(NOW - 12 * HOUR, NOW, 7)]
        html, text = mail()
        assert "Chybí &lt;tlačítko&gt;" in html
        assert "Chybí <tlačítko>" in text
        assert both("(smazaný uživatel)")
        assert both("Zobrazeno 1 z 30.")


class TestTheWholeMail:
    def test_every_kind_can_be_told_when_there_is_nothing_to_tell(self):
        for kind in registry.kinds():
            facts(kind.code)
            html, text = mail()
            assert kind.default_title in html
            assert "None" not in text
            assert "{{" not in html + text

    def test_it_asks_no_other_server_for_anything(self):
        services.load()
        services.DigestBlock.objects.update(enabled=True)
        html, _text = mail()
        assert "<img" not in html
        assert "url(" not in html
        assert "<script" not in html

    def test_each_reader_gets_it_in_their_language_with_the_same_facts(self):
        facts("backup_status", title="")
        assert any("none, backups are made by hand only" in part for part in mail(language="en"))
        assert any("zálohy se vytvářejí jen ručně" in part for part in mail(language="cs"))

    def test_its_figures_are_those_of_the_decision(self):
        admin = make_admin()
        only("free_text", content="před")
        sending.send_now(by=admin, at=NOW)
        only("free_text", content="po")
        found = composed(messages().get())
        assert found is not None
        assert "před" in str(found.body)

    def test_without_blocks_it_says_so(self):
        only("free_text")
        services.DigestBlock.objects.all().delete()
        assert both("Žádný blok přehledového e-mailu nemá co sdělit.")

    def test_header_and_footer_stand_around_the_blocks(self):
        only("free_text", title="Střed", content="x")
        services.Digest.objects.update(header_html="<p>Nahoře</p>", footer_html="<p>Dole</p>")
        html, text = mail()
        for part in (html, text):
            assert part.index("Nahoře") < part.index("Střed") < part.index("Dole")


def test_names_in_digests_that_were_sent_are_masked_when_somebody_is_erased():
    admin, gone = make_admin(), created(NOW - HOUR, name="O'Hara Zofie", email="zofie.ohara@example.org")
    only("new_users")
    sending.send_now(by=admin, at=NOW)
    mask = Mask(any_of([name_needle("O'Hara Zofie"), address_needle(gone.email)]), "Smazaná osoba")
    forget(gone.pk, {gone.email}, mask)
    found = composed(messages().get())
    assert found is not None
    (html,) = [part.content for part in found.alternatives]
    assert "Zofie" not in f"{messages().get().payload}{found.body}{html}"


def test_labels_of_kinds_are_those_of_the_organisation():
    with translation.override("cs"):
        labels = {kind.code: str(kind.label) for kind in registry.kinds()}
    assert labels["server_stats"] == "Servisní statistiky"
    assert labels["upcoming_events"] == "Nadcházející akce"
    assert labels["new_users"] == "Noví uživatelé"
    assert labels["backup_status"] == "Stav zálohování"


class TestEquipment:
    TODAY = date(2027, 5, 5)

    def names(self, part: str, **options: Any) -> list[str]:
        return [row["item"] for row in facts("equipment", **options)[part]["rows"]]

    def test_what_is_due_for_service_or_expires_soon_or_has_expired(self):
        for name, days in (("Dávno", -400), ("Dnes", 0), ("Za měsíc", 30), ("Později", 31)):
            day = self.TODAY + timedelta(days=days)
            ItemFactory(name=name, service_due=day)
            ItemFactory(name=name, expires_on=day)
        ItemFactory(name="Odložená", service_due=self.TODAY, expires_on=self.TODAY, is_archived=True)
        assert self.names("due") == self.names("expiring") == ["Dávno", "Dnes", "Za měsíc"]
        assert self.names("due", days=31)[-1] == "Později"
        assert both("Servis do 31 dnů")
        assert both("05.05.2027")

    def test_what_is_out_of_service_at_this_moment_and_what_is_lost(self):
        out, over, coming = (ItemFactory(name=name) for name in ("Mimo", "Skončila", "Naplánovaná"))
        out_of_service(out, NOW - DAY)
        out_of_service(over, NOW - DAY, NOW)
        out_of_service(coming, NOW + HOUR)
        ItemFactory(name="Ztracená", lost_since=NOW - DAY, location=LocationFactory(name="Garáž"))
        assert (self.names("out"), self.names("lost")) == (["Mimo"], ["Ztracená"])
        assert both("Garáž")

    def test_inspections_that_are_overdue_or_due_soon(self):
        plan = PlanFactory(name="BTK", months=12)
        for name, days in (("Dávno", 900), ("Za měsíc", 335), ("Později", 330)):
            inspected(ItemFactory(name=name, type=plan.type), plan, self.TODAY - timedelta(days=days))
        inspected(ItemFactory(name="Odložená", type=plan.type, is_archived=True), plan, date(2020, 1, 1))
        assert self.names("inspections") == ["Dávno", "Za měsíc"]
        assert both("Dávno – BTK")
        assert both("Prohlídky po termínu")

    def test_a_mail_queued_before_there_were_inspections_says_nothing_of_them(self):
        told = facts("equipment")
        del told["inspections"]
        assert present(told)["inspections"]["rows"] == []

    def test_names_are_text_and_nothing_is_said_to_be_nothing(self):
        ItemFactory(name="<b>AED</b>", lost_since=NOW)
        facts("equipment")
        html, text = mail()
        assert "&lt;b&gt;AED&lt;/b&gt;" in html
        assert "<b>AED</b>" in text
        assert both("nic")

    def test_costs_the_same_statements_however_many(self, django_assert_max_num_queries):
        only("equipment")
        for _n in range(12):
            ItemFactory(service_due=self.TODAY, location=LocationFactory())
        digest = services.load()
        with django_assert_max_num_queries(21):
            payload_of(digest, at=NOW)

    def test_what_has_not_come_back_from_events_that_are_over(self):
        over = EventFactory(name="Koncert", start=NOW - 2 * DAY, end=NOW - DAY)
        packed(over, ItemFactory(name="Nevrácená"), taken_at=NOW - 2 * DAY)
        packed(over, ItemFactory(name="Vrácená"), taken_at=NOW - 2 * DAY, outcome="in_order", returned_at=NOW)
        packed(EventFactory(start=NOW - HOUR, end=NOW + HOUR), ItemFactory(name="Na akci"), taken_at=NOW - HOUR)
        cancelled = EventFactory(start=NOW + DAY, end=NOW + 2 * DAY, status="cancelled")
        packed(cancelled, ItemFactory(name="Ze zrušené"), taken_at=NOW - HOUR)
        assert self.names("not_back") == ["Nevrácená", "Ze zrušené"]
        assert both("Koncert")
        assert both("04.05.2027")


class TestConsumables:
    TODAY = date(2027, 5, 5)

    def names(self, part: str, **options: Any) -> list[str]:
        return [row["name"] for row in facts("consumables", **options)[part]["rows"]]

    def test_what_is_low_expires_soon_or_has_expired(self):
        for name, days in (("Prošlé", -1), ("Dnes", 0), ("Za dva měsíce", 60), ("Později", 61)):
            stocked(ConsumableFactory(name=name), 2, expires_on=self.TODAY + timedelta(days=days), number="L-7")
        stocked(ConsumableFactory(name="Málo", minimum=5), 4)
        stocked(ConsumableFactory(name="Dost", minimum=5), 5)
        ConsumableFactory(name="Odložené", minimum=5, is_archived=True)
        assert self.names("low") == ["Málo"]
        assert self.names("expiring") == ["Dnes", "Za dva měsíce"]
        assert self.names("expired") == ["Prošlé"]
        assert self.names("expiring", days=61)[-1] == "Později"
        assert both("Projde do 61 dnů")
        assert both("05.05.2027")
        assert both("4 z 5 ks")
        assert both("L-7")

    def test_names_are_text_and_nothing_is_said_to_be_nothing(self):
        ConsumableFactory(name="<b>Gáza</b>", minimum=1)
        facts("consumables")
        html, text = mail()
        assert "&lt;b&gt;Gáza&lt;/b&gt;" in html
        assert "<b>Gáza</b>" in text
        assert both("nic")

    def test_costs_the_same_statements_however_many(self, django_assert_max_num_queries):
        only("consumables")
        for _n in range(12):
            stocked(ConsumableFactory(minimum=9), 2, expires_on=self.TODAY, location=LocationFactory())
        digest = services.load()
        with django_assert_max_num_queries(15):
            payload_of(digest, at=NOW)

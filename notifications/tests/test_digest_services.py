"""Changing the digest and sending it: what happens, what is refused, what is recorded."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import jobs
from medcover.system.models import AuditEntry
from notifications import registry as notices
from notifications.delivery import drain
from notifications.digest import queue_depth, registry, sending, services
from notifications.digest.models import Digest, DigestBlock, QueueDepth
from notifications.digest.options import MOST_HTML
from notifications.tests.digests import block, messages, only, schedule
from notifications.tests.factories import MessageFactory
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

SPRING = datetime(2027, 5, 5, 5, 10, tzinfo=UTC)  # ten past seven in Prague
ORDER = [
    "server_stats", "audit_log", "upcoming_events", "new_users", "feedback_summary", "free_text", "backup_status",
    "user_activity", "expiring_qualifications", "equipment", "consumables",
    "needs",
]  # fmt: skip


@pytest.fixture
def admin() -> Any:
    return make_admin(name="Adamec Jan", email="adamec@example.org")


def recorded() -> list[AuditEntry]:
    models = ("digest", "digestblock")
    return list(AuditEntry.objects.filter(content_type__model__in=models).order_by("pk"))


def blocks() -> list[DigestBlock]:
    return list(DigestBlock.objects.in_order())


class TestFirstUse:
    def test_there_is_one_disabled_block_of_each_kind_in_the_order_of_the_kinds(self):
        services.load()
        assert [row.kind for row in blocks()] == ORDER
        assert not any(row.enabled for row in blocks())

    def test_the_schedule_is_off_and_asks_for_seven_every_day(self):
        digest = services.load()
        assert (digest.enabled, digest.frequency_hours, digest.preferred_hour, digest.last_sent_at) == (
            False, 24, 7, None,
        )  # fmt: skip

    def test_titles_are_the_labels_in_the_language_of_the_site(self):
        services.load()
        assert {row.kind: row.config["title"] for row in blocks()}["free_text"] == "Poznámka"
        assert all(row.config["title"] for row in blocks())

    def test_doing_it_again_makes_nothing_and_deleted_blocks_stay_away(self, admin):
        services.load()
        services.delete_block(blocks()[0].pk, by=admin)
        services.load()
        assert len(blocks()) == len(ORDER) - 1

    def test_it_is_made_anew_where_somebody_has_emptied_the_tables(self):
        DigestBlock.objects.all().delete()
        Digest.objects.all().delete()
        services.load()
        assert [row.kind for row in blocks()] == ORDER

    def test_there_can_be_no_second_one(self):
        services.load()
        with pytest.raises(IntegrityError), transaction.atomic():
            Digest.objects.create(pk=2)


class TestSchedule:
    def test_it_is_written_recorded_and_raises_the_version(self, admin):
        before = services.load()
        services.save_schedule(by=admin, at=SPRING, version=before.version, enabled=True, subject="  Přehled \n dne ")
        digest = Digest.objects.get()
        assert (digest.enabled, digest.subject, digest.version) == (True, "Přehled dne", before.version + 1)
        (entry,) = recorded()
        assert entry.actor == admin
        assert entry.changes["subject"] == [before.subject, "Přehled dne"]
        assert "version" not in entry.changes

    def test_a_change_of_the_timing_is_remembered_and_one_of_words_is_not(self, admin):
        services.save_schedule(by=admin, at=SPRING, subject="Jiný")
        assert Digest.objects.get().scheduled_at != SPRING
        services.save_schedule(by=admin, at=SPRING, preferred_hour=5)
        assert Digest.objects.get().scheduled_at == SPRING

    def test_saving_the_same_changes_nothing(self, admin):
        before = services.load()
        services.save_schedule(by=admin, version=before.version, enabled=before.enabled, subject=before.subject)
        assert Digest.objects.get().version == before.version
        assert recorded() == []

    def test_a_stale_form_is_refused(self, admin):
        version = services.load().version
        services.save_schedule(by=admin, version=version, preferred_hour=5)
        with pytest.raises(StaleRecord):
            services.save_schedule(by=admin, version=version, preferred_hour=6)
        assert Digest.objects.get().preferred_hour == 5

    @pytest.mark.parametrize(
        "wrong",
        [
            {"frequency_hours": 25}, {"frequency_hours": 0}, {"preferred_hour": 24}, {"preferred_hour": -1},
            {"subject": "x" * 256}, {"header_html": "x" * (MOST_HTML + 1)},
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, admin, wrong):
        with pytest.raises(ValidationError):
            services.save_schedule(by=admin, **wrong)

    def test_what_is_no_part_of_it_is_a_mistake_of_the_caller(self, admin):
        with pytest.raises(TypeError):
            services.save_schedule(by=admin, last_sent_at=SPRING)


class TestBlocks:
    def test_a_new_one_is_switched_on_at_the_end_with_the_defaults(self, admin):
        services.load()
        added = services.add_block("audit_log", by=admin)
        assert blocks()[-1] == added
        assert added.enabled
        assert added.config == {
            "title": "", "hours": 24, "rows": 50, "show_user": True, "entities": [], "kinds": [],
        } | {"title": added.config["title"]}  # fmt: skip
        assert [entry.kind for entry in recorded()] == [AuditEntry.Kind.CREATE]

    def test_there_are_at_most_five_of_a_kind(self, admin):
        services.load()
        for _number in range(4):
            services.add_block("free_text", by=admin)
        with pytest.raises(DomainError, match="5"):
            services.add_block("free_text", by=admin)
        services.add_block("new_users", by=admin)

    @pytest.mark.parametrize("kind", ["", "unknown", "free_text'; --"])
    def test_a_kind_that_is_none_is_refused(self, admin, kind):
        with pytest.raises(DomainError):
            services.add_block(kind, by=admin)

    def test_they_are_put_in_order_by_one_call_and_one_entry(self, admin, django_assert_max_num_queries):
        services.load()
        wanted = [row.pk for row in reversed(blocks())]
        with django_assert_max_num_queries(10):
            services.order_blocks(wanted, by=admin)
        assert [row.pk for row in blocks()] == wanted
        (entry,) = recorded()
        before, after = entry.changes["blocks"]
        assert after.split(", ") == list(reversed(before.split(", ")))

    def test_the_same_order_again_is_no_change(self, admin):
        services.load()
        services.order_blocks([row.pk for row in blocks()], by=admin)
        assert recorded() == []

    def test_ordering_leaves_the_versions_alone(self, admin):
        services.load()
        services.order_blocks([row.pk for row in reversed(blocks())], by=admin)
        assert {row.version for row in blocks()} == {1}

    @pytest.mark.parametrize(
        "spoil", [lambda keys: keys[1:], lambda keys: [*keys, 10**6], lambda keys: [*keys, keys[0]]]
    )
    def test_an_order_of_other_blocks_than_there_are_is_stale(self, admin, spoil):
        services.load()
        keys = [row.pk for row in blocks()]
        with pytest.raises(StaleRecord):
            services.order_blocks(spoil(keys), by=admin)
        assert [row.pk for row in blocks()] == keys

    def test_more_keys_than_there_can_be_are_refused(self, admin):
        services.load()
        with pytest.raises(DomainError):
            services.order_blocks(list(range(51)), by=admin)

    def test_switching_is_saved_and_recorded_once(self, admin):
        key = block("new_users").pk
        for _time in range(2):
            services.switch_block(key, enabled=True, by=admin)
        switched = DigestBlock.objects.get(pk=key)
        assert (switched.enabled, switched.version) == (True, 2)
        (entry,) = recorded()
        assert entry.changes["enabled"] == ["False", "True"]

    def test_options_are_put_right_and_saved_with_before_and_after(self, admin):
        key = block("new_users").pk
        typed = {"p-title": " Noví \n lidé ", "p-hours": "0", "p-rows": "1000", "p-only_inactive": "on"}
        services.save_block(key, typed, prefix="p", by=admin, version=1)
        saved = DigestBlock.objects.get(pk=key)
        assert saved.config == {"title": "Noví lidé", "hours": 1, "rows": 100, "only_inactive": True}
        (entry,) = recorded()
        assert "1000" not in str(entry.changes)
        assert len(entry.changes["config"]) == 2

    def test_an_empty_title_becomes_the_label(self, admin):
        key = block("free_text").pk
        services.save_block(key, {"p-title": " ", "p-content": "<b>x</b>"}, prefix="p", by=admin)
        assert DigestBlock.objects.get(pk=key).config == {"title": "Poznámka", "content": "<b>x</b>"}

    def test_a_stale_form_of_options_is_refused(self, admin):
        key = block("free_text").pk
        services.switch_block(key, enabled=True, by=admin)
        with pytest.raises(StaleRecord):
            services.save_block(key, {"p-content": "x"}, prefix="p", by=admin, version=1)

    def test_one_is_deleted_for_good_and_recorded(self, admin):
        key = block("free_text").pk
        services.delete_block(key, by=admin, version=1)
        assert not DigestBlock.objects.filter(pk=key).exists()
        assert [entry.kind for entry in recorded()] == [AuditEntry.Kind.DELETE]

    def test_deleting_what_has_changed_meanwhile_is_refused(self, admin):
        key = block("free_text").pk
        with pytest.raises(StaleRecord):
            services.delete_block(key, by=admin, version=7)

    def test_one_that_is_gone_is_said_to_be(self, admin):
        key = block("free_text").pk
        services.delete_block(key, by=admin)
        for act in (
            lambda: services.delete_block(key, by=admin),
            lambda: services.switch_block(key, enabled=True, by=admin),
            lambda: services.save_block(key, {}, by=admin),
        ):
            with pytest.raises(services.Gone):
                act()

    def test_one_of_a_kind_that_is_gone_can_be_switched_and_deleted_but_not_set(self, admin):
        key = only("of_another_time", title="Starý").pk
        services.switch_block(key, enabled=False, by=admin)
        with pytest.raises(DomainError):
            services.save_block(key, {}, by=admin)
        services.delete_block(key, by=admin)


@pytest.mark.parametrize("make", [make_coordinator, make_member])
def test_nobody_but_administrators_changes_or_sends_anything(make):
    person, key = make(), block("free_text").pk
    for act in (
        lambda: services.save_schedule(by=person, enabled=True),
        lambda: services.add_block("free_text", by=person),
        lambda: services.order_blocks([key], by=person),
        lambda: services.switch_block(key, enabled=True, by=person),
        lambda: services.save_block(key, {}, by=person),
        lambda: services.delete_block(key, by=person),
        lambda: sending.send_now(by=person, at=SPRING),
        lambda: sending.send_test("nekdo@example.org", by=person, at=SPRING),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert recorded() == []
    assert not messages().exists()


class TestSendingByRequest:
    def test_now_goes_to_every_active_administrator_and_does_not_count(self, admin):
        other = make_admin(email="zeman@example.org")
        UserFactory(roles=[Role.ADMIN], is_active=False)
        UserFactory(roles=[Role.ADMIN], is_active=False, is_archived=True)
        make_coordinator()
        schedule()
        assert sending.send_now(by=admin, at=SPRING) == 2
        assert [row.recipient for row in messages()] == [admin, other]
        assert Digest.objects.get().last_sent_at is None
        (entry,) = recorded()
        assert (entry.actor, entry.summary) == (admin, "Přehledový e-mail odeslán 2 administrátorům")

    def test_twice_in_a_row_leaves_one_mail_with_the_newer_facts(self, admin):
        only("free_text", content="první")
        sending.send_now(by=admin, at=SPRING)
        only("free_text", content="druhý")
        sending.send_now(by=admin, at=SPRING)
        (row,) = messages()
        assert row.payload["blocks"][0]["facts"] == {"content": "druhý"}

    def test_without_anybody_it_says_so(self, admin):
        admin.groups.clear()
        superuser = UserFactory(roles=[], is_superuser=True)
        with pytest.raises(DomainError):
            sending.send_now(by=superuser, at=SPRING)

    def test_a_trial_goes_to_any_address_and_says_that_it_is_one(self, admin):
        schedule(subject="Přehled")
        assert sending.send_test(" nekdo@example.org ", by=admin, at=SPRING) == "nekdo@example.org"
        (row,) = messages()
        assert (row.recipient, row.to_email, row.subject) == (None, "nekdo@example.org", "[TEST] Přehled")
        assert Digest.objects.get().last_sent_at is None

    def test_the_record_of_a_trial_does_not_hold_the_address(self, admin):
        sending.send_test("nekdo@example.org", by=admin, at=SPRING)
        (entry,) = recorded()
        assert "nekdo" not in f"{entry.summary}{entry.changes}"

    @pytest.mark.parametrize(
        "address",
        ["", "nikdo", "a@b", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "@", "x" * 300],
    )
    def test_what_is_no_address_gets_nothing(self, admin, address):
        with pytest.raises(ValidationError):
            sending.send_test(address, by=admin, at=SPRING)
        assert not messages().exists()

    def test_a_subject_of_the_greatest_length_still_fits(self, admin):
        schedule(subject="ž" * 255)
        sending.send_test("nekdo@example.org", by=admin, at=SPRING)
        assert messages().get().subject == f"[TEST] {'ž' * 248}"

    def test_an_empty_subject_is_the_usual_one(self, admin):
        schedule(subject="")
        sending.send_now(by=admin, at=SPRING)
        assert messages().get().subject == "MedCover — Přehledový e-mail"


class TestSendingBySchedule:
    def test_it_goes_once_and_is_remembered(self, admin):
        schedule()
        assert sending.send_if_due(at=SPRING)
        assert not sending.send_if_due(at=SPRING + timedelta(minutes=30))
        assert messages().get().recipient == admin
        assert Digest.objects.get().last_sent_at == SPRING
        assert recorded() == []

    def test_neither_the_version_nor_an_open_form_feels_it(self, admin):
        version = schedule().version
        sending.send_if_due(at=SPRING)
        services.save_schedule(by=admin, version=version, subject="Jiný")

    def test_nothing_goes_while_it_is_switched_off(self, admin):
        schedule(enabled=False)
        assert not sending.send_if_due(at=SPRING)

    def test_nothing_goes_before_the_hour_of_the_site(self, admin):
        schedule()
        assert not sending.send_if_due(at=SPRING - timedelta(minutes=15))

    def test_without_administrators_the_attempt_counts(self):
        schedule()
        assert sending.send_if_due(at=SPRING)
        assert not messages().exists()
        assert Digest.objects.get().last_sent_at == SPRING

    def test_every_second_day_means_two_days(self, admin):
        schedule(frequency_hours=48)
        sent = [day for day in range(7) if sending.send_if_due(at=SPRING + timedelta(days=day))]
        assert sent == [0, 2, 4, 6]

    def test_a_request_in_between_does_not_postpone_it(self, admin):
        schedule(last_sent_at=SPRING - timedelta(days=1))
        sending.send_now(by=admin, at=SPRING - timedelta(hours=1))
        assert sending.send_if_due(at=SPRING)

    def test_the_statements_do_not_grow_with_the_administrators(self, admin, django_assert_max_num_queries):
        schedule()
        for _number in range(12):
            make_admin()
        with django_assert_max_num_queries(25):
            sending.send_if_due(at=SPRING)
        assert messages().count() == 13

    def test_the_worker_asks_every_hour_and_measures_every_quarter(self):
        pace = {job.name: job.minutes for job in jobs.registered()}
        assert (pace["notifications.digest"], pace["notifications.queue_depth"]) == (60, 15)


def _breaking(monkeypatch, code: str, **what: Any) -> None:
    kind = registry.find(code)
    assert kind is not None
    monkeypatch.setitem(registry._kinds, code, replace(kind, **what))


def _failing_query(_options: Any, _at: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'Nováková' / 0")


def _failing(*_args: Any) -> Any:
    raise RuntimeError("Nováková")


class TestBlocksThatFail:
    @pytest.fixture
    def two(self, admin) -> None:
        only("new_users")
        DigestBlock.objects.create(kind="free_text", enabled=True, order=2, config={"content": "zbytek"})

    @pytest.mark.logs_errors
    @pytest.mark.parametrize("failing", [_failing, _failing_query, lambda *_args: {"x": object()}])
    def test_one_that_cannot_collect_is_logged_and_left_out(self, admin, two, monkeypatch, caplog, failing):
        _breaking(monkeypatch, "new_users", collect=failing)
        assert sending.send_now(by=admin, at=SPRING) == 1
        (row,) = messages()
        assert [part["kind"] for part in row.payload["blocks"]] == ["free_text"]
        (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert "new_users" in error.getMessage()
        assert "Nováková" not in caplog.text

    @pytest.mark.logs_errors
    @pytest.mark.parametrize("what", [{"present": _failing}, {"template": "nowhere"}])
    def test_one_that_cannot_be_drawn_is_left_out_of_the_mail(self, admin, two, monkeypatch, caplog, what, mail_server):
        sending.send_now(by=admin, at=SPRING)
        _breaking(monkeypatch, "new_users", **what)
        drain()
        assert messages().get().status == "sent"
        assert "Nováková" not in caplog.text

    def test_one_of_a_kind_that_is_gone_is_left_out(self, admin):
        only("of_another_time")
        sending.send_now(by=admin, at=SPRING)
        assert messages().get().payload["blocks"] == []

    def test_what_waits_when_its_kind_goes_is_left_out_too(self, admin, two, monkeypatch, mail_server):
        sending.send_now(by=admin, at=SPRING)
        monkeypatch.delitem(registry._kinds, "new_users")
        drain()
        assert messages().get().status == "sent"


class TestTheType:
    def test_it_is_for_administrators_and_cannot_be_switched_off(self):
        notice = notices.get("admin_digest")
        assert notice.always_on
        assert notice.roles == {Role.ADMIN.value}


class TestMeasuringTheOutbox:
    def test_what_waits_is_counted_and_old_measurements_are_forgotten(self):
        MessageFactory.create_batch(3)
        MessageFactory(status="failed")
        for age in (31, 30, 29):
            QueueDepth.objects.create(measured_at=SPRING - timedelta(days=age), pending=9)
        assert queue_depth.measure(at=SPRING) == 3
        kept = QueueDepth.objects.order_by("measured_at").values_list("measured_at", "pending")
        assert list(kept) == [
            (SPRING - timedelta(days=30), 9), (SPRING - timedelta(days=29), 9), (SPRING, 3),
        ]  # fmt: skip

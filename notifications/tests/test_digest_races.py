"""Two connections at once: workers that both find the digest due, and administrators who both change its blocks."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from medcover.common.errors import DomainError, StaleRecord
from notifications.delivery import drain
from notifications.digest import sending, services
from notifications.digest.models import Digest, DigestBlock
from notifications.models import OutboxMessage
from notifications.tests.digests import block, messages, only, schedule
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside, wait_until_somebody_waits_for_us
from roster.tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)

SPRING = datetime(2027, 5, 5, 5, 10, tzinfo=UTC)


@pytest.fixture
def admin() -> Any:
    services.load()
    return make_admin(email="adamec@example.org")


def answers(futures: list[Future]) -> list[str]:
    """What came of each: its value or the name of its refusal."""
    found = []
    for future in futures:
        try:
            found.append(str(future.result(PATIENCE)))
        except DomainError as refusal:
            found.append(type(refusal).__name__)
    return sorted(found)


class TestWorkers:
    @pytest.mark.parametrize("keep", [True, False])
    def test_the_second_waits_and_sends_only_what_the_first_has_not(self, admin, keep):
        schedule()
        with beside() as start, transaction.atomic():
            assert sending.send_if_due(at=SPRING)
            second = start(sending.send_if_due, at=SPRING)
            wait_until_somebody_waits_for_us()
            transaction.set_rollback(not keep)
        assert second.result(PATIENCE) is not keep
        assert messages().count() == 1
        assert Digest.objects.get().last_sent_at == SPRING

    def test_many_at_once_send_once(self, admin):
        schedule()
        together = threading.Barrier(6)

        def work() -> bool:
            together.wait(PATIENCE)
            return sending.send_if_due(at=SPRING)

        with beside(6) as start:
            futures = [start(work) for _number in range(6)]
            assert answers(futures) == ["False"] * 5 + ["True"]
        assert messages().count() == 1


class TestAdministrators:
    def test_two_who_add_the_fifth_get_one(self, admin):
        for _number in range(3):
            services.add_block("free_text", by=admin)
        with beside() as start, transaction.atomic():
            services.add_block("free_text", by=admin)
            second = start(services.add_block, "free_text", by=admin)
            wait_until_somebody_waits_for_us()
        assert answers([second]) == ["DomainError"]
        assert DigestBlock.objects.of_kind("free_text").count() == services.MOST_OF_A_KIND

    def test_an_order_that_waited_for_a_deletion_is_stale(self, admin):
        keys = [row.pk for row in DigestBlock.objects.in_order()]
        with beside() as start, transaction.atomic():
            services.delete_block(keys[0], by=admin)
            second = start(services.order_blocks, keys[::-1], by=admin)
            wait_until_somebody_waits_for_us()
        with pytest.raises(StaleRecord):
            second.result(PATIENCE)
        assert [row.pk for row in DigestBlock.objects.in_order()] == keys[1:]

    def test_options_that_waited_for_others_are_stale(self, admin):
        key = block("free_text").pk
        with beside() as start, transaction.atomic():
            services.save_block(key, {"p-content": "první"}, prefix="p", by=admin, version=1)
            second = start(services.save_block, key, {"p-content": "druhý"}, prefix="p", by=admin, version=1)
            wait_until_somebody_waits_for_us()
        with pytest.raises(StaleRecord):
            second.result(PATIENCE)
        assert DigestBlock.objects.get(pk=key).config["content"] == "první"

    def test_a_block_that_was_deleted_meanwhile_is_gone(self, admin):
        key = block("free_text").pk
        with beside() as start, transaction.atomic():
            services.delete_block(key, by=admin)
            second = start(services.switch_block, key, enabled=True, by=admin)
            wait_until_somebody_waits_for_us()
        assert answers([second]) == ["Gone"]

    def test_the_schedule_of_two_is_that_of_the_first(self, admin):
        with beside() as start, transaction.atomic():
            services.save_schedule(by=admin, version=1, preferred_hour=5)
            second = start(services.save_schedule, by=admin, version=1, preferred_hour=6)
            wait_until_somebody_waits_for_us()
        with pytest.raises(StaleRecord):
            second.result(PATIENCE)
        assert Digest.objects.get().preferred_hour == 5


def test_two_who_come_first_make_one_digest():
    Digest.objects.all().delete()
    DigestBlock.objects.all().delete()
    together = threading.Barrier(4)

    def work() -> int:
        together.wait(PATIENCE)
        return services.load().pk

    with beside(4) as start:
        assert answers([start(work) for _number in range(4)]) == ["1"] * 4
    assert DigestBlock.objects.count() == len({row.kind for row in DigestBlock.objects.all()})


def test_the_whole_way_from_the_schedule_to_the_mail(admin, mail_server):
    only("free_text", title="Zpráva", content="<p>Žluťoučký kůň</p>")
    schedule(subject="Denní přehled")
    assert sending.send_if_due(at=SPRING)
    drain()
    assert messages().get().status == OutboxMessage.Status.SENT
    (mail,) = mail_server.messages
    assert mail.subject == "Denní přehled"
    html, text = mail.html, mail.text
    assert ">Žluťoučký kůň</p>" in html
    assert "== Zpráva ==\n\nŽluťoučký kůň" in text.replace("\r\n", "\n")

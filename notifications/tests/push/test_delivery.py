"""From the outbox onto devices, by a real service on this machine."""

from __future__ import annotations

import base64
import json
import time
from contextlib import ExitStack
from datetime import timedelta
from email.utils import format_datetime

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.db import transaction
from django.utils import timezone

from medcover.system.models import AuditEntry, SiteSettings
from notifications import services as outbox
from notifications.delivery import Outcome, drain
from notifications.models import OutboxMessage, PushChoice, PushSubscription
from notifications.push import services, transport
from notifications.push.transport import LONGEST_WAIT, wait_of
from notifications.tests.factories import message_to
from notifications.tests.push.conftest import CONTACT
from notifications.tests.push.devices import Browser, subscribed
from notifications.tests.push.service import PushService, certificate_for
from notifications.tests.smtp import PATIENCE, MailServer, wait_until
from notifications.tests.threads import beside
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

Status, Channel = OutboxMessage.Status, OutboxMessage.Channel


@pytest.fixture(autouse=True)
def _mails(mail_server: MailServer) -> None:
    """Mails have a server, so that it is not in the way."""


@pytest.fixture
def person():
    return make_member(name="Nováková Jana")


def tell(person, code: str = "urgent", **payload) -> None:
    outbox.enqueue(code, recipients=[person.pk], topic="thing:1", payload=payload)


def row_of(device: PushSubscription) -> OutboxMessage:
    return OutboxMessage.objects.get(device=device.pk)


def claims_of(authorization: str, public_key: str) -> dict:
    """What the signed header says; fails unless the public key has signed it."""
    scheme, parts = authorization.split(" ", 1)
    given = dict(part.split("=", 1) for part in parts.split(","))
    assert (scheme, given["k"]) == ("vapid", public_key)
    signed, _dot, signature = given["t"].rpartition(".")
    raw = _bytes(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(public_key))
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point.verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(_bytes(signed.split(".")[1]))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class TestArriving:
    def test_the_device_alone_can_read_it(self, service: PushService, person):
        browser = service.browser()
        device = subscribed(person, browser)
        tell(person, title="MedCover — Kolo štěstí")
        assert drain() is Outcome.NOTHING_LEFT
        (pushed,) = service.at(browser)
        assert b"Kolo" not in pushed.body
        shown = browser.read(pushed.body)
        assert shown["title"] == "[cs] MedCover — Kolo štěstí"
        assert (shown["body"], shown["path"], shown["lang"]) == ("řádek", "/profile/", "cs")
        with pytest.raises(http_ece.ECEException):
            Browser().read(pushed.body)
        row = row_of(device)
        assert (row.status, row.attempts) == (Status.SENT, 0)
        device.refresh_from_db()
        assert device.last_used

    def test_the_service_sees_who_sends_and_how_long_it_matters(self, service: PushService, person, key):
        browser = service.browser()
        subscribed(person, browser)
        tell(person)
        drain()
        (pushed,) = service.at(browser)
        claims = claims_of(pushed.headers["Authorization"], key)
        assert (claims["sub"], claims["aud"]) == (CONTACT, service.url)
        assert time.time() < claims["exp"] <= time.time() + 24 * 3600
        assert pushed.headers["Content-Encoding"] == "aes128gcm"
        assert (pushed.headers["TTL"], pushed.headers["Urgency"]) == ("86400", "high")
        assert len(pushed.headers["Topic"]) == 32

    def test_what_is_only_wished_is_not_urgent(self, service: PushService, person):
        browser = service.browser()
        subscribed(person, browser)
        PushChoice.objects.create(person=person, code="plain", wanted=True)
        tell(person, "plain")
        drain()
        assert service.at(browser)[0].headers["Urgency"] == "normal"

    def test_a_batch_tells_its_news_one_by_one(self, service: PushService, person, mail_server):
        browser = service.browser()
        subscribed(person, browser)
        for topic, number in (("thing:1", 1), ("thing:2", 2)):
            outbox.enqueue("urgent_in_batch", recipients=[person.pk], topic=topic, payload={"number": number})
        drain()
        assert len(service.at(browser)) == 2
        assert len(mail_server.messages) == 1
        first, second = service.shown(browser)
        assert first["tag"] != second["tag"]

    def test_the_next_of_a_kind_replaces_the_one_before(self, service: PushService, person):
        browser = service.browser()
        subscribed(person, browser)
        for _n in range(2):
            tell(person)
            drain()
        first, second = service.shown(browser)
        assert first["tag"] == second["tag"]

    def test_long_words_are_cut(self, service: PushService, person):
        browser = service.browser()
        subscribed(person, browser)
        tell(person, title="ř" * 5000)
        drain()
        (pushed,) = service.at(browser)
        assert len(pushed.body) < 4096
        assert browser.read(pushed.body)["title"].endswith("…")


class TestNotLeaving:
    @pytest.fixture
    def browser(self, service: PushService):
        return service.browser()

    @pytest.fixture
    def device(self, person, browser):
        return subscribed(person, browser)

    def skipped(self, service, browser, device) -> str:
        drain()
        assert not service.at(browser)
        row = row_of(device)
        assert row.status == Status.SKIPPED
        return row.last_error

    def test_while_sending_is_blocked(self, service, browser, device, person):
        tell(person)
        SiteSettings.objects.update(mail_block=True)
        assert "blokováno" in self.skipped(service, browser, device)

    def test_but_to_exceptions_from_the_block(self, service, browser, device, person):
        tell(person)
        SiteSettings.objects.update(mail_block=True, mail_block_allowed=person.email)
        drain()
        assert len(service.at(browser)) == 1

    def test_when_declined_meanwhile(self, service, browser, device, person):
        tell(person)
        services.choose({"urgent": False}, by=person)
        assert "nepřeje" in self.skipped(service, browser, device)

    def test_to_a_device_removed_meanwhile(self, service, browser, device, person):
        tell(person)
        services.unsubscribe(device.pk, by=person)
        assert "neexistuje" in self.skipped(service, browser, device)

    def test_to_a_browser_that_somebody_else_has_now(self, service, browser, device, person):
        tell(person)
        services.subscribe(browser.sent, by=make_member())
        self.skipped(service, browser, device)

    def test_without_a_key(self, service, browser, device, person, settings):
        tell(person)
        settings.VAPID_PRIVATE_KEY = ""
        self.skipped(service, browser, device)

    def test_to_whoever_left(self, service, browser, device, person):
        tell(person)
        type(person).objects.filter(pk=person.pk).update(is_active=False)
        self.skipped(service, browser, device)

    def test_what_has_lost_its_point(self, service, browser, device, person):
        PushChoice.objects.create(person=person, code="pointless", wanted=True)
        tell(person, "pointless")
        self.skipped(service, browser, device)

    def test_what_cannot_be_composed_waits_and_says_why(self, service, browser, device, person):
        PushChoice.objects.create(person=person, code="failing_query", wanted=True)
        tell(person, "failing_query")
        drain()
        row = row_of(device)
        assert (row.status, row.attempts) == (Status.PENDING, 1)
        assert "DataError" in row.last_error

    def test_nor_does_a_type_that_is_known_no_more_stop_the_others(self, service, browser, device, person):
        message_to(person, code="of_a_former_version", channel=Channel.PUSH, device=device.pk)
        tell(person)
        drain()
        assert len(service.at(browser)) == 1
        row = OutboxMessage.objects.get(code="of_a_former_version")
        assert (row.status, row.attempts) == (Status.PENDING, 1)

    def test_when_the_secrets_cannot_be_read_any_more_the_device_goes(self, service, browser, device, person):
        tell(person)
        PushSubscription.objects.update(auth_token="garbage")
        self.skipped(service, browser, device)
        assert not PushSubscription.objects.exists()


class TestFailing:
    @pytest.mark.parametrize("status", [404, 410])
    def test_a_device_that_is_gone_is_forgotten_and_recorded(self, service: PushService, person, status):
        browser = service.browser(status=status)
        device = subscribed(person, browser)
        tell(person)
        drain()
        assert not PushSubscription.objects.exists()
        assert row_of(device).status == Status.SKIPPED
        entry = AuditEntry.objects.filter(object_pk=str(person.pk)).latest("id")
        assert "Firefox, Android" in entry.summary
        assert entry.actor is None

    def test_each_device_gets_it_once_even_when_one_fails(self, service: PushService, person):
        good, bad, other = service.browser(), service.browser(status=500), service.browser()
        for browser in (good, bad, other):
            subscribed(person, browser)
        tell(person)
        now = timezone.now()
        drain(clock=lambda: now)
        service.answers[bad.path].status = 201
        drain(clock=lambda: now + timedelta(minutes=2))
        drain(clock=lambda: now + timedelta(minutes=20))
        assert [len(service.at(browser)) for browser in (good, bad, other)] == [1, 2, 1]
        assert set(OutboxMessage.objects.values_list("status", flat=True)) == {Status.SENT}

    @pytest.mark.parametrize("status", [301, 307, 400, 403, 413, 429, 500, 503])
    def test_what_is_refused_is_tried_later(self, service: PushService, person, status):
        elsewhere = service.browser()
        browser = service.browser(status=status, headers=(("Location", elsewhere.endpoint),))
        device = subscribed(person, browser)
        tell(person)
        now = timezone.now()
        drain(clock=lambda: now)
        row = row_of(device)
        assert (row.status, row.attempts, row.send_after) == (Status.PENDING, 1, now + timedelta(minutes=1))
        assert f"HTTP {status}" in row.last_error
        assert browser.path not in row.last_error
        assert not service.at(elsewhere), "nobody may lead us elsewhere"

    def test_a_service_that_asks_for_patience_gets_it(self, service: PushService, person):
        browser = service.browser(status=429, headers=(("Retry-After", "600"),))
        device = subscribed(person, browser)
        tell(person)
        now = timezone.now()
        drain(clock=lambda: now)
        assert row_of(device).send_after == now + timedelta(minutes=10)

    def test_but_not_more_than_we_have(self, service: PushService, person):
        browser = service.browser(status=503, headers=(("Retry-After", "9" * 30),))
        device = subscribed(person, browser)
        tell(person)
        now = timezone.now()
        drain(clock=lambda: now)
        assert row_of(device).send_after in (now + LONGEST_WAIT, now + timedelta(minutes=1))

    def test_the_last_failure_is_recorded(self, service: PushService, person):
        device = subscribed(person, service.browser(status=500))
        tell(person)
        OutboxMessage.objects.filter(device=device.pk).update(attempts=5)
        drain()
        assert row_of(device).status == Status.FAILED
        assert AuditEntry.objects.filter(kind=AuditEntry.Kind.MAIL_FAILED).exists()

    def test_nobody_there(self, service: PushService, person):
        device = subscribed(person, Browser("http://127.0.0.1:9"))
        tell(person)
        drain()
        row = row_of(device)
        assert (row.status, row.last_error) == (Status.PENDING, "127.0.0.1:9: ConnectionError")

    def test_an_answer_without_end_is_not_read(self, service: PushService, person):
        device = subscribed(person, service.browser(body=b"x" * 5_000_000))
        tell(person)
        drain()
        assert row_of(device).status == Status.SENT


class TestSilence:
    """A service that does not answer costs one wait and no more."""

    @pytest.mark.parametrize("silence", [{"hangs": True}, {"drips": True}, {"breaks_off": True}])
    def test_ends_and_is_tried_later(self, service: PushService, person, silence):
        device = subscribed(person, service.browser(**silence))
        tell(person)
        began = time.monotonic()
        drain()
        assert time.monotonic() - began < 5
        row = row_of(device)
        assert row.status == Status.PENDING
        assert "/send/" not in row.last_error

    def test_is_waited_for_once_in_a_drain(self, service: PushService):
        silent = [service.browser(hangs=True) for _n in range(10)]
        devices = [subscribed(make_member(), browser) for browser in silent]
        outbox.enqueue("urgent", recipients=[device.person_id for device in devices], topic="thing:1")
        drain()
        assert len(service.received) == 1
        assert {row_of(device).attempts for device in devices} == {1}

    def test_many_silent_services_cost_little_more(self, service: PushService, person, monkeypatch):
        monkeypatch.setattr(transport, "MOST_SILENT", 2)
        with ExitStack() as stack:
            services_of = [stack.enter_context(PushService()) for _n in range(4)]
            for one in services_of:
                subscribed(person, one.browser(hangs=True))
            tell(person)
            drain()
            assert sum(len(one.received) for one in services_of) == 2
        assert set(OutboxMessage.objects.filter(channel=Channel.PUSH).values_list("attempts", flat=True)) == {1}

    def test_others_are_not_kept_waiting(self, service: PushService, person, mail_server):
        with PushService() as second:
            subscribed(person, service.browser(hangs=True))
            browser = second.browser()
            subscribed(person, browser)
            tell(person)
            drain()
            assert len(second.at(browser)) == 1
        assert len(mail_server.messages) == 1

    def test_not_even_by_a_mail_server_that_is_not_there(self, service: PushService, person, mail_server):
        SiteSettings.objects.update(smtp_port=9)
        browser = service.browser()
        subscribed(person, browser)
        outbox.enqueue("account", recipients=[make_member().pk])
        tell(person)
        assert drain() is Outcome.NO_WAY_OUT
        assert len(service.at(browser)) == 1
        assert set(OutboxMessage.objects.filter(channel=Channel.MAIL).values_list("status", flat=True)) == {
            Status.PENDING
        }

    def test_nor_by_the_limit_of_mails(self, service: PushService, person, mail_server):
        SiteSettings.objects.update(mails_per_minute=1)
        browser = service.browser()
        subscribed(person, browser)
        crowd = [make_member().pk for _n in range(100)]
        outbox.enqueue("other", recipients=crowd, topic="thing:0")
        tell(person)
        now = timezone.now().replace(second=1, microsecond=0) + timedelta(minutes=1)
        drain(clock=lambda: now)
        assert len(service.at(browser)) == 1
        assert len(mail_server.messages) == 1


class TestEncryptedConnections:
    """In earnest all are; the certificate has to be one that the worker trusts."""

    @pytest.fixture
    def certificate(self, tmp_path):
        return certificate_for("localhost", tmp_path)

    @pytest.fixture
    def secure(self, service, certificate):
        with PushService(certificate) as running:
            yield running

    def test_arrive(self, secure, person, certificate, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        browsers = [secure.browser(), secure.browser()]
        devices = [subscribed(person, browser) for browser in browsers]
        tell(person)
        drain()
        assert {row_of(device).status for device in devices} == {Status.SENT}
        assert secure.connections == 1, "the connection is kept for the next"

    def test_of_strangers_do_not(self, secure, person):
        device = subscribed(person, secure.browser())
        tell(person)
        drain()
        assert not secure.received
        assert row_of(device).last_error.endswith("SSLError")

    def test_inside_are_judged_as_well(self, secure, person, certificate, monkeypatch, settings):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        settings.PUSH_TO_LOCAL_ADDRESSES = False
        monkeypatch.setattr(transport.rules, "is_endpoint", lambda _address, **_others: True)
        device = subscribed(person, secure.browser())
        tell(person)
        drain()
        assert not secure.received
        assert row_of(device).status == Status.PENDING


class TestTheNetworkOfTheInstallation:
    """What a name leads to is judged when it is connected to."""

    def test_is_out_of_reach_behind_a_name(self, service: PushService, person, settings, monkeypatch):
        settings.PUSH_TO_LOCAL_ADDRESSES = False
        port = service.url.rpartition(":")[2]
        monkeypatch.setattr(transport.rules, "is_endpoint", lambda _address, **_others: True)
        browser = Browser(f"http://localhost:{port}")
        device = subscribed(person, browser)
        tell(person)
        drain()
        assert not service.received
        assert row_of(device).status == Status.PENDING

    def test_a_stored_address_is_looked_at_again(self, service: PushService, person, settings):
        settings.PUSH_TO_LOCAL_ADDRESSES = False
        subscribed(person, service.browser())
        tell(person)
        drain()
        assert not service.received
        assert not PushSubscription.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_send_it_once(self, service: PushService, person):
        browser = service.browser(hangs=True)
        device = subscribed(person, browser)
        tell(person)
        with beside() as start:
            first = start(drain)
            wait_until(lambda: service.at(browser))
            start(drain).result(PATIENCE)
            service.released.set()
            first.result(PATIENCE)
        assert len(service.at(browser)) == 1
        assert row_of(device).attempts <= 1

    def test_a_device_removed_while_something_is_told_does_not_make_it_fail(self, service: PushService, person):
        device = subscribed(person, service.browser())
        with beside() as start, transaction.atomic():
            tell(person)
            start(services.unsubscribe, device.pk, by=person).result(PATIENCE)
        drain()
        assert row_of(device).status == Status.SKIPPED

    def test_what_a_dead_worker_left_is_taken_up(self, service: PushService, person):
        browser = service.browser()
        device = subscribed(person, browser)
        tell(person)
        OutboxMessage.objects.filter(device=device.pk).update(
            status=Status.SENDING, mail_id=device.pk, claimed_at=timezone.now()
        )
        drain()
        assert len(service.at(browser)) == 1


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("", timedelta(0)),
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("-5", timedelta(0)),
        ("soon", timedelta(0)),
        ("²", timedelta(0)),
        ("999999999", LONGEST_WAIT),
    ],
)
def test_retry_after_in_seconds(text, wait):
    assert wait_of(text, timezone.now()) == wait


def test_retry_after_as_a_moment():
    at = timezone.now().replace(microsecond=0)
    assert wait_of(format_datetime(at + timedelta(minutes=3)), at) == timedelta(minutes=3)
    assert wait_of(format_datetime(at - timedelta(minutes=3)), at) == timedelta(0)

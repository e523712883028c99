"""Pushing the static page: real directories, a real S3 server, and what goes wrong between."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.db import transaction
from django_q.models import OrmQ, Schedule
from moto.server import ThreadedMotoServer

from equipment import jobs
from equipment.models import StaticPagePush
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem
from equipment.static_page import pushing, targets
from equipment.static_page.rules import MOST_ATTEMPTS
from equipment.tests.factories import ItemFactory, make_technician, repair_of
from medcover.system.models import AuditEntry
from medcover.tests.threads import Hesitation, refusals, together

NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)
Status = StaticPagePush.Status


@pytest.fixture
def folder(settings, tmp_path):
    settings.STATIC_PAGE_PUSH_METHOD = "local"
    settings.STATIC_PAGE_PUSH_TARGET = str(tmp_path / "a" / "b")
    return tmp_path / "a" / "b"


def asked(**fields):
    return StaticPagePush.objects.create(asked_at=NOW, **fields)


@pytest.mark.django_db
class TestDirectory:
    def test_is_made_and_written(self, folder):
        ItemFactory(name="Nosítka")
        asked()
        push = pushing.push_due(at=NOW)
        assert (push.status, push.last_error, push.ended_at) == (Status.DELIVERED, "", NOW)
        assert "Nosítka" in (folder / "index.html").read_text(encoding="utf-8")
        assert [file.name for file in folder.iterdir()] == ["index.html"]
        assert (folder / "index.html").stat().st_mode & 0o777 == 0o644

    def test_all_that_waits_is_one_push(self, folder):
        for _number in range(5):
            asked()
        assert pushing.push_due(at=NOW).status == Status.DELIVERED
        assert StaticPagePush.objects.count() == 1
        assert pushing.push_due(at=NOW) is None

    def test_a_page_that_cannot_be_written_leaves_the_old_one_whole(self, folder, monkeypatch):
        asked()
        pushing.push_due(at=NOW)
        before = (folder / "index.html").read_bytes()

        def full(_descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        ItemFactory(name="Nové")
        asked()
        push = pushing.push_due(at=NOW)
        assert (push.status, push.attempts, push.next_attempt_at) == (Status.PENDING, 1, NOW + timedelta(seconds=30))
        assert push.last_error.startswith("Disk je plný. (OSError: [Errno 28]")
        assert AuditEntry.objects.get(kind="error").summary == (
            f"Statickou stavovou stránku se nepodařilo zapsat: {push.last_error}"
        )
        assert (folder / "index.html").read_bytes() == before
        assert [file.name for file in folder.iterdir()] == ["index.html"]

    def test_fails_ten_times_and_is_given_up(self, folder):
        folder.parent.mkdir()
        folder.write_text("not a directory")
        asked()
        at, tried = NOW, []
        while push := pushing.push_due(at=at):
            tried.append((at - NOW).total_seconds() / 60)
            if push.status != Status.PENDING:
                break
            assert pushing.push_due(at=push.next_attempt_at - timedelta(seconds=1)) is None
            at = push.next_attempt_at
        assert (push.status, push.attempts, len(tried)) == (Status.FAILED, MOST_ATTEMPTS, MOST_ATTEMPTS)
        assert tried[-1] == 263.5
        assert AuditEntry.objects.filter(kind="error").count() == 2
        assert "vzdán" in AuditEntry.objects.first().summary
        folder.unlink()
        assert pushing.push_due(at=at + timedelta(days=1)) is None
        pushing.ask_at_once(by=None, at=at)
        assert pushing.push_due(at=at).status == Status.DELIVERED

    def test_what_changes_meanwhile_waits_with_it(self, folder):
        asked(attempts=5, next_attempt_at=NOW + timedelta(hours=1))
        asked()
        assert pushing.push_due(at=NOW) is None
        assert pushing.push_due(at=NOW + timedelta(hours=1)).status == Status.DELIVERED

    def test_somebody_who_asks_does_not_wait_and_a_failure_waits_again(self, folder, settings):
        settings.STATIC_PAGE_PUSH_METHOD = "ftp"
        asked(attempts=5, next_attempt_at=NOW + timedelta(hours=1))
        asked(at_once=True)
        push = pushing.push_due(at=NOW)
        assert (push.attempts, push.at_once) == (1, False)
        assert pushing.push_due(at=NOW) is None

    def test_a_query_that_fails_is_a_failure_like_others(self, folder, monkeypatch):
        def fail(*, at):
            StaticPagePush.objects.raw("SELECT nonsense")[0]

        monkeypatch.setattr(pushing, "render", fail)
        asked()
        push = pushing.push_due(at=NOW)
        assert "ProgrammingError" in push.last_error
        assert StaticPagePush.objects.get().attempts == 1

    def test_without_a_target_what_waits_is_forgotten(self, folder, settings):
        asked()
        settings.STATIC_PAGE_PUSH_TARGET = ""
        assert jobs.push_static_page() == "nothing to do"
        assert not StaticPagePush.objects.exists()

    def test_only_the_last_ones_are_kept(self, folder):
        for number in range(pushing.KEPT + 5):
            asked(status=Status.FAILED, ended_at=NOW - timedelta(days=number + 1))
        asked()
        pushing.push_due(at=NOW)
        assert StaticPagePush.objects.count() == pushing.KEPT
        assert StaticPagePush.objects.ended()[0].status == Status.DELIVERED

    def test_nothing_that_failed_is_said_in_the_log(self, folder, settings, caplog):
        settings.STATIC_PAGE_PUSH_METHOD = "marker-in-the-settings"
        asked()
        pushing.push_due(at=NOW)
        assert "UnfitTarget" in caplog.text
        assert "marker" not in caplog.text

    def test_the_worker_has_it_as_a_job_of_every_minute(self):
        assert Schedule.objects.get(name="job:equipment.static_page").minutes == 1


# --- transactions ---------------------------------------------------------------------------------------------


def undone(change):
    """Make a change and undo it."""
    with transaction.atomic():
        change()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_a_transaction_asks_once_however_much_it_alters_and_not_when_undone(self, folder):
        technician, item = make_technician(), ItemFactory()
        with transaction.atomic():
            for text in ("Jedna", "Dvě", "Tři"):
                opening.create(item.pk, Problem(text), by=technician, at=NOW)
        assert (StaticPagePush.objects.count(), OrmQ.objects.count()) == (1, 1)
        undone(lambda: opening.create(item.pk, Problem("Nic"), by=technician, at=NOW))
        assert (StaticPagePush.objects.count(), OrmQ.objects.count()) == (1, 1)

    def test_a_savepoint_that_is_undone_takes_only_its_own_wish_along(self, folder):
        with transaction.atomic():
            undone(lambda: pushing.ask(at=NOW))
            pushing.ask(at=NOW)
        assert StaticPagePush.objects.count() == 1

    def test_two_workers_at_once_push_once(self, folder, monkeypatch):
        written = []
        real = targets.write
        monkeypatch.setattr(targets, "write", lambda content: (written.append(1), real(content)))
        for _number in range(3):
            asked()
        outcomes = together([lambda: pushing.push_due(at=NOW) for _worker in range(4)])
        assert refusals(outcomes) == 0
        assert len(written) == 1
        assert StaticPagePush.objects.get().status == Status.DELIVERED

    def test_a_change_during_a_push_waits_for_nobody_and_is_pushed_afterwards(self, folder, monkeypatch):
        technician, repair = make_technician(), repair_of(description="Jiskří")
        asked()
        upload = Hesitation(monkeypatch, targets, "write")

        def resolve():
            work.resolve(repair.pk, note="Hotovo", by=technician, at=NOW)

        refusals(together([lambda: pushing.push_due(at=NOW), lambda: upload.then(resolve)]))
        assert "Jiskří" in (folder / "index.html").read_text()
        assert [row.status for row in StaticPagePush.objects.order_by("pk")] == [Status.DELIVERED, Status.PENDING]
        assert jobs.push_static_page() == Status.DELIVERED
        assert "Jiskří" not in (folder / "index.html").read_text()

    def test_a_worker_that_dies_over_it_leaves_it_to_the_next_one(self, folder, monkeypatch):
        asked()

        def die(_content):
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(targets, "write", die)
            with pytest.raises(SystemExit):
                pushing.push_due(at=NOW)
        assert pushing.push_due(at=NOW).status == Status.DELIVERED


# --- S3 and CloudFront ----------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def amazon(port: int):
    """A server that speaks S3 and CloudFront, on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        yield
    finally:
        server.stop()


@pytest.fixture
def bucket(settings, monkeypatch):
    """Where to push to at a server that does not run yet; and how to run it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for-tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", address)
    settings.STATIC_PAGE_PUSH_METHOD = "s3"
    settings.STATIC_PAGE_PUSH_TARGET = "stav/verejne/stav vybavení/"
    settings.AWS_S3_ENDPOINT_URL = address
    settings.CLOUDFRONT_DISTRIBUTION_ID = ""
    return port


KEY = "verejne/stav vybavení/index.html"
DISTRIBUTION = {
    "CallerReference": "1",
    "Comment": "",
    "Enabled": True,
    "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "stav.s3.amazonaws.com"}]},
    "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
}


def client(service: str, port: int):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}")


@pytest.mark.django_db
class TestAmazon:
    def test_what_is_down_or_refuses_is_asked_again_and_the_whole_push_is_repeated(self, bucket, settings):
        ItemFactory(name="Nosítka")
        asked()
        push = pushing.push_due(at=NOW)  # nothing listens
        assert push.attempts == 1
        assert push.last_error.startswith("Cíl je nedostupný, nebo zápis odmítá. (EndpointConnectionError:")
        with amazon(bucket):
            push = pushing.push_due(at=push.next_attempt_at)
            assert "NoSuchBucket" in push.last_error
            s3, cloudfront = client("s3", bucket), client("cloudfront", bucket)
            s3.create_bucket(Bucket="stav")
            settings.CLOUDFRONT_DISTRIBUTION_ID = "ENOTHING"
            push = pushing.push_due(at=push.next_attempt_at)
            assert (push.attempts, push.status) == (3, Status.PENDING)
            assert "NoSuchDistribution" in push.last_error
            s3.delete_object(Bucket="stav", Key=KEY)
            made = cloudfront.create_distribution(DistributionConfig=DISTRIBUTION)["Distribution"]["Id"]
            settings.CLOUDFRONT_DISTRIBUTION_ID = made
            push = pushing.push_due(at=push.next_attempt_at)
            assert (push.status, push.last_error) == (Status.DELIVERED, "")
            page = s3.get_object(Bucket="stav", Key=KEY)
            assert "Nosítka" in page["Body"].read().decode()
            assert page["ContentType"] == "text/html; charset=utf-8"
            assert "no-cache" in page["CacheControl"]
            asked()
            pushing.push_due(at=NOW)
            found = cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
            assert push.invalidation in {row["Id"] for row in found}
            told = [
                cloudfront.get_invalidation(DistributionId=made, Id=row["Id"])["Invalidation"]["InvalidationBatch"]
                for row in found
            ]
            assert [batch["Paths"]["Items"] for batch in told] == [["/verejne/stav%20vybaven%C3%AD/index.html"]] * 2
            assert len({batch["CallerReference"] for batch in told}) == 2

    def test_a_target_that_would_leave_the_bucket_is_refused(self, bucket, settings):
        settings.STATIC_PAGE_PUSH_TARGET = "stav/../../jinam"
        asked()
        assert pushing.push_due(at=NOW).last_error


# --- Google ---------------------------------------------------------------------------------------------------


class Google(BaseHTTPRequestHandler):
    """Takes an upload as Google's storage does, and remembers it."""

    taken: list[tuple[str, dict, bytes]]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        address = urlsplit(self.path)
        self.taken.append((address.path, parse_qs(address.query), body))
        answer = b'{"name": "index.html", "bucket": "stav", "size": "1"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        pass


@pytest.mark.django_db
def test_google_gets_the_page_with_its_type_and_without_caching(settings, monkeypatch):
    Google.taken = []
    server = HTTPServer(("127.0.0.1", 0), Google)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    settings.STATIC_PAGE_PUSH_METHOD, settings.STATIC_PAGE_PUSH_TARGET = "gcs", "stav"
    ItemFactory(name="Nosítka")
    asked()
    try:
        push = pushing.push_due(at=NOW)
    finally:
        server.shutdown()
        server.server_close()
    assert (push.last_error, push.status) == ("", Status.DELIVERED)
    [(path, query, body)] = Google.taken
    assert path == "/upload/storage/v1/b/stav/o"
    assert b'"name": "index.html"' in body
    assert "Nosítka".encode() in body
    assert b"text/html; charset=utf-8" in body
    assert b"no-cache" in body
    assert query["uploadType"] == ["multipart"]

"""Storage of archives: a directory and S3, with the same promises."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from medcover.backups import store
from medcover.backups.errors import StoreFailed
from medcover.backups.names import name_at
from medcover.settings import backups as configuration

OLD, NEW = (name_at(datetime(2027, 1, day, tzinfo=UTC), sealed=False) for day in (1, 2))


class Environment(dict):
    """As much of django-environ as the settings ask."""

    def str(self, name, default=""):
        return self.get(name, default)

    def list(self, name, default=()):
        return self[name].split(",") if name in self else list(default)


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def use_s3(settings, address: str, **more) -> None:
    environment = Environment(
        BACKUP_STORAGE="s3", BACKUP_BUCKET="archives", BACKUP_PREFIX="here", BACKUP_S3_ENDPOINT_URL=address,
        BACKUP_S3_REGION="us-east-1", BACKUP_S3_ACCESS_KEY_ID="a", BACKUP_S3_SECRET_ACCESS_KEY="s", **more,
    )  # fmt: skip
    settings.STORAGES = {**settings.STORAGES, "backups": configuration.storage(environment, Path())}


@pytest.fixture(params=["disk", "s3"])
def place(request, settings):
    if request.param == "s3":
        use_s3(settings, request.getfixturevalue("s3"))
        bucket = storages["backups"].connection.Bucket("archives")
        bucket.create()
        bucket.objects.delete()
    return request.param


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "made"
    path.write_bytes(b"content" * 1000)
    return path


class TestEverywhere:
    def test_nothing_is_there_at_first(self, place):
        assert store.entries() == store.names() == []

    def test_what_is_put_comes_back_newest_first(self, place, file, tmp_path):
        store.put(OLD, file)
        store.put(NEW, file)
        assert [(entry.name, entry.size) for entry in store.entries()] == [(NEW, 7000), (OLD, 7000)]
        store.fetch(OLD, tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == file.read_bytes()
        store.delete(OLD)
        store.delete(OLD)
        assert store.names() == [NEW]

    def test_none_takes_the_place_of_another(self, place, file, tmp_path):
        store.put(OLD, file)
        (tmp_path / "other").write_bytes(b"other")
        with pytest.raises(StoreFailed):
            store.put(OLD, tmp_path / "other")
        assert [entry.size for entry in store.entries()] == [7000]

    def test_foreign_files_are_not_there(self, place, file):
        storages["backups"].save("secret.txt", file.open("rb"))
        assert store.names() == []
        assert not store.exists("secret.txt")
        for name in ("../x", "secret.txt", ""):
            with pytest.raises(ValueError, match="Not the name"):
                store.delete(name)
            with pytest.raises(StoreFailed), store.opened(name):
                pass

    def test_what_is_gone_is_told(self, place, tmp_path):
        with pytest.raises(StoreFailed):
            store.fetch(OLD, tmp_path / "back")


class TestDirectory:
    def test_is_for_the_eyes_of_its_owner(self, file):
        store.put(OLD, file)
        path = Path(storages["backups"].path(OLD))
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_what_is_half_written_is_not_seen_and_goes(self, file, monkeypatch):
        seen = []

        def full(_descriptor) -> None:
            seen.append((store.names(), len(list(Path(storages["backups"].location).iterdir()))))
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreFailed):
            store.put(OLD, file)
        assert seen == [([], 1)]
        assert list(Path(storages["backups"].location).iterdir()) == []

    def test_where_there_are_no_hard_links_it_is_renamed(self, file, monkeypatch):
        def refuse(*_arguments) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        store.put(OLD, file)
        assert store.names() == [OLD]


class TestS3:
    def test_that_does_not_answer_is_told_without_address_and_key(self, settings):
        use_s3(settings, "http://127.0.0.1:9")
        storages["backups"].client_config = storages["backups"].client_config.merge(
            __import__("botocore.config").config.Config(retries={"max_attempts": 0, "mode": "standard"})
        )
        with pytest.raises(StoreFailed) as failure:
            store.entries()
        assert "EndpointConnectionError" in str(failure.value)
        assert "127.0.0.1" not in str(failure.value)

    def test_without_the_bucket_is_told(self, s3, settings, file):
        use_s3(settings, s3)
        storages["backups"]._bucket = storages["backups"].connection.Bucket("nowhere")
        with pytest.raises(StoreFailed):
            store.put(OLD, file)

    def test_waiting_is_limited(self):
        options = configuration.storage(Environment(BACKUP_STORAGE="s3", BACKUP_BUCKET="b"), Path())["OPTIONS"]
        assert (options["client_config"].connect_timeout, options["client_config"].read_timeout) == (10, 60)
        assert options["file_overwrite"] is False


class TestSettings:
    @pytest.mark.parametrize(
        "given",
        [
            {"BACKUP_STORAGE": "tape"}, {"BACKUP_STORAGE": "s3"}, {"BACKUP_STORAGE": "google", "BACKUP_BUCKET": " "},
            {"BACKUP_ENCRYPTION_KEY": "short"}, {"BACKUP_OLD_ENCRYPTION_KEYS": "A" * 43 + "="},
            {"BACKUP_ENCRYPTION_KEY": "A" * 43 + "=", "BACKUP_OLD_ENCRYPTION_KEYS": "A" * 43 + "=,short"},
        ],
    )  # fmt: skip
    def test_that_cannot_work_are_refused_at_the_start(self, given):
        assert list(configuration.reasons_against(given))

    @pytest.mark.parametrize(
        "given",
        [{}, {"BACKUP_STORAGE": "google", "BACKUP_BUCKET": "b"}, {"BACKUP_ENCRYPTION_KEY": "A" * 43 + "="}],
    )
    def test_that_work_are_taken(self, given):
        assert list(configuration.reasons_against(given)) == []

    def test_the_key_comes_before_the_old_ones(self):
        given = Environment(BACKUP_ENCRYPTION_KEY="A" * 43 + "=", BACKUP_OLD_ENCRYPTION_KEYS="_" * 42 + "8=")
        assert configuration.keys(given)[0] == bytes(32)

    def test_google_is_reached_by_its_library(self):
        made = configuration.storage(Environment(BACKUP_STORAGE="google", BACKUP_BUCKET="b"), Path())
        assert made["BACKEND"] == "storages.backends.gcloud.GoogleCloudStorage"
        assert made["OPTIONS"]["file_overwrite"] is False

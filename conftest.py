"""What holds for every test of the project."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django_q.signals import post_spawn

from medcover.tests.pristine import Pristine

#: How long an example takes depends on what else the machine does; no test judges by the clock.
hypothesis.settings.register_profile("medcover", deadline=None)
hypothesis.settings.load_profile("medcover")


@pytest.fixture(scope="session", autouse=True)
def _no_heartbeat_in_tests() -> None:
    """Tests that run the queue's functions in their own process must not leave a thread that beats for ever."""
    post_spawn.disconnect(dispatch_uid="system.heartbeat")


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not at all among what stays: that alone is a tenth of what the tests cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def _no_unexpected_errors_in_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which an error was logged, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    if errors:
        pytest.fail("Logged during the test: " + "; ".join(f"{r.name}: {r.getMessage()}" for r in errors))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_keepdb, django_db_blocker) -> Iterator[Pristine]:
    """Beside what pytest-django does: a test that commits leaves a database like new, without Django's slow flush."""
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            if django_db_keepdb:  # a killed run may have left something in it
                with connection.cursor() as cursor:  # past the trigger that keeps the audit record
                    cursor.execute("SET session_replication_role = replica")
                call_command("flush", verbosity=0, interactive=False)
                with connection.cursor() as cursor:
                    cursor.execute("RESET session_replication_role")
            pristine = Pristine.keep()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: pristine.restore())
        yield pristine


@pytest.fixture(autouse=True)
def _files_of_their_own(settings, tmp_path) -> None:
    """Mails and uploads of a test land in its own directory."""
    settings.MAIL_DIR = settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests play in an installation that has been set up, however empty; those of the wizard take this back."""
    monkeypatch.setattr("medcover.setup.state._known", True)

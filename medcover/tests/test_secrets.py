"""Secrets of the installation stand in nothing that it prints, answers or mails; and they can be changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.test.utils import override_settings
from django.views.debug import SafeExceptionReporterFilter

from medcover.common import crypto
from medcover.tests.test_settings import FIT
from roster.models import ErasedTrace
from roster.privacy.traces import digest_of, erased_among

MARKER = "Zq7marker-of-a-secret-that-must-not-come-out"
SECRETS = {
    "SECRET_KEY": f"{MARKER}-0plQzx7Yt2mNv5Rw9bCaJe4uFi6o",
    "SECRET_KEY_FALLBACKS": f"{MARKER}-older-0plQzx7Yt2mNv5Rw9bCaJe",
    "DATABASE_URL": f"postgres://medcover:{MARKER}@127.0.0.1:1/medcover",
    "METRICS_TOKEN": MARKER,
    "AUTH_MODE": "oidc",
    "OIDC_ISSUER": "https://login.example",
    "OIDC_CLIENT_ID": "medcover",
    "OIDC_CLIENT_SECRET": MARKER,
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "medcover.settings.prod", **FIT, **SECRETS}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip


class TestPrinted:
    def test_checks_for_production_do_not_repeat_them(self):
        finished = run("check", "--deploy", "--fail-level", "CRITICAL")
        assert finished.returncode == 0, finished.stderr
        assert MARKER not in finished.stdout + finished.stderr

    def test_a_database_that_cannot_be_reached_is_told_without_them(self):
        finished = run("verify_schema")
        assert finished.returncode != 0
        assert "127.0.0.1" in finished.stderr
        assert MARKER not in finished.stdout + finished.stderr

    def test_settings_as_an_error_page_would_show_them_are_cleansed(self, settings):
        settings.SECRET_KEY = settings.METRICS_TOKEN = settings.OIDC_CLIENT_SECRET = settings.VAPID_PRIVATE_KEY = MARKER
        settings.SECRET_KEY_FALLBACKS = [MARKER]
        assert MARKER not in repr(SafeExceptionReporterFilter().get_safe_settings())


@pytest.mark.django_db
class TestErrors:
    @pytest.mark.logs_errors
    def test_are_mailed_to_nobody(self, settings, mailoutbox, monkeypatch):
        settings.ADMINS = [("Operator", "operator@example.org")]
        monkeypatch.setattr("medcover.system.views._answers", lambda: 1 / 0)
        answer = Client(raise_request_exception=False).get("/healthz")
        assert answer.status_code == 500
        assert b"ZeroDivisionError" not in answer.content
        assert mailoutbox == []


class TestChangingTheKey:
    def test_what_the_old_one_has_encrypted_is_still_read_and_the_new_one_encrypts(self):
        with override_settings(SECRET_KEY="old" * 20):
            old = crypto.encrypt("hush")
        with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=["old" * 20]):
            assert crypto.decrypt(old) == "hush"
            new = crypto.encrypt("hush")
        with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]):
            assert (crypto.decrypt(old), crypto.decrypt(new)) == (None, "hush")


def test_passwords_are_kept_by_argon2_in_production():
    from medcover.settings import base

    assert base.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


@pytest.mark.django_db
def test_erased_people_are_recognised_under_the_key_of_then():
    with override_settings(SECRET_KEY="old" * 20):
        ErasedTrace.objects.create(digest=digest_of("Dvořák Petr"))
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=["old" * 20]):
        assert erased_among(["petr dvorak", "Nová Jana"]) == {"petr dvorak"}
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]):
        assert erased_among(["petr dvorak"]) == set()

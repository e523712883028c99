"""Production refuses to start unfit; the headers and rules that the settings promise hold."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import Context, Template, engines
from django.template.base import Origin

from medcover.middleware import PermissionsPolicyMiddleware
from medcover.settings import base
from medcover.settings.refusals import reasons_against, reasons_against_watching, refuse_unfit
from medcover.testing import UndefinedVariableError

FIT = {
    "SECRET_KEY": "kd83-hGs_0plQzx7Yt2mNv5Rw9bCaJe4uFi6oLsTqXyZr1DgHjWk",
    "ALLOWED_HOSTS": "medcover.example,www.medcover.example",
    "DATABASE_URL": "postgres://medcover:secret@db:5432/medcover",
    "BASE_URL": "https://medcover.example",
}


class TestRefusals:
    def test_a_full_configuration_may_start(self):
        refuse_unfit(FIT)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "short"),
            ("SECRET_KEY", "a" * 64),
            ("SECRET_KEY", FIT["SECRET_KEY"][:49]),
            ("SECRET_KEY", "Insecure-" + FIT["SECRET_KEY"]),
            ("SECRET_KEY", base.env.str("SECRET_KEY", default=settings.SECRET_KEY)),
            ("DEBUG", "True"),
            ("DEBUG", "1"),
            ("ALLOWED_HOSTS", ""),
            ("ALLOWED_HOSTS", " , "),
            ("ALLOWED_HOSTS", "*"),
            ("DATABASE_URL", ""),
            ("DATABASE_URL", "sqlite:///file.db"),
            ("BASE_URL", ""),
            ("BASE_URL", "http://medcover.example"),
        ],
    )
    def test_one_fault_is_one_sentence_that_names_it(self, name, value):
        reasons = list(reasons_against({**FIT, name: value}))
        assert len(reasons) == 1
        assert name in reasons[0]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AUTH_MODE", "ldap"),
            ("OIDC_CLIENT_SECRET", ""),
            ("OIDC_ISSUER", "http://login.example"),
            ("OIDC_ISSUER", ""),
        ],
    )
    def test_half_a_provider_is_one_sentence_as_well(self, name, value):
        provider = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "medcover", "OIDC_CLIENT_SECRET": "x"}
        full = {**FIT, "AUTH_MODE": "oidc", **provider}
        assert list(reasons_against(full)) == []
        (reason,) = reasons_against({**full, name: value})
        assert name in reason

    @pytest.mark.parametrize(
        ("name", "value"),
        [("LOG_FORMAT", "xml"), ("METRICS_TOKEN", "short"), ("METRICS_NETWORKS", "10.0.0.0/8, office")],
    )
    def test_what_cannot_be_watched_so_is_one_sentence(self, name, value):
        (reason,) = reasons_against_watching({name: value})
        assert name in reason
        assert list(reasons_against_watching({})) == []

    def test_a_secret_is_not_repeated_in_the_refusal(self):
        with pytest.raises(ImproperlyConfigured) as refusal:
            refuse_unfit({**FIT, "SECRET_KEY": "my-little-secret", "DATABASE_URL": "mysql://u:hush@db/x"})
        assert "my-little-secret" not in str(refusal.value)
        assert "hush" not in str(refusal.value)

    def test_everything_wrong_is_told_at_once(self):
        with pytest.raises(ImproperlyConfigured) as refusal:
            refuse_unfit({})
        assert all(name in str(refusal.value) for name in FIT)


def run_in_production(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of their own and run `code` there."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "medcover.settings.prod", **FIT, **changes}
    program = f"from django.conf import settings; settings.DEBUG\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )


class TestWayOfLoggingIn:
    @pytest.mark.parametrize("settings_module", ["dev", "test", "prod"])
    def test_another_one_stops_the_start_everywhere(self, settings_module):
        finished = run_in_production(
            "", AUTH_MODE="ldap", DJANGO_SETTINGS_MODULE=f"medcover.settings.{settings_module}"
        )
        assert finished.returncode != 0
        assert "AUTH_MODE" in finished.stderr

    def test_a_provider_takes_the_place_of_passwords(self):
        provider = {"OIDC_ISSUER": "https://login.example/", "OIDC_CLIENT_ID": "medcover", "OIDC_CLIENT_SECRET": "x"}
        code = "print(settings.AUTHENTICATION_BACKENDS[1], settings.OIDC_DISCOVERY_URL)"
        finished = run_in_production(code, AUTH_MODE="oidc", **provider)
        backend, address = finished.stdout.split()
        assert backend == "roster.backends.ProviderBackend"
        assert address == "https://login.example/.well-known/openid-configuration"


class TestProduction:
    def test_writes_lines_for_programs_unless_told_otherwise(self):
        code = "print(settings.LOGGING['handlers']['stdout']['formatter'])"
        given: list[dict[str, str]] = [{}, {"LOG_FORMAT": ""}, {"LOG_FORMAT": "text"}]
        found = [run_in_production(code, **changes).stdout.strip() for changes in given]
        assert found == ["json", "json", "text"]

    def test_starts_when_it_is_fit(self):
        finished = run_in_production("print(settings.DATABASES['default']['HOST'], settings.SECURE_HSTS_SECONDS)")
        assert finished.stdout.split() == ["db", "31536000"], finished.stderr

    def test_does_not_start_when_it_is_unfit(self):
        finished = run_in_production("", SECRET_KEY="weak")
        assert finished.returncode != 0
        assert "SECRET_KEY is too weak" in finished.stderr

    def test_trusts_a_proxy_only_when_told(self):
        header = "print(getattr(settings, 'SECURE_PROXY_SSL_HEADER', None))"
        assert run_in_production(header).stdout.strip() == "None"
        assert "HTTP_X_FORWARDED_PROTO" in run_in_production(header, BEHIND_TLS_PROXY="true").stdout

    def test_redis_replaces_the_broker_in_the_database(self):
        broker = "print(settings.Q_CLUSTER.get('orm'), settings.Q_CLUSTER.get('redis'))"
        assert run_in_production(broker).stdout.split() == ["default", "None"]
        assert run_in_production(broker, REDIS_URL="redis://r:6379/0").stdout.split() == ["None", "redis://r:6379/0"]


class TestEverywhere:
    def test_the_content_policy_allows_nothing_inline(self):
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        assert "unsafe" not in repr(directives)

    def test_pages_are_denied_camera_microphone_and_position(self, rf):
        response = PermissionsPolicyMiddleware(lambda request: HttpResponse())(rf.get("/"))
        assert response["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"

    def test_a_view_keeps_its_own_permissions_policy(self, rf):
        own = HttpResponse(headers={"Permissions-Policy": "camera=(self)"})
        assert PermissionsPolicyMiddleware(lambda request: own)(rf.get("/"))["Permissions-Policy"] == "camera=(self)"

    def test_attempts_to_log_in_are_judged_last(self):
        assert settings.MIDDLEWARE[-1] == "axes.middleware.AxesMiddleware"


class TestMissingVariables:
    """The test settings make a misspelt variable in a template of ours an error."""

    @staticmethod
    def render(path: str) -> str:
        engine = engines["django"].engine
        template = Template("[{{ misspelt }}{% if misspelt %}x{% endif %}]", Origin(path), engine=engine)
        return template.render(Context())

    def test_is_an_error_in_a_template_of_ours(self):
        with pytest.raises(UndefinedVariableError, match="misspelt"):
            self.render(str(settings.BASE_DIR / "templates" / "events" / "list.html"))

    def test_stays_empty_in_a_library_s_template(self):
        assert self.render("/usr/lib/django/admin/base.html") == "[]"

"""What several tests of this app stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from roster.tests.logins import use_mode
from roster.tests.provider import CLIENT_ID, CLIENT_SECRET, Provider


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    """A running provider through which people log in."""
    cache.clear()
    running = Provider()
    use_mode(settings, "oidc")
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_DISCOVERY_URL = f"{running.issuer}/.well-known/openid-configuration"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_SCOPES, settings.OIDC_PERSON_CLAIM, settings.OIDC_ROLES_CLAIM = "openid email", "email", ""
    settings.OIDC_ACCOUNT_URL = ""
    yield running
    running.stop()
    cache.clear()

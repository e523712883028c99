"""OpenID Connect client, if the installation has a provider (AUTH_MODE=oidc).

Authlib takes the steps of the standard: code with PKCE, nonce, signature and claims of the ID token. Here stands
what is ours: what is believed, how long it is remembered, and one answer for everything that goes wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from medcover.common.errors import DomainError

logger = logging.getLogger(__name__)

#: The provider may take so long to answer, in seconds.
TIMEOUT = 10
#: So far may the clocks of the two be apart, in seconds.
LEEWAY = 60
#: What the provider says of itself and its keys are believed for so long, in seconds; so often at most are they read.
REMEMBERED = 60
#: So many started logins are remembered in one session; older ones cannot be finished any more.
ATTEMPTS = 2

#: Signatures that only the provider can have made. "none" is not one of them, nor is any made with a shared secret.
SIGNATURES = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip

#: What a logout token must say about itself.
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_NAME = "oidc"
_ID_TOKEN = "oidc_id_token"  # noqa: S105 - the name of a place
_BROKEN = (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError)


class LoginFailed(DomainError):
    """The login at the provider has not come to a good end, for a technical reason."""

    def __init__(self) -> None:
        super().__init__(_("The login could not be completed. Please try again."))


@dataclass(frozen=True)
class Arrival:
    """Who comes back from the provider: what it says of them, and where they wanted to go."""

    claims: dict[str, Any]
    id_token: str
    wanted: str


class Provider(DjangoOAuth2App):
    """The one provider. What it says of itself is checked, and remembered for a minute."""

    def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself, if it is who it should be."""
        if "_loaded_at" not in self.server_metadata:
            self.server_metadata.update(cache.get(self._cache_key) or {})
        is_news = "_loaded_at" not in self.server_metadata
        metadata: dict[str, Any] = super().load_server_metadata()
        if metadata.get("issuer") != settings.OIDC_ISSUER:
            raise OAuthError("issuer_mismatch")
        if is_news:
            _prepare(metadata)
            self._remember()
        return metadata

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """Return the provider's public keys; `force` asks for them anew."""
        known = "jwks" in self.load_server_metadata()
        keys: dict[str, Any] = super().fetch_jwk_set(force=force)
        if force or not known:
            self._remember()
        return keys

    @property
    def _cache_key(self) -> str:
        return f"oidc:{self._server_metadata_url}"

    def _remember(self) -> None:
        cache.set(self._cache_key, self.server_metadata, REMEMBERED)


def _prepare(metadata: dict[str, Any]) -> None:
    """Keep only signatures worth something, and authenticate to the token endpoint as the provider can take it."""
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in SIGNATURES]
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" not in methods:
        metadata["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - the name of a method


def provider() -> Provider:
    """Return the provider as the settings name it."""
    return Provider(
        framework=DjangoIntegration(_NAME),
        name=_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=settings.OIDC_DISCOVERY_URL,
        client_kwargs={
            "scope": settings.OIDC_SCOPES,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


@contextmanager
def _failing_as_one() -> Iterator[None]:
    """Answer everything that can go wrong between the two with LoginFailed; the log names the kind, no values."""
    try:
        yield
    except _BROKEN as error:
        logger.warning("OIDC: %s %s", type(error).__name__, getattr(error, "error", ""))
        raise LoginFailed from error


def begin(request: HttpRequest, *, callback: str, wanted: str) -> str:
    """Start a login; return the address at the provider. Raises LoginFailed when it cannot be reached."""
    with _failing_as_one():
        client = provider()
        attempt = client.create_authorization_url(callback)
        _forget_attempts(request.session, keep=ATTEMPTS - 1)
        client.save_authorize_data(request, redirect_uri=callback, wanted=wanted, **attempt)
    return str(attempt["url"])


def finish(request: HttpRequest) -> Arrival:
    """Take the provider's answer; each one works once. Raises LoginFailed for all that is not in order."""
    state = request.GET.get("state", "")
    client = provider()
    attempt = client.framework.get_state_data(request.session, state) or {}
    try:
        with _failing_as_one():
            token = client.authorize_access_token(request, claims_options=_expected(), leeway=LEEWAY)
            return Arrival(_claims(client, token), token["id_token"], attempt.get("wanted", ""))
    finally:
        client.framework.clear_state_data(request.session, state)


def _expected() -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
    }


def _claims(client: Provider, token: dict[str, Any]) -> dict[str, Any]:
    """What the ID token says, completed by the provider's page about the person where it says too little."""
    claims = dict(token["userinfo"])
    wanted = {settings.OIDC_PERSON_CLAIM, settings.OIDC_ROLES_CLAIM} - {""}
    if wanted <= claims.keys() or "userinfo_endpoint" not in client.load_server_metadata():
        return claims
    more = client.userinfo(token=token)
    if more.get("sub") != claims["sub"]:
        raise OAuthError("subject_mismatch")
    return {**more, **claims}


def keep(request: HttpRequest, id_token: str) -> None:
    """Remember the ID token: with it, logging out ends the provider's session as well. Started logins are over."""
    _forget_attempts(request.session, keep=0)
    request.session[_ID_TOKEN] = id_token


def end_session_url(request: HttpRequest, *, back: str) -> str | None:
    """Return the URL that ends the provider's session and then leads `back`; None when there is none."""
    id_token = request.session.get(_ID_TOKEN)
    if id_token is None:
        return None
    try:
        with _failing_as_one():
            client = provider()
            if "end_session_endpoint" not in client.load_server_metadata():
                return None
            leaving = client.create_logout_url(
                post_logout_redirect_uri=back, id_token_hint=id_token, client_id=settings.OIDC_CLIENT_ID
            )
    except LoginFailed:
        return None
    return str(leaving["url"])


def subject_of_logout(token: str) -> str:
    """Return whose sessions the provider wants ended. Raises LoginFailed for a token that is not in order."""
    with _failing_as_one():
        client = provider()
        keys = KeySet.import_key_set(client.fetch_jwk_set())  # type: ignore[arg-type]
        claims = jwt.decode(token, keys, algorithms=list(SIGNATURES)).claims
        essential: Any = {"essential": True}
        expected: Any = _expected() | {"sub": essential, "iat": essential, "jti": essential}
        jwt.JWTClaimsRegistry(leeway=LEEWAY, **expected).validate(claims)
        if LOGOUT_EVENT not in (claims.get("events") or {}) or "nonce" in claims:
            raise OAuthError("not_a_logout_token")
    return str(claims["sub"])


def _forget_attempts(session: SessionBase, *, keep: int) -> None:
    """Forget started logins, except the `keep` newest."""
    started = [key for key in session.keys() if key.startswith(f"_state_{_NAME}_")]  # noqa: SIM118 - no dict
    started.sort(key=lambda key: session[key]["exp"], reverse=True)
    for key in started[keep:]:
        del session[key]

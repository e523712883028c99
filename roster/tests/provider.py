"""A little OpenID Connect provider on loopback: discovery, keys, tokens for codes with PKCE, userinfo."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "medcover"
CLIENT_SECRET = "between-the-two-of-us"
SUBJECT = "subject-1"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, auto_kid=False)


#: The provider's own key, made once: it takes longer than most tests.
_own_key = cache(partial(new_key, "first"))


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Provider:
    """Runs in a thread; tests say what it claims of people and what it gets wrong."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.key = self.signing_key = _own_key()
        self.announced: dict[str, Any] = {}
        self.left_out: set[str] = set()
        self.userinfo: dict[str, Any] | None = None
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        # It looks this often whether it is to end, and each test waits for that.
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # --- what a person does there -----------------------------------------------------------------------

    def log_in(self, address: str, **claims: Any) -> dict[str, str]:
        """Play the login page at `address`; return the parameters with which the browser comes back.

        Claims given as None are left out of the ID token.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = {"asked": asked, "claims": self._standard(asked) | claims}
        return {"code": code, "state": asked["state"]}

    def _standard(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        times = {"iat": now, "exp": now + 300}
        return {"iss": self.issuer, "sub": SUBJECT, "aud": CLIENT_ID, "nonce": asked["nonce"], **times}

    def sign(self, claims: dict[str, Any]) -> str:
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "RS256":
            return jwt.encode({"alg": "RS256", "kid": self.signing_key.kid}, claims, self.signing_key)
        return self._forge(claims)

    def _forge(self, claims: dict[str, Any]) -> str:
        """What anybody could make who knows the public key: no signature, or one with that key as the secret."""
        header = {"alg": self.algorithm, "kid": self.key.kid}
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        secret = self.key.as_pem(private=False)
        signature = hmac.digest(secret, signed, "sha256") if self.algorithm == "HS256" else b""
        return b".".join([signed, _encoded(signature)]).decode()

    # --- what the server asks ---------------------------------------------------------------------------

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self._token(form, authorization)
        if path == "/userinfo" and self.userinfo is not None and authorization == "Bearer access":
            return 200, self.userinfo
        return 404, {}

    def _metadata(self) -> dict[str, Any]:
        pages = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("token", "authorization", "end_session")}
        metadata = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **pages,
            **({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.userinfo is not None else {}),
            **self.announced,
        }
        return {name: value for name, value in metadata.items() if name not in self.left_out}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        known = self.codes.pop(form["code"], None)
        secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if known is None or not self._is_client(form, authorization, secret):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = _encoded(digest).decode()
        asked = known["asked"]
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(known["claims"])}
        return 200, {name: value for name, value in answer.items() if name not in self.left_out}

    def _is_client(self, form: dict[str, str], authorization: str, secret: str) -> bool:
        if "token_endpoint_auth_methods_supported" in self.announced:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        return authorization == f"Basic {secret}"


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, content = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    return Handler

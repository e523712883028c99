"""A real mail server for tests, on a free port of the loopback.

`with MailServer() as server: server.configure_site()` and the product delivers to it. The server keeps what it
accepted in `messages` and can be told to misbehave: refuse or greylist an address, hang up on one, hold a
message in the middle of its delivery.
"""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER = "robot@medcover.example"
PASSWORD = "correct horse battery"

#: Seconds after which a test gives up waiting; never reached when all is well.
PATIENCE = 60


@dataclass(frozen=True)
class Received:
    """A mail the server accepted."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"]).strip()  # a long one is folded before its first word

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


def wait_until(happened: Callable[[], bool]) -> None:
    """Return once something has happened; how long it takes is judged by nobody."""
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.01)


class _Session(SMTP):
    """One client's conversation, whose end is counted."""

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.count_gone()


class MailServer:
    """Runs in a thread of its own from entering to leaving the context."""

    def __init__(
        self, *, with_login: bool = False, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.messages: list[Received] = []
        self.connections = 0
        self._gone = 0
        self.refused: set[str] = set()
        self.hung_up_on: set[str] = set()
        self.greylisted: Counter[str] = Counter()
        self._hold_before: int | None = None
        self._refuses_held = False
        self._stalled_stage = ""
        self._held = threading.Event()
        self._with_login, self._starttls, self._tls = with_login, starttls, tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    # --- life ---

    def __enter__(self) -> Self:
        self._thread.start()
        listening = self._loop.create_server(self._session, HOST, 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(PATIENCE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def _session(self) -> SMTP:
        self.connections += 1
        return _Session(
            self,
            hostname="mail.example",
            loop=self._loop,
            enable_SMTPUTF8=True,
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            auth_require_tls=False,
            authenticator=self._authenticate if self._with_login else None,
        )

    def configure_site(self, **fields: Any) -> None:
        """Make the site's settings name this server."""
        from medcover.system.models import SiteSettings

        site = SiteSettings.load()
        site.smtp_host, site.smtp_port, site.smtp_use_tls = HOST, self.port, self._starttls is not None
        site.smtp_user = USER if self._with_login else ""
        site.smtp_password = PASSWORD if self._with_login else ""
        for name, value in fields.items():
            setattr(site, name, value)
        site.save()

    # --- what tests ask and order ---

    def to(self, address: str) -> list[Received]:
        """Return the accepted mails to one address."""
        return [mail for mail in self.messages if address in mail.recipients]

    def greylist(self, address: str, *, times: int = 1) -> None:
        """Answer "try again later" the next `times` times."""
        self.greylisted[address] += times

    def hold(self, *, after: int = 0) -> None:
        """Accept `after` more messages, then keep the next one in the middle of its delivery until `release`."""
        self._held.clear()
        self._hold_before = len(self.messages) + after

    def wait_until_holding(self) -> None:
        assert self._held.wait(PATIENCE), "no message came to be held"

    def wait_until_connected(self, count: int) -> None:
        wait_until(lambda: self.connections >= count)

    def wait_until_alone(self) -> None:
        """Return once the server has seen every client go."""
        wait_until(lambda: self._gone == self.connections)

    def release(self) -> None:
        """Accept the held message, if its sender is still there."""
        self._hold_before = None

    def refuse_held(self) -> None:
        """Let the held message go without accepting it."""
        self._refuses_held = True
        self.release()

    def stall(self, stage: str) -> None:
        """Never answer the command of this name from now on; an empty name ends that for later conversations."""
        self._stalled_stage = stage

    async def _answer_if_not_stalled(self, stage: str) -> None:
        while self._stalled_stage == stage:
            await asyncio.sleep(0.01)

    # --- the conversation ---

    def _authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=known)

    def count_gone(self) -> None:
        self._gone += 1

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd looks for
        self, _server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await self._answer_if_not_stalled("MAIL")
        if self._with_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        await self._answer_if_not_stalled("RCPT")
        if address in self.hung_up_on:
            server.transport.close()
        if address in self.refused:
            return "550 5.1.1 No such user here"
        if self.greylisted[address]:
            self.greylisted[address] -= 1
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        await self._answer_if_not_stalled("DATA")
        while self._hold_before is not None and len(self.messages) >= self._hold_before:
            self._held.set()
            await asyncio.sleep(0.01)
        if self._refuses_held:
            self._refuses_held = False
            return "451 4.3.0 Not now"
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append(Received(envelope.mail_from, list(envelope.rcpt_tos), message))
        return "250 OK"


def certificate(directory: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for the loopback; return the file a client has to trust and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, whole = directory / "trusted.pem", directory / "server.pem"
    trusted.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    whole.write_bytes(secret + trusted.read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(whole)
    return trusted, context

"""A push service on this machine: takes what it is sent and answers as it is told."""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifications.tests.push.devices import Browser


@dataclass
class Pushed:
    """A request that came."""

    path: str
    headers: Any
    body: bytes


@dataclass
class Answer:
    """What one path answers; one that hangs says nothing until it is released, one that drips never ends."""

    status: int = 201
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    hangs: bool = False
    breaks_off: bool = False
    drips: bool = False


class PushService:
    """The running service; `received` is what came, in order."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.connections = 0
        self.received: list[Pushed] = []
        self.answers: dict[str, Answer] = {}
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> PushService:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def browser(self, **answer: Any) -> Browser:
        """A browser whose endpoint is here, and what that answers."""
        browser = Browser(self.url)
        self.answers[browser.path] = Answer(**answer)
        return browser

    def at(self, browser: Browser) -> list[Pushed]:
        """What came for one browser."""
        return [pushed for pushed in self.received if pushed.path == browser.path]

    def shown(self, browser: Browser) -> list[dict[str, Any]]:
        """What one browser was told, decrypted."""
        return [browser.read(pushed.body) for pushed in self.at(browser)]


def certificate_for(name: str, folder: Path) -> Path:
    """A certificate that its key has signed itself, both in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(written + made.public_bytes(Encoding.PEM))
    return path


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            service.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append(Pushed(self.path, self.headers, body))
            answer = service.answers.get(self.path, Answer())
            if answer.hangs:
                service.released.wait(60)
            elif answer.drips:
                self._drip()
            else:
                self._answer(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def _answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            length = len(answer.body) + 100 * answer.breaks_off
            for name, value in (*answer.headers, ("Content-Length", str(length))):
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # whoever reads only the beginning hangs up
                self.wfile.write(answer.body)
            if answer.breaks_off:
                service.released.wait(60)

        def _drip(self) -> None:
            try:
                for letter in b"HTTP/1.1 201 Created\r\nX-Slow: " + b"x" * 10_000:
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
                    if service.released.wait(0.05):
                        return
            except OSError:
                return

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    return Handler

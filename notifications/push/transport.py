"""The way out to push services: encrypted, signed, within limits, and only to addresses of the internet.

Where a browser is written to is what somebody's request said, so whatever answers there is a stranger: it is not
followed anywhere, is read to a few hundred bytes, and has a limited time for everything together.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from notifications.push import keys, rules
from notifications.push.composing import Note
from notifications.push.models import PushSubscription

logger = logging.getLogger(__name__)

#: Seconds for each step of the conversation, and for all of it.
STEP_TIMEOUT, TIMEOUT = 5, 10

#: So many services may keep a drain waiting.
MOST_SILENT = 3

#: How long a service keeps what it cannot deliver; a day later it is no news.
KEPT = timedelta(days=1)

#: The longest that a service can make us wait.
LONGEST_WAIT = timedelta(hours=12)

#: Bytes that are read of an answer, and what is kept of them.
_READ, _TOLD = 1000, 200

_GONE = {404, 410}


class PushFailed(Exception):
    """The device was not reached. The words hold no address: whoever knows it could write there."""


class Refused(PushFailed):
    """The service did not take the message; it wants to be left alone for `wait`."""

    def __init__(self, words: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(words)
        self.wait = wait


class Gone(PushFailed):
    """The device will never take anything any more."""


class PushWay:
    """One drain's way to the push services.

    One that did not answer is not asked again, and when several did not, none that has not answered yet: whoever
    names addresses at which nobody answers must not use up the time of the worker.
    """

    def __init__(self) -> None:
        self._silent: dict[str, str] = {}
        self._answering: set[str] = set()
        self._sockets: list[socket.socket] = []
        self._session: requests.Session | None = None

    def send(self, device: PushSubscription, note: Note) -> None:
        """Hand over what the device is to show; returns only when its service has accepted it.

        Raises Gone when the device is no more, and PushFailed for anything else that went wrong.
        """
        endpoint = device.endpoint
        auth = device.auth
        if endpoint is None or auth is None:
            raise Gone("The secrets of the device cannot be read any more.")
        if not rules.is_endpoint(endpoint, local_too=settings.PUSH_TO_LOCAL_ADDRESSES):
            raise Gone("The address of the device is none of a push service.")
        host = urlsplit(endpoint).netloc
        if host in self._silent:
            raise PushFailed(self._silent[host])
        if len(self._silent) >= MOST_SILENT and host not in self._answering:
            raise PushFailed(f"{host}: not asked, because other services did not answer.")
        body, headers = _encrypted(note, device.p256dh, auth), _headers(note, endpoint)
        try:
            self._post(endpoint, body, headers)
        except (requests.RequestException, HTTPError, OSError) as error:
            self._silent[host] = f"{host}: {type(error).__name__}"
            # Its own words hold the address.
            raise PushFailed(self._silent[host]) from None

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> None:
        session = self._session or self._begin()
        host = urlsplit(endpoint).netloc
        with (
            self._deadline(),
            session.post(
                endpoint, data=body, headers=headers, timeout=STEP_TIMEOUT, allow_redirects=False, stream=True
            ) as answer,
        ):
            self._answering.add(host)
            text = answer.raw.read(_READ, decode_content=False).decode(errors="replace")
            _judge(host, answer, text)

    def _begin(self) -> requests.Session:
        self._session = requests.Session()
        adapter = _adapter(self._sockets)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        return self._session

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Cut all connections when the time is up, however slowly something still comes.

        What had come until then looks like a whole answer, and is none.
        """
        is_over = Event()
        timer = Timer(TIMEOUT, _cut, [self._sockets, is_over])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        if is_over.is_set():
            raise TimeoutError

    def close(self) -> None:
        """Part from all services."""
        if self._session is not None:
            self._session.close()
        for one in self._sockets:
            one.close()


@contextmanager
def connected() -> Iterator[PushWay]:
    """Yield the way out; nothing is opened before something is sent."""
    way = PushWay()
    try:
        yield way
    finally:
        way.close()


def _encrypted(note: Note, p256dh: str, auth: str) -> bytes:
    from pywebpush import WebPusher  # brings much along that only the worker needs

    keys_of_device = {"p256dh": p256dh, "auth": auth}
    body: bytes = WebPusher({"endpoint": "", "keys": keys_of_device}).encode(note.data)["body"]
    return body


def _headers(note: Note, endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    return {
        **keys.signed_headers(f"{parts.scheme}://{parts.netloc}"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(KEPT.total_seconds())),
        "Urgency": "high" if note.is_urgent else "normal",
        "Topic": note.tag,
    }


def _judge(host: str, answer: requests.Response, text: str) -> None:
    """Raise what the answer means, unless the message was accepted."""
    words = f"{host}: HTTP {answer.status_code} {' '.join(text.split())[:_TOLD]}".strip()
    if answer.status_code in _GONE:
        raise Gone(words)
    if not 200 <= answer.status_code < 300:
        raise Refused(words, wait_of(answer.headers.get("Retry-After", ""), timezone.now()))


def wait_of(text: str, at: datetime) -> timedelta:
    """Return how long a Retry-After asks to wait, in seconds or until a moment; nothing of what cannot be read."""
    wait = timedelta(0)
    with suppress(ValueError, OverflowError, TypeError):
        wait = timedelta(seconds=int(text)) if text.strip().isdigit() else _moment(text) - at
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cut(sockets: list[socket.socket], is_over: Event) -> None:
    is_over.set()
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _adapter(sockets: list[socket.socket]) -> HTTPAdapter:
    """Return what makes the connections of a session: judges where they really lead, and keeps hold of them.

    What a name leads to is known for sure only once it is connected to; asked before, it may lead elsewhere later. A
    proxy that the environment names is not ours to judge: it decides itself where it goes.
    """

    class Judged:
        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()  # type: ignore[misc]
            if not settings.PUSH_TO_LOCAL_ADDRESSES and not rules.is_public(opened.getpeername()[0]):
                opened.close()
                raise OSError("The address leads into the network of the installation.")
            sockets.append(opened.dup())
            return opened

    class Plain(Judged, HTTPConnection):
        pass

    class Secure(Judged, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    return Adapter(max_retries=0)

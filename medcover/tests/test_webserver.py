"""The web server: slow clients hold no thread, and what HTTP asks of a server is done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medcover.tests.plain_wsgi import LARGE
from medcover.webserver import MAX_HEAD, Incoming

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


class Server:
    """One web process with two threads, as the project's own configuration makes it."""

    def __init__(self, **environ: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "medcover.tests.plain_wsgi"],
            cwd=ROOT,
            env={**os.environ, "BIND": f"127.0.0.1:{self.port}", "WEB_PROCESSES": "1", "WEB_THREADS": "2", **environ},
            stderr=subprocess.DEVNULL,
        )
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except OSError:
                assert time.monotonic() < give_up, "the server does not start"
                time.sleep(0.05)

    def connect(self, sends: bytes = b"", *, reads_slowly: bool = False) -> socket.socket:
        client = socket.socket()
        if reads_slowly:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sends)
        return client

    def ask(self, request: bytes) -> tuple[int, bytes]:
        with self.connect(request) as client:
            return answer_of(client)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


def answer_of(client: socket.socket) -> tuple[int, bytes]:
    """Read one answer; what comes behind it stays in the socket."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        assert byte, f"closed after {head!r}"
        head += byte
    status = int(head.split()[1])
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body, wanted = b"", lengths[0] if lengths else 0
    while len(body) < wanted:
        body += client.recv(min(65536, wanted - len(body)))
    return status, body


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


class TestSlowClients:
    SORTS = {
        "send nothing": b"",
        "send a head byte by byte": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        "send a body byte by byte": POST % 5000 + b"abc",
        "do not read their answer": GET % b"/large",
        "keep an idle connection": GET % b"/",
    }

    def test_two_hundred_of_them_keep_nobody_from_being_answered(self, server):
        """All at once; a drop more from each between any two ordinary requests, and all are still there at the end."""
        slow = [
            server.connect(first, reads_slowly="read" in sort) for sort, first in self.SORTS.items() for _n in range(40)
        ]
        try:
            for number in range(30):
                assert server.ask(GET % b"/%d" % number) == (200, b"/%d 0" % number)
                for client in slow[40:120]:
                    client.sendall(b"a")
            for client in slow[120:160]:
                assert client.recv(12).startswith(b"HTTP/1.1 200")
        finally:
            for client in slow:
                client.close()

    def test_a_large_answer_reaches_a_slow_reader_whole(self, server):
        with server.connect(GET % b"/large") as client:
            time.sleep(0.2)  # until nothing more fits into the kernel's buffers
            assert server.ask(GET % b"/meanwhile") == (200, b"/meanwhile 0")
            assert answer_of(client) == (200, LARGE)

    def test_whoever_waits_longest_makes_room_where_there_are_too_many(self):
        server = Server(WEB_CONNECTIONS="20")
        try:
            silent = [server.connect() for _n in range(30)]
            assert server.ask(GET % b"/") == (200, b"/ 0")
            assert is_closed(silent[0])
            silent[-1].sendall(GET % b"/late")
            assert answer_of(silent[-1]) == (200, b"/late 0")
        finally:
            server.stop()


class TestRequests:
    def test_a_body_arrives_whole_however_it_is_cut(self, server):
        body = b"b" * 1_000_000
        with server.connect(POST % len(body)) as client:
            for start in range(0, len(body), 77_777):
                client.sendall(body[start : start + 77_777])
            assert answer_of(client) == (200, b"/ 1000000")

    def test_several_on_one_connection_are_answered_in_order(self, server):
        with server.connect(GET % b"/1" + POST % 3 + b"abc" + GET % b"/2") as client:
            assert [answer_of(client) for _n in range(3)] == [(200, b"/1 0"), (200, b"/ 3"), (200, b"/2 0")]
            client.sendall(GET % b"/3")
            assert answer_of(client) == (200, b"/3 0")

    def test_whoever_asks_first_whether_to_send_is_told_to_go_on(self, server):
        expecting = (POST % 4).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
        with server.connect(expecting) as client:
            assert answer_of(client) == (100, b"")
            client.sendall(b"abcd")
            status, body = answer_of(client)
            while status == 100:  # gunicorn says so once more
                status, body = answer_of(client)
            assert (status, body) == (200, b"/ 4")

    def test_a_body_that_is_too_large_is_answered_without_it_and_the_connection_ends(self, server):
        with server.connect(POST % 50_000_000 + b"x" * 1000) as client:
            assert answer_of(client) == (413, b"too large")
            assert is_closed(client)

    @pytest.mark.parametrize(
        ("request_", "status"),
        [
            (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 411),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * MAX_HEAD + b"\r\n\r\n", 431),
            (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
            (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
            (b"nonsense\r\n\r\n", 400),
        ],
    )
    def test_what_cannot_be_understood_is_refused_and_the_connection_ends(self, server, request_, status):
        with server.connect(request_) as client:
            assert client.recv(12) == b"HTTP/1.1 %d" % status
        assert server.ask(GET % b"/") == (200, b"/ 0")

    def test_clients_that_vanish_do_no_harm(self, server):
        for first in (b"", b"GET / HT", POST % 500 + b"a", GET % b"/large"):
            server.connect(first).close()
        assert server.ask(GET % b"/") == (200, b"/ 0")


def test_a_process_that_is_to_stop_finishes_what_it_has_begun():
    server = Server()
    with server.connect(GET % b"/slow") as client, server.connect() as silent:
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        assert answer_of(client) == (200, b"/slow 0")
        assert server.process.wait(PATIENCE) == 0
        assert is_closed(silent)


class TestIncoming:
    @pytest.mark.parametrize("step", [1, 2, 7, 1000])
    def test_knows_its_end_however_it_is_cut(self, step):
        request, whole = Incoming(), POST % 10 + b"0123456789"
        pieces = [whole[start : start + step] for start in range(0, len(whole), step)]
        heads = [request.add(piece) for piece in pieces]
        assert request.is_complete
        assert heads.count(True) == 1
        assert request.wanted == len(whole)

    def test_a_large_body_does_not_lie_in_memory(self):
        request = Incoming()
        request.add(POST % 5_000_000)
        request.add(b"x" * 5_000_000)
        assert request.is_complete
        assert hasattr(request.spool, "fileno")
        request.spool.seek(0)
        assert request.spool.read() == POST % 5_000_000 + b"x" * 5_000_000

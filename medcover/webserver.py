"""Gunicorn worker that gives a thread only to complete requests, and takes it back before the answer has arrived.

Gunicorn's own threads read the body of a request and write the answer, each as slowly as the client likes; eight slow
strangers would stop a site of two processes with four threads. Here the event loop of the worker process receives a
request as a whole, hands it to a thread, takes the finished answer and sends it on; a connection costs a socket
and some memory, later a temporary file, but no thread. All waiting ends by a deadline. Where there are too many
connections, the one that has been waiting longest makes room.

Requests without an announced length (chunked) are refused with 411: Django reads no body of such a request.
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import Any

from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

#: Bytes of line and headers; gunicorn's own limits are far below.
MAX_HEAD = 64 * 1024
#: Bytes of a body that is received; whatever announces more is answered without it (413). The site takes 8 MiB.
MAX_BODY = 10 * 1024 * 1024
#: What a request or an answer may hold in memory; the rest lies in a temporary file.
IN_MEMORY = 256 * 1024

#: Seconds that a client may take for the head of a request, and besides that for its body or for reading an answer at
#: this many bytes a second.
HEAD_SECONDS, BODY_SECONDS, SLOWEST = 15, 30, 16 * 1024
#: Seconds in which a client may close the connection after the last answer, so that nothing of it is cut off.
LINGER_SECONDS = 10

#: The process or the machine has no descriptor left for one more connection.
_NO_DESCRIPTORS = {errno.EMFILE, errno.ENFILE}
_MOMENT = 0.01

_PIECE = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSAL = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_LENGTH_REQUIRED = _REFUSAL % b"411 Length Required"
_HEAD_TOO_LARGE = _REFUSAL % b"431 Request Header Fields Too Large"


class Incoming:
    """A request as far as it has arrived; bytes behind its end belong to the next one."""

    def __init__(self) -> None:
        self.spool: Any = BytesIO()
        self.size = 0
        #: How many bytes make the request; None until the head is complete.
        self.wanted: int | None = None
        self.body = 0
        self.is_chunked = self.expects_continue = self.is_cut = self.is_endless = False
        #: Until when the head has to be complete, once something of it has arrived.
        self.deadline: float | None = None

    def add(self, data: bytes) -> bool:
        """Take more bytes; True when they end the head."""
        self.spool.write(data)
        self.size += len(data)
        if self.wanted is not None:
            return False
        is_complete = self._read_head()
        if self.body > IN_MEMORY:
            begun, self.spool = self.spool.getvalue(), TemporaryFile()  # noqa: SIM115 - closed with the request
            self.spool.write(begun)
        self.spool.seek(0, 2)
        return is_complete

    @property
    def is_complete(self) -> bool:
        """Nothing more needs to arrive before somebody can answer."""
        return self.wanted is not None and self.size >= self.wanted

    def _read_head(self) -> bool:
        self.spool.seek(0)
        head, end, _rest = self.spool.read(MAX_HEAD).partition(_END_OF_HEAD)
        if not end:
            if self.size >= MAX_HEAD:
                self.is_endless = True
            return False
        fields = head + b"\r\n"
        self.is_chunked = bool(_CHUNKED.search(fields))
        self.expects_continue = bool(_EXPECTS.search(fields))
        lengths = {int(found) for found in _LENGTH.findall(fields)}
        self.body = lengths.pop() if len(lengths) == 1 else 0
        if lengths or self.body > MAX_BODY:
            self.body, self.is_cut = 0, True
        self.wanted = len(head) + len(end) + self.body
        return True


class SpooledUnreader(Unreader):
    """Where gunicorn's parser reads a request that has arrived as a whole."""

    def __init__(self, spool: Any) -> None:
        super().__init__()
        spool.seek(0)
        self.spool = spool

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next piece; nothing more will come."""
        piece: bytes = self.spool.read(size_hint or _PIECE)
        return piece

    def rest(self) -> bytes:
        """Return what has arrived behind the request, and let go of the spool."""
        rest: bytes = self.take_buffered() + self.spool.read()
        self.spool.close()
        return rest


class BufferedSocket:
    """A client's socket to which a thread writes without ever waiting: what does not fit is kept for the loop."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._backlog: Any = None
        self._sent = 0
        sock.setblocking(False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def setblocking(self, _flag: bool) -> None:
        """Stay as it is: this socket never blocks."""

    def settimeout(self, _seconds: float | None) -> None:
        """Stay as it is."""

    def send(self, data: bytes) -> int:
        """Take all of it."""
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send what fits at once, and keep the rest in order."""
        done = 0
        if self._backlog is None:
            done = self._push(memoryview(data))
            if done == len(data):
                return
            self._backlog = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is empty
        self._backlog.seek(0, 2)
        self._backlog.write(data[done:])

    def _push(self, data: memoryview) -> int:
        done = 0
        try:
            while done < len(data):
                done += self._sock.send(data[done:])
        except BlockingIOError:
            pass
        return done

    @property
    def kept(self) -> int:
        """How many bytes wait to be sent."""
        if self._backlog is None:
            return 0
        return int(self._backlog.seek(0, 2)) - self._sent

    def flush(self) -> bool:
        """Send more of what was kept; True when nothing is left."""
        while self._backlog is not None:
            self._backlog.seek(self._sent)
            piece = self._backlog.read(_PIECE)
            done = self._push(memoryview(piece))
            self._sent += done
            if not piece:
                self._backlog.close()
                self._backlog, self._sent = None, 0
            elif done < len(piece):
                return False
        return True

    def close(self) -> None:
        """Close the socket and forget what was kept."""
        if self._backlog is not None:
            self._backlog.close()
            self._backlog = None
        self._sock.close()


class BufferingWorker(ThreadWorker):
    """Receives requests and sends answers in its event loop; threads only work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Connections that wait for their client, and until when; the one that waits longest comes first.
        self.waiting: dict[Any, float] = {}
        self.most_connections = self.cfg.worker_connections
        # We make room by ourselves; gunicorn would stop accepting anybody.
        self.worker_connections = 2 * self.most_connections
        self._swept = 0.0

    # --- waiting for a client -----------------------------------------------------------------------------

    def _wait(self, conn: Any, events: int, go_on: Callable[[Any], None], seconds: float) -> None:
        self.waiting[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, events, partial(self._came, conn, go_on))

    def _came(self, conn: Any, go_on: Callable[[Any], None], _sock: Any) -> None:
        try:
            go_on(conn)
        except OSError:
            self._drop(conn)

    def _stop_waiting(self, conn: Any) -> None:
        if self.waiting.pop(conn, None) is not None:
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Any) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.incoming.spool.close()
        conn.sock.close()

    # --- receiving ----------------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, if need be in the place of the one that has waited longest."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_DESCRIPTORS:
                self._make_room()
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, BufferedSocket(client), address, listener.getsockname())
        conn.data_ready = True  # a thread never waits for any
        self._came(conn, self._receive, None)
        if self.nr_conns > self.most_connections:
            self._make_room()

    def _make_room(self) -> None:
        """Part from the connection that has waited longest; where none waits, give those at work a moment."""
        if self.waiting:
            self._drop(next(iter(self.waiting)))
        else:
            time.sleep(_MOMENT)

    def _receive(self, conn: Any, begun: bytes = b"", seconds: float = HEAD_SECONDS) -> None:
        """Begin with the next request, of which something may have arrived already; wait for what is missing."""
        conn.incoming = Incoming()
        if begun:
            self._take(conn, begun, seconds)
        else:
            self._read(conn, seconds)

    def _read(self, conn: Any, seconds: float = HEAD_SECONDS) -> None:
        try:
            data = conn.sock.recv(_PIECE)
        except BlockingIOError:
            self._wait_for_more(conn, seconds)
            return
        if data:
            self._take(conn, data, HEAD_SECONDS)
        else:
            self._drop(conn)

    def _take(self, conn: Any, data: bytes, seconds: float) -> None:
        request = conn.incoming
        head_is_complete = request.add(data)
        if request.is_chunked or request.is_endless:
            conn.sock.sendall(_LENGTH_REQUIRED if request.is_chunked else _HEAD_TOO_LARGE)
            self._part(conn)
        elif request.is_complete:
            self._stop_waiting(conn)
            self._submit(conn)
        elif head_is_complete:
            if request.expects_continue:
                conn.sock.sendall(_CONTINUE)
            self._stop_waiting(conn)
            self._wait_for_more(conn, BODY_SECONDS + request.body / SLOWEST)
        else:
            self._wait_for_more(conn, seconds)

    def _wait_for_more(self, conn: Any, seconds: float) -> None:
        """Wait for the rest of what is being received; the time of a head runs from its first byte."""
        if conn not in self.waiting:
            self._wait(conn, selectors.EVENT_READ, self._read, seconds)
        elif conn.incoming.size and conn.incoming.deadline is None:
            conn.incoming.deadline = self.waiting[conn] = time.monotonic() + seconds

    def _submit(self, conn: Any) -> None:
        conn.init()
        conn.parser.unreader = SpooledUnreader(conn.incoming.spool)
        self.enqueue_req(conn)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Whether the connection can be used again: not when a body is still on its way that nobody wants."""
        return not conn.incoming.is_cut and bool(super()._keepalive_after(conn, keepalive))

    # --- answering ----------------------------------------------------------------------------------------

    def finish_request(self, conn: Any, done: Future[Any]) -> None:
        """Send on what the thread has written, then wait for the next request or part."""
        conn.keeps = not done.cancelled() and done.exception() is None and bool(done.result()) and self.alive
        self._came(conn, self._send, None)

    def _send(self, conn: Any) -> None:
        if not conn.sock.flush():
            if conn not in self.waiting:
                seconds = BODY_SECONDS + conn.sock.kept / SLOWEST
                self._wait(conn, selectors.EVENT_WRITE, self._send, seconds)
            return
        self._stop_waiting(conn)
        rest = conn.parser.unreader.rest() if conn.parser else b""
        if conn.keeps:
            self._receive(conn, rest, HEAD_SECONDS if rest else self.cfg.keepalive)
        else:
            self._part(conn)

    def _part(self, conn: Any) -> None:
        """Say that nothing more will come, and give the client time to close; else the last bytes may be lost."""
        self._stop_waiting(conn)
        self._wait(conn, selectors.EVENT_READ, self._discard, LINGER_SECONDS)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)

    def _discard(self, conn: Any) -> None:
        try:
            if not conn.sock.recv(_PIECE):
                self._drop(conn)
        except BlockingIOError:
            pass

    # --- time ---------------------------------------------------------------------------------------------

    def murder_pending(self) -> None:
        """Part from clients that took too long; gunicorn's loop asks for it after every event."""
        now = time.monotonic()
        if now - self._swept < 1:
            return
        self._swept = now
        for conn in [conn for conn, deadline in self.waiting.items() if deadline <= now]:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """A process that stops waits for nobody longer than until `deadline`."""
        for conn in self.waiting:
            self.waiting[conn] = min(self.waiting[conn], deadline)

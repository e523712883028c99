"""Socket Mode: the workspace sends by a connection of ours what it else sends to our address."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from equipment.tests.factories import ItemFactory
from medcover.system.models import Heartbeat
from notifications.slack import config
from notifications.slack import socket as socket_mode
from notifications.tests.slack.workspace import Answer

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Socket:
    """The end of the workspace: greets, sends what it is told, and remembers what it is answered."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(10)
        self.url = f"ws://127.0.0.1:{self._server.getsockname()[1]}/link"
        self.to_send: list[dict] = []
        self.answers: list[dict] = []
        self.answered = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        connection, _address = self._server.accept()
        with connection:
            connection.settimeout(10)
            self._shake_hands(connection)
            for message in ({"type": "hello"}, *self.to_send):
                connection.sendall(_frame(json.dumps(message).encode()))
            while len(self.answers) < len(self.to_send):
                opcode, payload = _read_frame(connection)
                if opcode == 1 and payload.startswith(b"{"):
                    self.answers.append(json.loads(payload))
                elif opcode == 8:
                    return
            self.answered.set()
            _read_frame(connection)

    def _shake_hands(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(1000)
        key = next(
            line.partition(b":")[2].strip()
            for line in request.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def close(self) -> None:
        self._server.close()
        self._thread.join(5)


def _frame(payload: bytes) -> bytes:
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return b"\x81" + length + payload


def _read_exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


def _read_frame(connection: socket.socket) -> tuple[int, bytes]:
    try:
        first, second = _read_exactly(connection, 2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(_read_exactly(connection, 2), "big")
        mask = _read_exactly(connection, 4) if second & 0x80 else bytes(4)
        masked = _read_exactly(connection, length)
    except (ConnectionError, TimeoutError, OSError):
        return 8, b""
    return first & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


@pytest.fixture
def slack_socket(workspace, settings) -> Iterator[Socket]:
    settings.SLACK_APP_TOKEN, settings.SLACK_SOCKET_MODE_CONNECT = "xapp-zkousky", True
    running = Socket()
    workspace.answers["apps.connections.open"] = [Answer(body={"ok": True, "url": running.url})]
    yield running
    running.close()


def serve(stopped: threading.Event) -> None:
    try:
        socket_mode.serve(stopped)
    finally:
        connections.close_all()


def waits_until(found) -> bool:
    """Whether something comes true within ten seconds."""
    return any(found() or threading.Event().wait(0.05) for _ in range(200))


@pytest.mark.django_db(transaction=True)
def test_a_command_by_the_connection_is_answered_as_by_the_address(workspace, slack_socket, settings):
    settings.SLACK_SIGNING_SECRET = ""
    ItemFactory(name="AED 1")
    user = workspace.user()
    command = {"command": "/esb-repair", "text": "", "user_id": user, "team_id": "T1", "trigger_id": "1.1"}
    report = {**command, "command": "/esb-report", "trigger_id": "1.2"}
    slack_socket.to_send = [
        {"type": "slash_commands", "envelope_id": "a", "payload": command, "accepts_response_payload": True},
        {"type": "slash_commands", "envelope_id": "b", "payload": report, "accepts_response_payload": True},
    ]
    stopped = threading.Event()
    thread = threading.Thread(target=serve, args=[stopped])
    thread.start()
    try:
        assert slack_socket.answered.wait(10)
        assert waits_until(Heartbeat.objects.filter(name=config.HEARTBEAT).exists)
    finally:
        stopped.set()
        thread.join(10)
    answers = {answer["envelope_id"]: answer.get("payload") for answer in slack_socket.answers}
    assert answers["a"]["text"].startswith(":lock:")
    assert not answers["b"]
    assert workspace.windows[0]["callback_id"] == "esb_report"
    assert workspace.calls[0][2] == "Bearer xapp-zkousky"


class Stopping:
    """An event that is set once somebody has waited for it as often as this."""

    def __init__(self, times: int) -> None:
        self.left = times

    def is_set(self) -> bool:
        return self.left == 0

    def wait(self, _seconds: float | None = None) -> None:
        self.left -= 1


@pytest.mark.django_db
@pytest.mark.parametrize(("is_connected", "beats"), [(True, 1), (False, 0)])
def test_who_is_connected_says_so_and_who_is_not_is_silent(is_connected, beats):
    handler = SimpleNamespace(client=SimpleNamespace(is_connected=lambda: is_connected))
    socket_mode._beat(handler, Stopping(2))
    assert Heartbeat.objects.filter(name=config.HEARTBEAT).count() == beats


def test_a_connection_that_fails_is_noted_and_tried_again(workspace, settings, caplog, monkeypatch):
    settings.SLACK_APP_TOKEN = "xapp-zkousky"
    workspace.answers["apps.connections.open"] = [Answer(body={"ok": False, "error": "invalid_auth"})] * 2
    monkeypatch.setattr(socket_mode, "PAUSE", 0)
    stopping = Stopping(2)
    socket_mode._connect(socket_mode._handler(), stopping)
    assert stopping.is_set()
    assert caplog.text.count("No connection to Slack: SlackApiError") == 2


@pytest.mark.parametrize(
    "changes", [{"SLACK_BOT_TOKEN": ""}, {"SLACK_APP_TOKEN": ""}, {"SLACK_SOCKET_MODE_CONNECT": False}]
)
def test_it_does_not_start_without_what_it_needs(settings, changes):
    settings.SLACK_BOT_TOKEN, settings.SLACK_APP_TOKEN, settings.SLACK_SOCKET_MODE_CONNECT = "xoxb-1", "xapp-1", True
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match="SLACK_SOCKET_MODE_CONNECT"):
        call_command("slack_socket")

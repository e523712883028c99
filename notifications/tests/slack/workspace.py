"""A workspace of Slack on this machine: takes what we send, knows its users, and sends us what its users do."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from notifications import delivery
from notifications.slack import working

SECRET, TOKEN = "tajemstvi-podpisu", "xoxb-zkousky"
EVENTS = "/slack/events"


@dataclass
class Answer:
    """What one method answers once instead of what it would."""

    status: int = 200
    body: dict[str, Any] = field(default_factory=lambda: {"ok": True})
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


class Workspace:
    """The running workspace. `calls` is what came, in order; `answers` what is answered instead, first come first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.answers: dict[str, list[Answer]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._keys = count(1)

    def __enter__(self) -> Workspace:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forget(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.answers.clear()
        self.users.clear()

    # --- people ---

    def user(self, email: str = "", *, locale: str = "cs-CZ", name: str = "Novák Jan", **signs: Any) -> str:
        """Somebody of the workspace; their key."""
        slack_id = f"U{next(self._keys):08d}"
        self.users[slack_id] = {
            "id": slack_id, "locale": locale, "is_email_confirmed": True,
            "profile": {"email": email, "real_name": name}, **signs,
        }  # fmt: skip
        return slack_id

    # --- what users do ---

    def command(self, name: str, text: str = "", *, user: str, **said: Any) -> HttpResponse:
        """Somebody types a command."""
        fields = {
            "command": name, "text": text, "user_id": user, "team_id": "T1", "trigger_id": self._key(),
            "response_url": f"{self.url}/hooks/{user}", **said,
        }  # fmt: skip
        return self.send(urlencode(fields))

    def submit(self, view: dict[str, Any], values: dict[str, Any], *, user: str, **said: Any) -> HttpResponse:
        """Somebody sends a window back, with these values in the fields; what is not named is as it was shown."""
        return self.interact(submission_of(view, values), user=user, **said)

    def press(self, button: dict[str, Any], *, user: str, **said: Any) -> HttpResponse:
        """Somebody presses a button of a message."""
        action = {"type": "button", "action_id": button["action_id"], "value": button["value"], "block_id": "b"}
        return self.interact(
            {"type": "block_actions", "actions": [action], "response_url": f"{self.url}/hooks/{user}"},
            user=user,
            **said,
        )

    def search(self, source: str, text: str, *, user: str, hidden: str = "") -> list[dict[str, Any]]:
        """Somebody types into a list that is searched; its entries, whatever their headings."""
        answer = self.interact(
            {
                "type": "block_suggestion", "action_id": source, "block_id": "x", "value": text,
                "view": {"private_metadata": hidden},
            },
            user=user,
        )  # fmt: skip
        found = answer.json()
        return found.get("options") or [one for group in found.get("option_groups", []) for one in group["options"]]

    def interact(self, body: dict[str, Any], *, user: str, **said: Any) -> HttpResponse:
        payload = {"user": {"id": user}, "team": {"id": "T1"}, "trigger_id": self._key(), **body, **said}
        return self.send(urlencode({"payload": json.dumps(payload)}))

    def send(self, body: str, *, kind: str = "application/x-www-form-urlencoded", **headers: str) -> HttpResponse:
        """Slack sends us a request, signed unless `headers` say otherwise."""
        return Client().post(EVENTS, body, content_type=kind, headers={**signature(body), **headers})

    def _key(self) -> str:
        return f"trigger.{next(self._keys)}"

    # --- what came ---

    def called(self, method: str) -> list[dict[str, Any]]:
        """What one method was called with."""
        return [said for name, said, _token in self.calls if name == method]

    @property
    def posts(self) -> list[tuple[str, str]]:
        """What was posted where."""
        return [(said["channel"], said["text"]) for said in self.called("chat.postMessage")]

    @property
    def windows(self) -> list[dict[str, Any]]:
        """The windows that were opened."""
        return [said["view"] for said in self.called("views.open")]

    def answered(self, user: str) -> list[dict[str, Any]]:
        """What somebody was answered by the worker."""
        return self.called(f"hooks/{user}")

    def work(self) -> None:
        """Let the worker do everything that waits."""
        working.answer_waiting(at=timezone.now())
        delivery.drain()


def signature(body: str, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers by which a request of Slack is known."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def fields_of(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of a window by name."""
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def options_of(element: dict[str, Any]) -> list[str]:
    """The labels of a list."""
    listed = element.get("options") or [one for group in element["option_groups"] for one in group["options"]]
    return [one["text"]["text"] for one in listed]


def submission_of(view: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What Slack sends when somebody sends a window back."""
    state = {
        name: {element["action_id"]: _as_sent(element, values.get(name, _initial(element)))}
        for name, element in fields_of(view).items()
    }
    sent = {
        "callback_id": view["callback_id"],
        "private_metadata": view["private_metadata"],
        "state": {"values": state},
    }
    return {"type": "view_submission", "view": {"id": "V1", "hash": "1", "type": "modal", **sent}}


def _initial(element: dict[str, Any]) -> Any:
    option = element.get("initial_option") or {}
    return element.get("initial_value") or element.get("initial_date") or option.get("value", "")


def _as_sent(element: dict[str, Any], value: Any) -> dict[str, Any]:
    kind = element["type"]
    if kind == "checkboxes":
        return {"type": kind, "selected_options": [{"value": one} for one in value or ()]}
    if kind == "datepicker":
        return {"type": kind, "selected_date": value or None}
    if kind.endswith("select"):
        return {"type": kind, "selected_option": {"value": str(value)} if value else None}
    return {"type": kind, "value": value or None}


def _handler(workspace: Workspace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            said = json.loads(raw) if raw.startswith("{") else {key: one[0] for key, one in parse_qs(raw).items()}
            self._take(said)

        def do_GET(self) -> None:
            self._take({key: one[0] for key, one in parse_qs(urlsplit(self.path).query).items()})

        def _take(self, said: dict[str, Any]) -> None:
            method = urlsplit(self.path).path.removeprefix("/").removeprefix("api/")
            workspace.calls.append((method, said, self.headers.get("Authorization", "")))
            queued = workspace.answers.get(method)
            answer = queued.pop(0) if queued else Answer(body=_known(workspace, method, said))
            if answer.hangs:
                workspace.released.wait(30)
                self.close_connection = True
                return
            body = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    return Handler


def _known(workspace: Workspace, method: str, said: dict[str, Any]) -> dict[str, Any]:
    """What Slack answers of its users; everything else it takes."""
    if method == "users.info":
        user = workspace.users.get(said.get("user", ""))
        return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}
    if method == "users.lookupByEmail":
        users = [one for one in workspace.users.values() if one["profile"]["email"] == said.get("email")]
        return {"ok": True, "user": users[0]} if users else {"ok": False, "error": "users_not_found"}
    return {"ok": True}


@pytest.fixture(scope="session")
def slack_server() -> Iterator[Workspace]:
    """One for all tests: for each address the library's application is made anew, which takes a while."""
    with Workspace() as running:
        yield running


@pytest.fixture
def workspace(settings, slack_server) -> Workspace:
    """The installation is in a workspace of which nobody has made use yet."""
    slack_server.forget()
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = TOKEN, SECRET
    settings.SLACK_API_URL, settings.SLACK_HOOKS_URL = f"{slack_server.url}/api/", f"{slack_server.url}/hooks/"
    return slack_server

"""What Slack sends, answered: who asks, once only, in their language, with their account's rights.

Each function takes the body of a request whose origin has been proven, and returns what it is acknowledged with. What
people wait for is done at once; what takes longer is kept for the worker (`working`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medcover.common.db import insert_unless_there
from medcover.common.errors import DomainError
from medcover.system.models import SiteSettings
from notifications.composing import as_read_by
from notifications.slack import posting, registry, working
from notifications.slack.blocks import listed, values_of
from notifications.slack.callers import as_account, caller_of
from notifications.slack.models import SlackRequest
from notifications.slack.registry import Call, Caller, Command, Done, Faults, Open, Say, Window
from notifications.slack.text import REFUSED, escape, storable
from notifications.slack.transport import SlackFailed, call

logger = logging.getLogger(__name__)

Body = Mapping[str, Any]
Reply = dict[str, Any]

#: All windows close, and nothing is said.
CLEAR: Reply = {"response_action": "clear"}


class _Undone(Exception):
    """Nothing was changed: the same request may come again, and is answered again."""

    def __init__(self, answer: Faults | Open) -> None:
        super().__init__()
        self.answer = answer


def run_command(code: str, body: Body) -> Reply:
    """Answer a command; one that has come before is only acknowledged."""
    command = registry.commands[code]
    if command.by_worker:
        working.keep(_key_of(body), working.of_command(code, body))
        return {}
    if not _is_first(body):
        return {}
    caller = caller_of(body["user_id"])
    with speaking_to(caller):
        return _said_or_opened(_answer(command, caller, body), body)


def _answer(command: Command, caller: Caller, body: Body) -> Say | Open:
    answer: Say | Open = guarded(
        lambda: command.answer(Call(caller, timezone.now(), text=storable(body.get("text") or "").strip()))
    )
    return answer


def _said_or_opened(answer: Say | Open, body: Body) -> Reply:
    if isinstance(answer, Open):
        try:
            call("views.open", trigger_id=body["trigger_id"], view=answer.view)
        except SlackFailed as failure:
            logger.warning("A window could not be opened in Slack: %s", failure)
            answer = Say(f"{REFUSED} " + _("Slack did not open the window in time. Try it once more."))
        else:
            return {}
    return {"response_type": "ephemeral", "text": answer.text, **({"blocks": answer.blocks} if answer.blocks else {})}


def submit(body: Body) -> Reply:
    """Do what stands in a window that was sent; rights are asked anew, and one that was done already just closes."""
    view = body["view"]
    window = registry.windows.get(view.get("callback_id", ""))
    if window is None:
        return CLEAR
    caller = caller_of(body["user"]["id"])
    sent = Call(
        caller, timezone.now(), values=values_of(view.get("state")), hidden=storable(view.get("private_metadata") or "")
    )
    with speaking_to(caller):
        return _as_reply(_submitted(window, sent, body))


def _submitted(window: Window, sent: Call, body: Body) -> Faults | Open | Done:
    try:
        with transaction.atomic():
            return _done_once(window, sent, body)
    except _Undone as undone:
        return undone.answer
    except ValidationError as refusal:
        return Faults({window.main: " ".join(refusal.messages)})
    except DomainError as refusal:
        return Faults({window.main: str(refusal)})
    except Exception as error:  # noqa: BLE001 - people are told in the window, whatever it was
        logger.error("A window of Slack (%s) could not be taken: %s", window.code, type(error).__name__)
        return Faults({window.main: _unexpected()})


def _done_once(window: Window, sent: Call, body: Body) -> Done:
    if not _is_first(body):
        return Done("")
    answer = window.submit(sent)
    if not isinstance(answer, Done):
        raise _Undone(answer)
    if answer.text:
        posting.answer(sent.caller.slack_id, answer.text, to=sent.caller.account)
    return answer


def _as_reply(answer: Faults | Open | Done) -> Reply:
    if isinstance(answer, Faults):
        return {"response_action": "errors", "errors": dict(answer.words)}
    if isinstance(answer, Open):
        return {"response_action": "push", "view": answer.view}
    return CLEAR


def search(body: Body) -> Reply:
    """Return the entries of a list that fit what somebody has typed; nothing is changed."""
    source = registry.sources.get(body.get("action_id", ""))
    if source is None:
        return {"options": []}
    caller = caller_of(body["user"]["id"])
    hidden = storable((body.get("view") or {}).get("private_metadata") or "")
    with speaking_to(caller):
        found = source(Call(caller, timezone.now(), text=storable(body.get("value") or "").strip(), hidden=hidden))
    return listed(found)


def press(body: Body) -> Reply:
    """Keep for the worker what is to be done for a button."""
    for action in body.get("actions") or ():
        if action.get("action_id") in registry.buttons:
            working.keep(_key_of(body), working.of_button(action, body))
            break
    return {}


@contextmanager
def speaking_to(caller: Caller) -> Iterator[None]:
    """Speak the caller's language in the site's zone, with the rights that they have from Slack."""
    with as_read_by(caller.language, SiteSettings.current()), as_account(caller):
        yield


def guarded(answer: Callable[[], Any]) -> Any:
    """Return an answer, or the sentence that stands in its way."""
    try:
        with transaction.atomic():
            return answer()
    except ValidationError as refusal:
        return Say(f"{REFUSED} {escape(' '.join(refusal.messages))}")
    except DomainError as refusal:
        return Say(f"{REFUSED} {escape(refusal)}")
    except Exception as error:  # noqa: BLE001 - people are told, whatever it was
        logger.error("A request of Slack could not be answered: %s", type(error).__name__)
        return Say(f"{REFUSED} {_unexpected()}")


def _unexpected() -> str:
    return _("Something went wrong, nothing was changed. Try it later, or do it on the pages of MedCover.")


def _key_of(body: Body) -> str:
    """Return by what a request is known again: Slack gives each act of a person a key of its own."""
    view = body.get("view") or {}
    act = body.get("trigger_id") or body.get("event_id") or f"{view.get('id')}.{view.get('hash')}"
    return hashlib.sha256(f"{body.get('type', 'command')}|{act}".encode()).hexdigest()


def _is_first(body: Body) -> bool:
    """Note the request; False when it has been noted before. Two at once wait for each other."""
    row = SlackRequest(key=_key_of(body), received_at=timezone.now())
    return bool(insert_unless_there([row], batch_size=1))

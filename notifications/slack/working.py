"""Requests that the worker answers: kept with their work, done, and told, each once.

What was done is written down before it is told, so that telling can be repeated and doing is not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from medcover.common.db import insert_unless_there
from notifications.slack import registry
from notifications.slack.callers import caller_of
from notifications.slack.models import SlackRequest
from notifications.slack.registry import Call, Say
from notifications.slack.text import storable
from notifications.slack.transport import SlackFailed, respond

logger = logging.getLogger(__name__)

Work = dict[str, Any]


def of_command(code: str, body: Mapping[str, Any]) -> Work:
    """Return what is to be done for a command."""
    asker = {"user": body["user_id"], "to": body.get("response_url", "")}
    return {"command": code, "text": storable(body.get("text") or ""), **asker}


def of_button(action: Mapping[str, Any], body: Mapping[str, Any]) -> Work:
    """Return what is to be done for a button."""
    asker = {"user": body["user"]["id"], "to": body.get("response_url", "")}
    return {"button": action["action_id"], "text": storable(action.get("value") or ""), **asker}


@transaction.atomic
def keep(key: str, work: Work) -> None:
    """Keep a request for the worker, unless it has come before, and wake the worker."""
    if insert_unless_there([SlackRequest(key=key, received_at=timezone.now(), work=work)], batch_size=1):
        transaction.on_commit(lambda: _wake(key), robust=True)


def _wake(key: str) -> None:
    from django_q.tasks import async_task

    async_task("notifications.slack.working.answer", key)


def answer(key: str) -> None:
    """Do what a request asks for and tell who asked; what somebody else is at, or was done, is left alone."""
    with transaction.atomic():
        row = _held(key)
        if row is not None and row.work and "say" not in row.work:
            row.work = {"to": row.work["to"], "say": _done(row.work)}
            row.save(update_fields=["work"])
    with transaction.atomic():
        row = _held(key)
        if row is not None and row.work and "say" in row.work:
            _tell(row, row.work)


def answer_waiting(*, at: datetime) -> int:
    """Answer what was left over, forget what nobody can be told any more; return how many were tried."""
    keys = list(SlackRequest.objects.waiting(at).order_by("received_at").values_list("key", flat=True)[:100])
    for key in keys:
        answer(key)
    SlackRequest.objects.unanswerable(at).update(work=None)
    SlackRequest.objects.forgotten(at).delete()
    return len(keys)


def _held(key: str) -> SlackRequest | None:
    found: SlackRequest | None = SlackRequest.objects.select_for_update(skip_locked=True).filter(key=key).first()
    return found


def _done(work: Work) -> Work:
    from notifications.slack.inbound import guarded, speaking_to

    caller = caller_of(work["user"])
    asked = Call(caller, timezone.now(), text=work["text"].strip())
    with speaking_to(caller):
        said: Say = guarded(lambda: _act(work, asked))
    return {"text": said.text, "blocks": list(said.blocks) or None}


def _act(work: Work, asked: Call) -> Any:
    if "command" in work:
        return registry.commands[work["command"]].answer(asked)
    return registry.buttons[work["button"]](asked)


def _tell(row: SlackRequest, work: Work) -> None:
    try:
        respond(work["to"], response_type="ephemeral", replace_original=False, **work["say"])
    except SlackFailed as failure:
        logger.warning("An answer was not taken by Slack: %s", failure)
        if failure.is_down:
            return  # looked at again in a minute
    row.work = None
    row.save(update_fields=["work"])

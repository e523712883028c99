"""Claiming messages for delivery: which leave next, by which mail, and how many at once.

Workers claim one after the other, so that what is for one person lands in one mail; it takes a few milliseconds for
as many mails as a worker sends in about half a second.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from medcover.common.db import one_at_a_time, update_rows
from medcover.common.prepared import MOMENT, UUID, prepared
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.rules import Priority
from notifications.slack.config import is_on as slack_is_on

Status = OutboxMessage.Status

#: Namespace of keys made from what mails say.
_MAILS = uuid.UUID("5f0f6f2e-4c0b-4f5e-9c39-7a1f0f3d9b52")

#: All that leaves in one mail: the person, the address, and the batch.
Group = tuple[Any, str, str]


@transaction.atomic
def claim(at: datetime, *, most: int, channel: str = "") -> list[Any]:
    """Mark what is due as being sent; return the keys of at most `most` mails, in the order in which they leave.

    One message of a batch takes along all others that wait for the same person at the same address, also those that
    are not due yet. Rows that somebody is writing at this moment are skipped. When the site's limit for this minute
    is used up, only mail about accounts leaves, and what goes to browsers. With a `channel` nothing else is claimed;
    without one all but posts in Slack, which have a pass of their own where there is Slack.
    """
    one_at_a_time("outbox.claim")
    due = _within_limit(_due(most, channel, slack_is_on(), at=at), at)
    groups = _grouped(due)
    mails = {group: _mail_of(rows) for group, rows in groups.items()}
    claimed = [row for rows in groups.values() for row in rows]
    for group, rows in groups.items():
        for row in rows:
            row.mail_id, row.status, row.claimed_at = mails[group], Status.SENDING, at
    update_rows(claimed, ["mail_id", "status", "claimed_at"])
    return list(mails.values())


def left_over(*, channel: str = "") -> list[Any]:
    """Return the keys of mails that are marked as being sent, whoever does it or has died over it; as `claim` does."""
    found = _of(OutboxMessage.objects.being_sent(), channel, slack_apart=slack_is_on())
    return list(dict.fromkeys(found.values_list("mail_id", flat=True)))


@prepared(at=MOMENT)
def _due(p: Any, most: int, channel: str, slack_apart: bool) -> Any:
    due = OutboxMessage.objects.deliverable(p.at).select_for_update(skip_locked=True)
    return _of(due, channel, slack_apart=slack_apart)[:most]


def _of(rows: Any, channel: str, *, slack_apart: bool) -> Any:
    """Return those of one channel, or else of all but the one that has a pass of its own."""
    if channel:
        return rows.filter(channel=channel)
    return rows.exclude(channel=OutboxMessage.Channel.SLACK) if slack_apart else rows


def _within_limit(due: list[OutboxMessage], at: datetime) -> list[OutboxMessage]:
    """Keep what the site's limit leaves room for; mail about accounts counts, but does not wait.

    Of notifications in browsers and of Slack the mail server knows nothing.
    """
    limit = SiteSettings.load().mails_per_minute
    if not limit or not due:
        return due
    pushed = [row for row in due if row.channel != OutboxMessage.Channel.MAIL]
    urgent = [row for row in due if row.priority == Priority.AUTH]
    others = [row for row in due if row not in pushed and row not in urgent]
    sent = OutboxMessage.objects.claimed_since(at.replace(second=0, microsecond=0))
    return urgent + pushed + others[: max(0, limit - sent - len(urgent))]


def _grouped(due: list[OutboxMessage]) -> dict[Group, list[OutboxMessage]]:
    """Return what leaves together: each message with all others of its group, oldest first."""
    groups: dict[Group, dict[Any, OutboxMessage]] = {}
    for row in due:
        groups.setdefault(_group_of(row), {})[row.pk] = row
    people = {row.recipient_id for row in due if row.batch}
    for row in _waiting_for(people=people) if people else ():
        if (group := _group_of(row)) in groups:
            groups[group].setdefault(row.pk, row)
    return {group: sorted(rows.values(), key=lambda row: row.created_at) for group, rows in groups.items()}


@prepared(lists={"people": UUID})
def _waiting_for(p: Any) -> Any:
    waiting = OutboxMessage.objects.pending().in_batches().filter(recipient__in=p.people)
    return waiting.select_for_update(skip_locked=True)


def _group_of(row: OutboxMessage) -> Group:
    return (row.recipient_id, row.to_email, row.batch) if row.batch else (row.pk, "", "")


def _mail_of(rows: Sequence[OutboxMessage]) -> Any:
    """Return the key of the mail for these rows.

    The same rows that say the same have the same key, and so the same Message-ID: the mail may have arrived at an
    earlier attempt, and whoever got it twice can tell. One that says something else must not be taken for it.
    """
    first = rows[0]
    if len(rows) == 1 and (first.mail_id == first.pk or not first.attempts):
        return first.pk
    said = json.dumps([[str(row.pk), row.payload] for row in rows], sort_keys=True)
    return uuid.uuid5(_MAILS, said)

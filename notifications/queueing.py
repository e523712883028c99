"""How messages get into the outbox: any number of news to any number of people by a fixed number of statements.

Whatever is written here belongs to the transaction of the change that has something to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Q, QuerySet
from django.utils import timezone

from medcover.common.db import insert_unless_there, update_rows
from medcover.common.prepared import MOMENT, UUID, prepared
from notifications.models import NotificationSwitch, OptOut, OutboxMessage, PushChoice, PushSubscription
from notifications.push.keys import is_on as push_is_on
from notifications.push.keys import public_key
from notifications.registry import NoticeType, Payload
from notifications.rules import earlier, later

Status = OutboxMessage.Status

_TEXT: Any = CharField()

#: Rows written by one statement.
BATCH = 500


@dataclass(frozen=True)
class Addressee:
    """Where and in which language a person is written to."""

    email: str
    language: str


class Place(NamedTuple):
    """Where a message waits: there is at most one of a type about a topic for a person, or for a device of theirs."""

    recipient: Any
    topic: str
    code: str
    device: Any = None


@dataclass(frozen=True)
class News:
    """What is to be told, before it is known whether a waiting message takes it up."""

    notice: NoticeType
    topic: str
    payload: Payload
    send_after: datetime | None = None

    def message_to(
        self, person: Any, addressee: Addressee, *, last_sent: datetime | None = None, device: Any = None
    ) -> OutboxMessage:
        """Return a fresh row for one person, or with None for an address that is nobody's.

        Where the person has had such a message at `last_sent`, this one rests for a while. One to a device waits for
        no others to leave with.
        """
        rested = last_sent + self.notice.rest if last_sent else None
        wanted = self.send_after_on(device)
        return OutboxMessage(
            channel=OutboxMessage.Channel.PUSH if device else OutboxMessage.Channel.MAIL,
            device=device,
            code=self.notice.code,
            recipient_id=person,
            to_email=addressee.email,
            subject=self.notice.subject_in(addressee.language, self.payload),
            topic=self.topic,
            payload=self.payload,
            batch="" if device else self.notice.batch,
            priority=self.notice.priority,
            send_after=later(wanted, rested),
            instance_name=settings.INSTANCE_NAME,
        )

    def send_after_on(self, device: Any) -> datetime | None:
        """Return when it may leave: only mails wait for more news to leave with."""
        return None if device and self.notice.can_wait else self.send_after

    def merge_into(self, row: OutboxMessage, addressee: Addressee) -> bool:
        """Put the news on a waiting row, unsaved; False when the two cancel each other out."""
        merged = self.notice.merge(row.payload, self.payload)
        if merged is None:
            return False
        row.payload, row.to_email, row.mail_id = merged, addressee.email, None
        row.subject = self.notice.subject_in(addressee.language, merged)
        if not self.notice.rest:
            row.send_after = earlier(row.send_after, self.send_after_on(row.device))
        return True


#: News and whom they are for, by key: a collection, or a query of keys.
Wanted = tuple[News, Iterable[Any]]


@dataclass(frozen=True)
class Told:
    """News for one person who gets them: by mail, or on a device."""

    news: News
    person: Any
    addressee: Addressee
    device: Any = None

    @property
    def leaves_at_once(self) -> bool:
        """Whether it waits for nothing when it is alone."""
        return self.news.send_after_on(self.device) is None

    @property
    def place(self) -> Place:
        """Where it may find a message that waits."""
        return Place(self.person, self.news.topic, self.news.notice.code, self.device)


def receivers(wanted: Sequence[Wanted]) -> list[Told]:
    """Return who gets what, in order of person: all writers take their rows in this order, so none deadlock.

    Asks the switches of the site, activity, roles, wishes and devices of the people, all by one query.
    """
    notices = [news.notice for news, _recipients in wanted]
    keys = [recipients if len(wanted) == 1 else set(recipients) for _news, recipients in wanted]
    asked = keys[0] if len(keys) == 1 else set().union(*keys)
    return [
        Told(news, person.pk, Addressee(person.email, person.language), device)
        for person in _described(asked, notices)
        for (news, _recipients), those in zip(wanted, keys, strict=True)
        if (len(keys) == 1 or person.pk in those) and _may_get(person, news.notice)
        for device in _ways_to(person, news.notice)
    ]


def _described(keys: Iterable[Any], notices: Iterable[NoticeType]) -> Any:
    """Read people with what decides about messages: `group_names`, what they `declined`, what is `switched_off`.

    And, where there are notifications in browsers, their `devices` and what they `push_wanted` and `push_declined`.
    """
    optional = tuple(sorted({notice.code for notice in notices if not notice.always_on}))
    pushed = tuple(sorted({notice.code for notice in notices if notice.can_be_pushed})) if push_is_on() else ()
    restricted = any(notice.roles for notice in notices)
    if isinstance(keys, QuerySet):
        return _people(keys, optional, pushed, restricted=restricted)
    return _people_listed(optional, pushed, restricted, public_key(), people=keys)


@prepared(lists={"people": UUID})
def _people_listed(p: Any, optional: tuple[str, ...], pushed: tuple[str, ...], restricted: bool, _key: str) -> Any:
    return _people(p.people, optional, pushed, restricted=restricted)


def _people(keys: Any, optional: tuple[str, ...], pushed: tuple[str, ...], *, restricted: bool) -> Any:
    people = get_user_model().objects.filter(pk__in=keys).order_by("pk")
    if restricted:
        people = people.annotate(
            group_names=ArraySubquery(Group.objects.filter(user=OuterRef("pk")).order_by().values("name"))
        )
    if optional:
        declined = OptOut.objects.filter(person=OuterRef("pk"), code__in=optional)
        switched_off = NotificationSwitch.objects.filter(enabled=False, code__in=optional)
        people = people.annotate(
            declined=ArraySubquery(declined.values("code")), switched_off=ArraySubquery(switched_off.values("code"))
        )
    return (_with_devices(people, pushed) if pushed else people).only("email", "language", "is_active")


def _with_devices(people: Any, codes: tuple[str, ...]) -> Any:
    devices = PushSubscription.objects.working().filter(person=OuterRef("pk")).order_by("pk")
    choices = PushChoice.objects.filter(person=OuterRef("pk"), code__in=codes)
    return people.annotate(
        devices=ArraySubquery(devices.values("pk")),
        push_wanted=ArraySubquery(choices.filter(wanted=True).values("code")),
        push_declined=ArraySubquery(choices.filter(wanted=False).values("code")),
    )


def _may_get(person: Any, notice: NoticeType) -> bool:
    if not (person.is_active or notice.to_inactive):
        return False
    if notice.roles and notice.roles.isdisjoint(person.group_names):
        return False
    return notice.always_on or notice.code not in person.switched_off


def _ways_to(person: Any, notice: NoticeType) -> list[Any]:
    """Return by which ways a person gets what they may get: None for a mail, and the keys of devices."""
    by_mail = [None] if notice.always_on or notice.code not in person.declined else []
    return by_mail + (person.devices if push_is_on() and _wishes_push(person, notice) else [])


def _wishes_push(person: Any, notice: NoticeType) -> bool:
    if not notice.can_be_pushed:
        return False
    return notice.code not in person.push_declined if notice.by_push else notice.code in person.push_wanted


def put(told: Sequence[Told]) -> None:
    """Merge into waiting rows or insert new ones until everybody has got everything.

    Another transaction may insert the same row between our look and our insert. The unique constraint then
    leaves ours out, and the next round finds the other's row waiting, or already on its way.
    """
    left = told
    while left:
        outbox = _Outbox(_lock_like(left))
        for one in left:
            outbox.take(one)
        missed = outbox.write()
        left = [one for one in left if one.place in missed]


def _lock_like(told: Sequence[Told]) -> list[OutboxMessage]:
    """Lock the messages of these types and topics that wait for these people, or from which the new ones rest."""
    kinds = {(one.news.topic, one.news.notice.code): one.news.notice for one in told if one.news.topic}
    if not kinds:
        return []
    rests = {code: notice.rest for (_topic, code), notice in kinds.items() if notice.rest}
    return _like(
        people={one.person for one in told},
        topics={topic for topic, _code in kinds},
        codes={code for _topic, code in kinds},
        resting=rests,
        since=timezone.now() - max(rests.values(), default=timedelta(0)),
    )


@prepared(lists={"people": UUID, "topics": _TEXT, "codes": _TEXT, "resting": _TEXT}, since=MOMENT)
def _like(p: Any) -> Any:
    rests = Q(status=Status.SENT, code__in=p.resting, sent_at__gt=p.since)
    rows = OutboxMessage.objects.select_for_update().filter(recipient__in=p.people, topic__in=p.topics)
    found = rows.filter(Q(status=Status.PENDING) | rests, code__in=p.codes)
    return found.order_by("recipient_id", "code", "sent_at", "id")


@dataclass
class _Outbox:
    """Rows that are there, and what news make of them: changed, dropped or fresh rows by key, not written yet."""

    rows: InitVar[Iterable[OutboxMessage]]
    waiting: dict[Place, OutboxMessage] = field(default_factory=dict)
    last_sent: dict[Place, datetime | None] = field(default_factory=dict)
    changed: dict[Any, OutboxMessage] = field(default_factory=dict)
    dropped: dict[Any, OutboxMessage] = field(default_factory=dict)
    fresh: dict[Any, OutboxMessage] = field(default_factory=dict)

    def __post_init__(self, rows: Iterable[OutboxMessage]) -> None:
        for row in rows:
            if row.status == Status.PENDING:
                self.waiting[_place_of(row)] = row
            else:
                self.last_sent[_place_of(row)] = row.sent_at

    def take(self, told: Told) -> None:
        """Merge the news into what waits, or let a message of their own wait."""
        waiting = self.waiting.get(told.place) if told.news.topic else None
        if waiting is None:
            self._add(told)
        elif told.news.merge_into(waiting, told.addressee):
            if waiting.pk not in self.fresh:
                self.changed[waiting.pk] = waiting
        else:
            self._drop(waiting)

    def _add(self, told: Told) -> None:
        last_sent = self.last_sent.get(told.place)
        row = told.news.message_to(told.person, told.addressee, last_sent=last_sent, device=told.device)
        self.waiting[told.place] = self.fresh[row.pk] = row

    def _drop(self, row: OutboxMessage) -> None:
        del self.waiting[_place_of(row)]
        self.changed.pop(row.pk, None)
        if self.fresh.pop(row.pk, None) is None:
            self.dropped[row.pk] = row

    def write(self) -> set[Place]:
        """Write it all; return the places that another transaction has taken meanwhile."""
        update_rows(self.changed.values(), ["payload", "to_email", "subject", "send_after", "mail_id"])
        if self.dropped:
            OutboxMessage.objects.filter(pk__in=self.dropped).delete()
        inserted = insert_unless_there(list(self.fresh.values()), batch_size=BATCH)
        return {_place_of(row) for key, row in self.fresh.items() if key not in inserted}


def _place_of(row: OutboxMessage) -> Place:
    return Place(row.recipient_id, row.topic, row.code, row.device)

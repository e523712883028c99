"""Reads of the outbox, and of who wishes to be told what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Max, OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject

from medcover.common.czech import fold
from medcover.common.db import Constant
from medcover.common.masked_rows import mentioning
from medcover.common.masking import Needle
from medcover.common.text import words_to_find
from medcover.system.erasing import JsonMentions

if TYPE_CHECKING:
    from notifications.models import OutboxMessage

#: From when on a message wants to leave: at once, unless it waits for a moment.
DUE = Coalesce("send_after", "created_at")

#: Columns of free text; the payload is the other place where people are named.
TEXTS = ("subject", "to_email", "last_error")


class OutboxQuerySet(models.QuerySet):
    """Messages."""

    def pending(self) -> OutboxQuerySet:
        """Messages that still wait for their first or next attempt."""
        return self.filter(status=Constant("pending"))

    def failed(self) -> OutboxQuerySet:
        """Messages given up after the last attempt."""
        return self.filter(status="failed")

    def deliverable(self, at: Any) -> OutboxQuerySet:
        """Due messages, account mail first, then those that wait longest."""
        return self.pending().alias(due=DUE).filter(due__lte=at).order_by("priority", "due", "id")

    def being_sent(self) -> OutboxQuerySet:
        """Claimed messages, in the same order: whether a worker still sends one, only its advisory lock knows."""
        return self.filter(status=Constant("sending")).order_by("priority", DUE, "id")

    def in_batches(self) -> OutboxQuerySet:
        """Messages that leave together with others to the same person."""
        return self.exclude(batch="").filter(recipient__isnull=False).exclude(topic="")

    def claimed_since(self, moment: datetime) -> int:
        """How many mails workers have taken on since then."""
        return self.filter(claimed_at__gte=moment, channel="mail").values("mail_id").distinct().count()

    def figures(self, since: datetime) -> Any:
        """For a subquery: which mails were queued since then by what became of them, as one JSON object."""
        counts: dict[str, Any] = {name: Count("pk", filter=Q(status=name)) for name in ("sent", "pending", "failed")}
        figures = JSONObject(**counts, last_sent=Max("sent_at"))
        recent = self.filter(created_at__gte=since, channel="mail").order_by().values(all=Value(1))
        return recent.annotate(figures=figures).values("figures")

    def matching(self, text: str) -> OutboxQuerySet:
        """Messages whose subject, address or recipient's name contains every word of `text`."""
        found = self
        for word in words_to_find(text):
            name = Q(recipient__name_search__contains=fold(word))
            found = found.filter(name | Q(to_email__icontains=word) | Q(subject__icontains=word))
        return found

    def about(self, topic: str) -> OutboxQuerySet:
        """Messages about one thing."""
        return self.filter(topic=topic)

    def to_person(self, person_id: Any, addresses: Collection[str]) -> OutboxQuerySet:
        """Messages to the person, and those to one of their addresses that belonged to no account."""
        unclaimed = Q(recipient__isnull=True, to_email__in=addresses)
        return self.filter(Q(recipient=person_id) | unclaimed)

    def mentioning(self, needle: Needle) -> OutboxQuerySet:
        """Messages in which the needle stands somewhere."""
        if not needle:
            return self.none()
        texts = mentioning(self.all(), TEXTS, needle).values("pk")
        return self.filter(Q(pk__in=texts) | Q(JsonMentions("payload", needle)))

    def like(self, message: OutboxMessage) -> OutboxQuerySet:
        """Other messages of the same type about the same thing to the same person; none for one that never merges."""
        if message.recipient_id is None or not message.topic:
            return self.none()
        same = self.filter(
            recipient=message.recipient_id, topic=message.topic, code=message.code, device=message.device
        )
        return same.exclude(pk=message.pk)


OutboxManager = models.Manager.from_queryset(OutboxQuerySet)


class SwitchQuerySet(models.QuerySet):
    """Switches of the site."""

    def codes_off(self) -> set[str]:
        """Types that the site sends to nobody."""
        return set(self.filter(enabled=False).values_list("code", flat=True))


class OptOutQuerySet(models.QuerySet):
    """What people do not wish to get."""

    def of_type(self, code: str) -> OptOutQuerySet:
        """Everybody's who does not wish this type."""
        return self.filter(code=code)

    def against_message(self) -> OptOutQuerySet:
        """For a subquery of messages: what keeps the message of the outer query from its recipient."""
        return self.filter(person=OuterRef("recipient"), code=OuterRef("code"))

    def codes_of(self, person_id: Any) -> set[str]:
        """Types that one person does not wish to get."""
        return set(self.filter(person=person_id).values_list("code", flat=True))

    def counts(self) -> dict[str, int]:
        """How many people with a living account do not wish a type, for types that somebody does not."""
        living = self.filter(person__is_active=True).values_list("code")
        return dict(living.annotate(people=Count("pk")))


SwitchManager = models.Manager.from_queryset(SwitchQuerySet)
OptOutManager = models.Manager.from_queryset(OptOutQuerySet)

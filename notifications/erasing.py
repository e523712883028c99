"""The outbox when somebody's personal data are erased: what was for them goes, what names them is masked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.common.masked_rows import mask_rows
from medcover.common.masking import Mask
from notifications.delivery import hold
from notifications.models import OutboxMessage, SlackRequest
from notifications.querysets import TEXTS


class Busy(DomainError):
    """Messages concerned are being written or sent at this very moment."""

    def __init__(self) -> None:
        super().__init__(_("A message that concerns this person is on its way right now. Try again in a minute."))


@transaction.atomic
def forget(person_id: Any, addresses: Collection[str], names: Mask) -> None:
    """Delete every message to the person, sent or not, and mask every other one that names them.

    Raises Busy rather than wait: whoever writes messages takes them in an order of their own, and what a worker is
    sending would be written back as it was.
    """
    own = OutboxMessage.objects.to_person(person_id, addresses)
    naming = OutboxMessage.objects.mentioning(names.needle).exclude(pk__in=own.values("pk"))
    deleted, masked = _locked(own), _locked(naming)
    on_their_way = (row for row in (*deleted, *masked) if row.status == OutboxMessage.Status.SENDING)
    if not all(hold(row.mail_id) for row in on_their_way):
        raise Busy
    OutboxMessage.objects.filter(pk__in=[row.pk for row in deleted]).delete()
    mask_rows(masked, TEXTS, names)
    for row in masked:
        OutboxMessage.objects.filter(pk=row.pk).update(payload=names.json(row.payload))
    # What the worker was about to say in Slack within minutes: whoever asked asks again.
    SlackRequest.objects.mentioning(names.needle).update(work=None)


def _locked(rows: QuerySet[OutboxMessage]) -> list[OutboxMessage]:
    try:
        with transaction.atomic():
            return list(rows.select_for_update(nowait=True).order_by("id"))
    except OperationalError as error:
        raise Busy from error

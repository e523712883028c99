"""Messages for tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import factory

from medcover.tests.rows import RowFactory
from notifications.models import OutboxMessage


class MessageFactory(RowFactory):
    """A waiting message to an address without an account."""

    class Meta:
        model = OutboxMessage

    code = "plain"
    to_email = factory.Sequence(lambda n: f"adresa{n}@example.org")
    subject = "Zpráva"
    # What is being sent is so by a mail.
    mail_id = factory.LazyAttribute(lambda row: uuid4() if row.status == OutboxMessage.Status.SENDING else None)
    status = OutboxMessage.Status.PENDING


def message_to(person: Any, **fields: Any) -> OutboxMessage:
    """A waiting message to a person."""
    return MessageFactory(**{"recipient": person, "to_email": person.email} | fields)

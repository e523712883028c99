"""The digest for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from notifications.digest import services
from notifications.digest.models import Digest, DigestBlock
from notifications.digest.rendering import CODE
from notifications.models import OutboxMessage


def schedule(**fields: Any) -> Digest:
    """The digest, switched on long ago, with some columns as given."""
    services.load()
    long_ago = {"enabled": True, "scheduled_at": datetime(2020, 1, 1, tzinfo=UTC)}
    Digest.objects.update(**{**long_ago, **fields})
    return Digest.objects.get()


def only(kind: str, **options: Any) -> DigestBlock:
    """The one block of the digest, switched on."""
    services.load()
    DigestBlock.objects.all().delete()
    return DigestBlock.objects.create(kind=kind, enabled=True, order=1, config=options)


def block(kind: str) -> DigestBlock:
    """The first block of this kind."""
    services.load()
    return DigestBlock.objects.of_kind(kind).in_order()[0]


def messages() -> Any:
    """The digests in the outbox."""
    return OutboxMessage.objects.filter(code=CODE).order_by("to_email")

"""The admin digest: a mail to the administrators that is put together of blocks, by schedule or on request.

A kind of block is declared by the app that has the data (`registry`), a block is a row that somebody has added,
ordered and set (`models`, `services`). `collecting` asks the blocks for their facts, `sending` decides when and puts
the facts into the outbox, `rendering` makes words of them in the language of each reader.
"""

from __future__ import annotations


def register() -> None:
    """Audit the digest, declare the blocks about the installation, and register the worker's jobs."""
    from medcover.system import audit
    from notifications.digest import jobs, kinds
    from notifications.digest.models import Digest, DigestBlock

    audit.register(Digest, exclude=["last_sent_at", "scheduled_at"])
    audit.register(DigestBlock, exclude=["order"])
    kinds.register()
    jobs.register()

"""What a process remembers of the database beyond a connection is forgotten with it.

After a restore, types of content may have other numbers. Every process gets a new connection then (`swapping`),
and with it asks for the numbers again.
"""

from __future__ import annotations

from django.db.backends.signals import connection_created


def connect() -> None:
    """Listen to new connections."""
    connection_created.connect(forget, dispatch_uid="backups.forget")


def forget(**_kwargs: object) -> None:
    """Forget the numbers of types of content."""
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.clear_cache()

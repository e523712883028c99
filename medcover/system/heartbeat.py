"""The heartbeat of background processes: each says every few seconds that it lives.

The worker beats in a thread beside its jobs, so that a long job does not look like a dead worker. The thread has a
connection of its own, and opens it only after its process has been forked.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import Error, connection
from django.utils import timezone

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10.0


def start(**_kwargs: Any) -> None:
    """Begin to beat in a process of the worker that has just been made."""
    threading.Thread(target=_beat_for_ever, name="heartbeat", daemon=True).start()


def _beat_for_ever() -> None:
    pause = threading.Event()
    while True:
        beat_once()
        pause.wait(EVERY_SECONDS)


def beat_once(name: str = "worker") -> bool:
    """Beat for a process; a database that does not answer is told in the log and asked again the next time."""
    from medcover.system.models import Heartbeat

    try:
        Heartbeat.beat(name, at=timezone.now())
    except Error as failure:
        logger.warning("The heartbeat could not be written: %s", type(failure).__name__)
        connection.close()
        return False
    return True

"""Signatures made in a process of their own, one at a time."""

from __future__ import annotations

import logging
from threading import Lock

from django.utils.translation import gettext_lazy as _

from medcover.common import limited_process
from medcover.common.errors import DomainError
from roster.signatures.refusals import Reason, UnfitPicture
from roster.signatures.sniffing import kind_of

PROCESS = "roster.signatures.decoder_process"
#: Address space of the process in bytes; the largest pictures that are accepted take about 350 MB of it.
MEMORY = 400 * 1024 * 1024
#: Of the processor; a large picture takes one or two seconds, a JPEG of a thousand passes would take hours.
SECONDS = 10
#: In seconds by the clock: for one picture, and until whoever waits for the pictures of others is asked to come back.
PATIENCE = 30
WAIT = 10

_logger = logging.getLogger(__name__)

#: Pictures of several people together must not take more memory than one.
_one_at_a_time = Lock()


def signature_png(data: bytes) -> bytes:
    """Return the signature as a PNG. Raises UnfitPicture, DomainError when others are being served for too long."""
    return made_apart(PROCESS, data)


def made_apart(process: str, data: bytes) -> bytes:
    """Return what the module `process` makes of a picture; it ends with a `Reason` as its status where it refuses.

    Raises UnfitPicture, DomainError when others are being served for too long.
    """
    kind_of(data)
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise DomainError(_("Too many pictures are being worked on at the moment. Try again in a minute."))
    try:
        done = limited_process.run(process, data, memory=MEMORY, seconds=SECONDS, patience=PATIENCE)
    finally:
        _one_at_a_time.release()
    if done.status:
        raise _refusal(done)
    return done.output


def _refusal(done: limited_process.Ended) -> UnfitPicture:
    """Put an exit status into words; a negative one is the signal that ended the process."""
    if done.was_stopped:
        _logger.warning(
            "Suspected decompression bomb: a picture took too much time or memory (status %d).", done.status
        )
        return UnfitPicture(Reason.NOT_A_PICTURE)
    refusal = UnfitPicture(Reason(done.status))
    if refusal.reason is Reason.TOO_MANY_PIXELS:
        _logger.warning("Suspected decompression bomb: a picture of too many pixels was refused.")
    return refusal

"""Makes signatures in a process of their own, one at a time."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from roster.signatures.chamber import OUT_OF_MEMORY
from roster.signatures.refusals import Reason, UnfitPicture
from roster.signatures.sniffing import kind_of

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

#: What an interpreter may need to start.
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def signature_png(data: bytes) -> bytes:
    """Return the signature as a PNG. Raises UnfitPicture, DomainError when others are being served for too long."""
    kind_of(data)
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise DomainError(_("Too many pictures are being worked on at the moment. Try again in a minute."))
    try:
        status, png = _run(data)
    finally:
        _one_at_a_time.release()
    if status:
        raise _refusal(status)
    return png


def _run(data: bytes) -> tuple[int, bytes]:
    """Return exit status and output of the process."""
    command = [sys.executable, "-W", "ignore", "-m", "roster.signatures.chamber", str(MEMORY), str(SECONDS)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE, env=_environment(), cwd=settings.BASE_DIR
        )
    except subprocess.TimeoutExpired:
        return OUT_OF_MEMORY, b""
    if done.returncode == 1:
        raise RuntimeError(f"The process for signatures does not work: {done.stderr.decode(errors='replace')[-500:]}")
    return done.returncode, done.stdout


def _environment() -> dict[str, str]:
    """What the process gets to know: where modules are, and nothing of the installation."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # With a single arena the limit of the address space is one of memory that is really used.
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "MALLOC_ARENA_MAX": "1"}


def _refusal(status: int) -> UnfitPicture:
    """Put an exit status into words; a negative one is the signal that ended the process."""
    if status < 0 or status == OUT_OF_MEMORY:
        _logger.warning("Suspected decompression bomb: a picture took too much time or memory (status %d).", status)
        return UnfitPicture(Reason.NOT_A_PICTURE)
    refusal = UnfitPicture(Reason(status))
    if refusal.reason is Reason.TOO_MANY_PIXELS:
        _logger.warning("Suspected decompression bomb: a picture of too many pixels was refused.")
    return refusal

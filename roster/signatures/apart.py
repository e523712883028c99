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

#: In seconds. A picture gets so long by the clock; who has to wait longer for another's is asked to come back.
PATIENCE = 30
WAIT = 10

_logger = logging.getLogger(__name__)

#: Pictures of several people together must not take more memory than one.
_one_at_a_time = Lock()

#: Of the environment the process gets nothing but what its interpreter may need to start: no key, no database.
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
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # With one arena the limit of the address space is one of memory really used.
    environment = {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "roster.signatures.chamber"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE, env=environment, cwd=settings.BASE_DIR
        )
    except subprocess.TimeoutExpired:
        return OUT_OF_MEMORY, b""
    if done.returncode == 1:
        raise RuntimeError(f"The process for signatures does not work: {done.stderr.decode(errors='replace')[-500:]}")
    return done.returncode, done.stdout


def _refusal(status: int) -> UnfitPicture:
    """Put an exit status into words; a negative one is the signal that ended the process."""
    if status < 0 or status == OUT_OF_MEMORY:
        _logger.warning("Suspected decompression bomb: a picture took too much time or memory (status %d).", status)
        return UnfitPicture(Reason.NOT_A_PICTURE)
    refusal = UnfitPicture(Reason(status))
    if refusal.reason is Reason.TOO_MANY_PIXELS:
        _logger.warning("Suspected decompression bomb: a picture of too many pixels was refused.")
    return refusal

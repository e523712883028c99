"""Subprocess with limits on memory and time, in which files from outside are read.

The process gets neither configuration nor database: a file on standard input, a result on standard output, and an exit
status that tells why not. A file that keeps a library busy, or breaks it, ends there and not in the web process.

`run` is called by whoever wants a file read; the module that it names calls `limit` before it imports anything that
reads files, and ends with an exit status.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings

#: Exit status when the memory did not suffice.
OUT_OF_MEMORY = 20

#: What an interpreter may need to start.
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Ended:
    """How a process ended: 0, or the reason that its module gave, and what it had to say."""

    status: int
    output: bytes

    @property
    def was_stopped(self) -> bool:
        """Time or memory did not suffice, or the file has broken the process: nobody means that well."""
        return self.status < 0 or self.status == OUT_OF_MEMORY


def run(module: str, data: bytes, *, memory: int, seconds: int, patience: float) -> Ended:
    """Let `module` read the data with so many bytes of address space and seconds of the processor.

    `patience` is in seconds by the clock. Raises RuntimeError when the process cannot do its work at all.
    """
    command = [sys.executable, "-W", "ignore", "-m", module, str(memory), str(seconds)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=patience, env=environment(), cwd=settings.BASE_DIR
        )
    except subprocess.TimeoutExpired:
        return Ended(OUT_OF_MEMORY, b"")
    if done.returncode == 1:
        raise RuntimeError(f"The process {module} does not work: {done.stderr.decode(errors='replace')[-500:]}")
    return Ended(done.returncode, done.stdout)


def environment() -> dict[str, str]:
    """What the process gets to know: where modules are, and nothing of the installation."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # With a single arena the limit of the address space is one of memory that is really used.
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "MALLOC_ARENA_MAX": "1"}


def limit(memory: int, seconds: int) -> None:
    """Hold this process to so many bytes of address space and seconds of the processor; it writes no files."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for which, most in limits.items():
        # Not every system knows each of them; the others hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))

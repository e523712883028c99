"""Settings of the allocator, tried in a process of their own: they hold for as long as it lives."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Four threads fill memory at the same time; what the library tells of its heaps goes to the standard output.
FILL = """
import ctypes, sys, threading
from medcover.allocator import return_free_memory
if "default" not in sys.argv:
    assert return_free_memory()
together = threading.Barrier(4)
def fill():
    together.wait()
    pieces = [b"x" * 600 for _ in range(5_000)]
    together.wait()
threads = [threading.Thread(target=fill) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, output)
libc.fflush(output)
"""


def heaps(*arguments: str) -> int:
    command = [sys.executable, "-c", FILL, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these options")
def test_threads_share_one_heap():
    assert heaps() == 1
    assert heaps("default") > 1

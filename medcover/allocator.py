"""Settings of the memory allocator of glibc, for processes that answer requests in several threads.

By default each thread gets a heap of its own, and a heap keeps what a large answer has needed for as long as the
process lives. One heap for all threads costs nothing, since only one of them runs Python at a time.
"""

from __future__ import annotations

import contextlib
import ctypes

#: Options of mallopt(3), by their numbers in malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8

#: Bytes from which a piece of memory is given back to the system as soon as it is free; without a fixed value the
#: library raises it with each large piece.
_LARGE = 256 * 1024


def return_free_memory() -> bool:
    """Let this process and those forked from it keep little free memory; False where there is no glibc.

    Has to be called before there are threads.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        options = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _LARGE))
        return all(mallopt(option, value) == 1 for option, value in options)
    return False

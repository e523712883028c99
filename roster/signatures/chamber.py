"""The process in which a picture is decoded: a file on standard input, the signature on standard output.

It gets neither configuration nor database, may take only so much memory and time, and tells a refusal by its exit
status. A file that keeps a decoder busy, or breaks it, ends here and not in the web process. `apart` starts it:
`python -m roster.signatures.chamber BYTES SECONDS`.
"""

from __future__ import annotations

import contextlib
import resource
import sys

#: Exit status when the memory did not suffice.
OUT_OF_MEMORY = 20


def main(memory: int, seconds: int) -> int:
    """Make the signature with so many bytes of address space and seconds of the processor; return the exit status."""
    _limit(memory, seconds)
    # Not before there are limits.
    from roster.signatures.pipeline import signature_png
    from roster.signatures.refusals import UnfitPicture

    try:
        png = signature_png(sys.stdin.buffer.read())
    except UnfitPicture as refusal:
        return refusal.reason
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(png)
    return 0


def _limit(memory: int, seconds: int) -> None:
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for which, limit in limits.items():
        # Not every system knows each of them; the others hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (limit, limit))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

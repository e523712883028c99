"""The process in which a picture is decoded: a file on standard input, the signature on standard output.

It gets neither configuration nor database, may take only so much memory and time, and tells a refusal by its exit
status. What gets stuck, or breaks a decoder, ends here and not in the web process. `apart` starts it.
"""

from __future__ import annotations

import contextlib
import resource
import sys

#: Address space in bytes. The largest pictures that are accepted take about 350 MB.
MEMORY_LIMIT = 400 * 1024 * 1024
#: Of the processor. A large picture takes one or two; a JPEG of a thousand passes would take hours.
SECONDS_LIMIT = 10

#: Exit status when the memory did not suffice.
OUT_OF_MEMORY = 20


def main() -> int:
    """Make the signature; return the exit status."""
    _limit()
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


def _limit() -> None:
    limits = {
        resource.RLIMIT_AS: MEMORY_LIMIT,
        resource.RLIMIT_CPU: SECONDS_LIMIT,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for which, limit in limits.items():
        # Not every system knows each of them; the others hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())

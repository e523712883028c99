"""The process in which a photo is decoded and encoded: a file on standard input, the photo on standard output.

It tells a refusal by its exit status. It is started as `python -m equipment.photos.encoder_process BYTES SECONDS`.
"""

from __future__ import annotations

import sys

from medcover.common.limited_process import OUT_OF_MEMORY, limit


def main(memory: int, seconds: int) -> int:
    """Make the photo with so many bytes of address space and seconds of the processor; return the exit status."""
    limit(memory, seconds)
    # Not before there are limits.
    from equipment.photos.encoding import photo_jpeg
    from roster.signatures.refusals import UnfitPicture

    try:
        jpeg = photo_jpeg(sys.stdin.buffer.read())
    except UnfitPicture as refusal:
        return refusal.reason
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(jpeg)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

"""The process in which a picture is decoded: a file on standard input, the signature on standard output.

It tells a refusal by its exit status. `apart` starts it: `python -m roster.signatures.decoder_process BYTES SECONDS`.
"""

from __future__ import annotations

import sys

from medcover.common.limited_process import OUT_OF_MEMORY, limit


def main(memory: int, seconds: int) -> int:
    """Make the signature with so many bytes of address space and seconds of the processor; return the exit status."""
    limit(memory, seconds)
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


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

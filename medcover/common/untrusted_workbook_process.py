"""The process in which a workbook is read.

Names of sheets in a line and the file come on standard input, JSON leaves on standard output; a refusal is told by the
exit status. `untrusted_workbook` starts it: `python -m medcover.common.untrusted_workbook_process BYTES SECONDS`.
"""

from __future__ import annotations

import json
import sys

from medcover.common.limited_process import OUT_OF_MEMORY, limit


def main(memory: int, seconds: int) -> int:
    """Read with so many bytes of address space and seconds of the processor; return the exit status."""
    limit(memory, seconds)
    # Not before there are limits.
    from medcover.common.untrusted_workbook import UnfitWorkbook, parse_sheets, plain_of

    titles = tuple(json.loads(sys.stdin.buffer.readline()))
    try:
        sheets = parse_sheets(sys.stdin.buffer.read(), titles)
        sys.stdout.write(json.dumps(plain_of(sheets)))
    except UnfitWorkbook as refusal:
        return refusal.reason
    except (MemoryError, RecursionError):
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

"""The worker under a shifted clock: `python -m tests_browser.clockwork SECONDS` runs qcluster that far ahead.

The clock goes on ticking, and the processes that the worker forks have it too.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import django
import time_machine
from django.core.management import execute_from_command_line


def main(seconds: int) -> None:
    """Run the worker until it is told to end."""
    django.setup()
    from django_q.conf import Conf

    # The scheduler looks at its table each time this much has been counted: at once, not after half a minute.
    Conf.GUARD_CYCLE = 30
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        execute_from_command_line(["manage.py", "qcluster"])


if __name__ == "__main__":
    main(int(sys.argv[1]))

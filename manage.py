#!/usr/bin/env python
"""Django's command line, with every one-off command of MedCover."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command named on the command line; development settings unless the environment says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medcover.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

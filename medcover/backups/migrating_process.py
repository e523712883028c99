"""Process that brings a rehearsal's database up to date: `python -m medcover.backups.migrating_process NAME`.

A process of its own, because migrations may read and write through the default connection, which must be that database
and no other while they run.
"""

from __future__ import annotations

import sys

from django.conf import settings


def main(name: str) -> None:
    """Apply the migrations to the database of this name on the server of the installation."""
    import django
    from django.core.management import call_command

    settings.DATABASES["default"]["NAME"] = name
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1])

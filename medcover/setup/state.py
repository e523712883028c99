"""State of the set-up: whether this installation has been set up."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from medcover.system.models import SiteSettings

#: Set-up is never taken back, so a process that has once found it done need not look again.
_known = False


def is_complete(site: SiteSettings | None = None) -> bool:
    """Say whether set-up is over: somebody has finished it, or there are accounts.

    The second holds whatever the settings say: a database with people in it, restored or filled by a command, must
    never be handed to whoever opens its address first. Asks the database at most once or twice, and never again
    after the first yes.
    """
    global _known
    if not _known:
        site = site or SiteSettings.load()
        _known = site.setup_complete or get_user_model().objects.exists()
    return _known

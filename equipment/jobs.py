"""Worker jobs of this app."""

from __future__ import annotations

import logging

from django.utils import timezone

from equipment.static_page import pushing
from medcover.system import jobs

logger = logging.getLogger(__name__)

_DAY = 24 * 60


def register() -> None:
    """Have the worker write the static page; once a day forget who has reported what is long repaired, and look whether
    the stored days of inspections are right.
    """
    jobs.register(jobs.Job("equipment.static_page", "equipment.jobs.push_static_page", minutes=1))
    jobs.register(jobs.Job("equipment.forget_reporters", "equipment.jobs.forget_reporters", minutes=_DAY))
    jobs.register(jobs.Job("equipment.verify_inspections", "equipment.jobs.verify_inspections", minutes=_DAY))


def push_static_page() -> str:
    """Write the static page if something has altered it; after every such commit and once a minute."""
    push = pushing.push_due(at=timezone.now())
    return push.status if push else "nothing to do"


def forget_reporters() -> int:
    """Take the contacts of strangers off repairs that have been closed for as long as the settings say."""
    from equipment.services.repairs import strangers

    return strangers.forget_reporters(at=timezone.now())


def verify_inspections() -> int:
    """Log the items whose stored days of inspections are wrong, and return how many; nothing is repaired silently."""
    from equipment.services import standings

    found = standings.differences()
    for difference in found:
        logger.error("Stored days of inspections of item %d are wrong: %s", difference.item_id, difference.name)
    return len(found)

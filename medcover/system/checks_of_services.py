"""Registry of checks of what the application stands on: each app registers its own, the start page asks all of them.

A check runs when an administrator looks, never while another page is made. It takes a few seconds at the most by its
own care, asks at most one query, and says in words what it found. What it fails with is shown by its type alone, since
messages of errors may hold addresses and passwords.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

Words = Promise | str


class State(StrEnum):
    """How a service is doing."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    #: Nothing can be said: not configured, never seen, nothing happened.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What a check found: the state, one or two words for it, and sentences with details."""

    state: State
    words: Words
    details: Words = ""


@dataclass(frozen=True)
class Check:
    """A service under a name; `url` names the address where somebody can do something about it, if there is one."""

    code: str
    title: Words
    icon: str
    run: Callable[[], Finding]
    url: str = ""


@dataclass(frozen=True)
class Checked:
    """A check and what it found."""

    check: Check
    finding: Finding


_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check at the end; registering the same code again replaces it in its place."""
    _checks[check.code] = check


def registered() -> list[Check]:
    """Return all checks in the order of the floors, the lowest first."""
    return list(_checks.values())


def run_all() -> list[Checked]:
    """Ask all checks; one that fails is an error and keeps none of the others."""
    return [Checked(check, _found(check)) for check in registered()]


def _found(check: Check) -> Finding:
    try:
        return check.run()
    except Exception as failure:  # noqa: BLE001 -- whatever it is, the page has to say so
        logger.warning("Check %s failed: %s", check.code, type(failure).__name__)
        return Finding(State.ERROR, _("Failed"), type(failure).__name__)

"""The stage of logins with two steps: a clock that stands still, a person, and the app on their phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from roster.models import Authenticator, User
from roster.tests.factories import make_member
from roster.tests.two_steps.codes import PETR, switch_on

NOW = datetime(2027, 5, 5, 12, 0, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def person() -> User:
    return make_member(email=PETR, name="Dvořák Petr")


@pytest.fixture
def protected(person, clock) -> Authenticator:
    """The person's app, whose next code has not been used."""
    device, _codes = switch_on(person)
    clock.shift(timedelta(seconds=30))
    return device

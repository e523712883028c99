"""The stage of forgotten passwords: a clock that stands still, and a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from roster.models import User
from roster.tests.factories import make_member
from roster.tests.passwords.steps import NOW, PETR


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def person() -> User:
    return make_member(email=PETR, name="Dvořák Petr")

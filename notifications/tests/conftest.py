"""What the tests of the outbox share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications import registry
from notifications.tests.smtp import MailServer
from notifications.tests.types import BATCH, TYPES


@pytest.fixture(autouse=True)
def _types_of_the_tests(monkeypatch) -> None:
    """Messages that belong to no app, known only while a test runs."""
    monkeypatch.setattr(registry, "_types", dict(registry._types))
    monkeypatch.setattr(registry, "_batches", dict(registry._batches))
    registry.register_batch(BATCH)
    registry.register(*TYPES)


@pytest.fixture
def mail_server(db) -> Iterator[MailServer]:
    """A mail server without login that the site delivers to."""
    with MailServer() as server:
        server.configure_site()
        yield server

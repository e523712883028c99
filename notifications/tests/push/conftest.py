"""What the tests of notifications in browsers share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications import registry
from notifications.push import keys, transport
from notifications.tests.push.service import PushService
from notifications.tests.types import BATCH, FRAME, TYPES, _subject, _sum
from roster.rights import Role

CONTACT = "mailto:spravce@example.org"


def _brief(_message) -> registry.Brief:
    return registry.Brief("řádek", "/profile/")


@pytest.fixture(autouse=True)
def _types(_types_of_the_tests) -> None:
    """Let browsers show the types of the tests, and add some that begin on there."""
    registry.register(*(replace(notice, brief=_brief) for notice in TYPES if not notice.batch))
    context = {"context": lambda _message: {}}
    common = {"template": FRAME, "subject": _subject, **context, "by_push": True, "brief": _brief}
    registry.register(
        registry.NoticeType(code="urgent", name="urgent", **common),
        registry.NoticeType(code="urgent_always", name="urgent_always", always_on=True, **common),
        registry.NoticeType(code="urgent_sum", name="urgent_sum", merge=_sum, **common),
        registry.NoticeType(code="urgent_members", name="m", roles=frozenset({Role.MEMBER.value}), **common),
        registry.NoticeType(
            code="urgent_in_batch",
            name="b",
            subject=_subject,
            batch=BATCH.code,
            merge=_sum,
            can_wait=True,
            by_push=True,
        ),
    )


@pytest.fixture(autouse=True)
def key(settings) -> str:
    """The installation has a key; the public half of it."""
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = keys.new_pair().private, CONTACT
    return keys.public_key()


@pytest.fixture
def service(settings, monkeypatch) -> Iterator[PushService]:
    """A push service on this machine, which the tests may send to; patience is shorter than in earnest."""
    settings.PUSH_TO_LOCAL_ADDRESSES = True
    monkeypatch.setattr(transport, "STEP_TIMEOUT", 0.5)
    monkeypatch.setattr(transport, "TIMEOUT", 1)
    with PushService() as running:
        yield running

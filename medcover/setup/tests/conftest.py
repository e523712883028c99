"""What the tests of the wizard share."""

from __future__ import annotations

import pytest

from medcover.setup import state


@pytest.fixture(autouse=True)
def _not_known_to_be_set_up(_set_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back what all other tests find: here the database alone says whether set-up is over."""
    monkeypatch.setattr(state, "_known", False)

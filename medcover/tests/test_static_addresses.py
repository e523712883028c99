"""Addresses of static files as production serves them."""

from __future__ import annotations

import pytest
from django.test import override_settings

from medcover.static_addresses import KnownAddresses


@pytest.fixture
def storage(tmp_path) -> KnownAddresses:
    (tmp_path / "staticfiles.json").write_text(
        '{"version": "1.1", "hash": "", "paths": {"build/icons.svg": "build/icons.1a2b.svg"}}'
    )
    return KnownAddresses(location=tmp_path, base_url="/static/")


def test_a_file_is_named_by_what_it_holds_each_time(storage):
    assert [storage.url("build/icons.svg") for _time in range(2)] == ["/static/build/icons.1a2b.svg"] * 2


def test_each_file_has_its_own_address(storage):
    storage.hashed_files["favicon.svg"] = "favicon.3c4d.svg"
    assert storage.url("build/icons.svg") != storage.url("favicon.svg") == "/static/favicon.3c4d.svg"


def test_an_unknown_file_is_a_fault_each_time(storage):
    for _time in range(2):
        with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
            storage.url("build/none.svg")


@override_settings(DEBUG=True)
def test_while_something_is_written_files_have_their_plain_names(storage):
    assert storage.url("build/icons.svg") == "/static/build/icons.svg"

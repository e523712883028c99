"""A season kept between two requests."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from events.season.reading.records import data_of, season_of
from events.season.reading.sheet import read_season
from events.tests.seasons import season, sheet_event, sheet_person

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"


def there_and_back(found):
    return season_of(json.loads(json.dumps(data_of(found))))


def test_a_read_season_comes_back_as_it_was():
    found = read_season(SAMPLE)
    assert found.skipped
    assert found.doubts
    assert there_and_back(found) == found


def test_what_somebody_has_decided_comes_back_too():
    event = sheet_event(start_time=None, end_time=None, leader=UUID(int=7), master=3, signups=("Malá Hana",))
    found = season(event, replace(sheet_person("Malá Hana"), row=None, is_medic=None, is_archived=True))
    assert there_and_back(found) == found

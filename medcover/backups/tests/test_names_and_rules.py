"""Names of archives and the pure decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from medcover.backups.names import LENGTH, is_sealed, moment_of, name_at
from medcover.backups.rules import differences, due_day, to_prune, unknown_migrations

NOW = datetime(2027, 5, 6, 7, 8, 9, 12, tzinfo=UTC)
PRAGUE = ZoneInfo("Europe/Prague")


class TestNames:
    def test_say_the_moment_in_utc(self):
        there = NOW.astimezone(timezone(timedelta(hours=5)))
        assert name_at(there, sealed=False) == "medcover_backup_20270506_070809_000012_UTC.zip"

    @pytest.mark.parametrize("sealed", [True, False])
    def test_can_be_read_again(self, sealed):
        name = name_at(NOW, sealed=sealed)
        assert (moment_of(name), is_sealed(name), len(name) <= LENGTH) == (NOW, sealed, True)

    @pytest.mark.parametrize(
        "name",
        [
            "", "backup.zip", "medcover_backup_20270506_070809_000012.zip", "../" + name_at(NOW, sealed=False),
            name_at(NOW, sealed=False) + "\n", name_at(NOW, sealed=False) + ".part",
            "medcover_backup_20270230_070809_000012_UTC.zip",
            "medcover_backup_20270506_250809_000012_UTC.zip", ".draft-" + name_at(NOW, sealed=True),
            "medcover_backup_२०270506_070809_000012_UTC.zip", name_at(NOW, sealed=False).upper(),
        ],
    )  # fmt: skip
    def test_of_anything_else_are_none(self, name):
        assert moment_of(name) is None


class TestWhenItIsDue:
    def test_not_before_its_time(self):
        assert due_day(begins=time(2), at=datetime(2027, 1, 10, 0, 59, tzinfo=UTC), zone=PRAGUE) is None

    def test_from_its_time_on_for_the_rest_of_the_local_day(self):
        for at in (datetime(2027, 1, 10, 1, 0, tzinfo=UTC), datetime(2027, 1, 10, 22, 59, tzinfo=UTC)):
            assert due_day(begins=time(2), at=at, zone=PRAGUE) == date(2027, 1, 10)

    def test_an_hour_that_does_not_exist_is_reached_with_the_next_one(self):
        spring = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # 03:00, a moment after 01:59
        assert due_day(begins=time(2, 30), at=spring - timedelta(minutes=1), zone=PRAGUE) is None
        assert due_day(begins=time(2, 30), at=spring, zone=PRAGUE) == date(2027, 3, 28)


def days_ago(*ages: int) -> list[str]:
    return [name_at(NOW - timedelta(days=age), sealed=False) for age in ages]


class TestPruning:
    def prune(self, found, *, count=60, days=60, good=None):
        return to_prune(found, keep_count=count, keep_days=days, at=NOW, good=found if good is None else good)

    def test_beyond_the_count_the_oldest_go_first(self):
        found = days_ago(0, 1, 2, 3)
        assert self.prune(found, count=2) == days_ago(3, 2)

    def test_older_than_the_days_go(self):
        assert self.prune(days_ago(0, 59, 60, 61)) == days_ago(61)

    def test_the_last_good_one_stays_however_old_and_however_many_bad_ones_came_after(self):
        found = days_ago(0, 1, 2, 100)
        assert self.prune(found, count=1, good=days_ago(100)) == days_ago(2, 1)

    def test_nothing_goes_while_none_is_good(self):
        assert self.prune(days_ago(1, 100), count=1, good=[]) == []


def test_unknown_migrations_are_those_that_the_code_does_not_have():
    assert unknown_migrations(["a.0001", "a.0002", "b.0001"], {"a.0001", "b.0001"}) == ["a.0002"]


def test_tables_differ_by_rows_and_by_being_there():
    assert differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "d": 0}) == ["b", "c", "d"]

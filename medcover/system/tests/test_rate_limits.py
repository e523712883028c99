"""Pace: how often somebody may do what reaches other people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from medcover.system import rate_limits
from medcover.system.models import PaceCounter
from medcover.tests.threads import together

NOW = datetime(2027, 5, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def allows(who: str = "a", *, at: datetime = NOW, what: str = "test") -> bool:
    return rate_limits.allows(what, who, most=3, within=HOUR, at=at)


@pytest.mark.django_db
class TestCounting:
    def test_allows_so_many_and_no_more_until_the_time_is_over(self):
        assert [allows(at=NOW + timedelta(minutes=n)) for n in range(5)] == [True, True, True, False, False]
        assert not allows(at=NOW + HOUR - timedelta(seconds=1))
        assert allows(at=NOW + HOUR)

    def test_is_apart_for_everybody_and_everything(self):
        assert [allows() for _n in range(3)] == [True] * 3
        assert allows("b")
        assert allows(what="other")

    def test_keeps_nothing_that_leads_back(self):
        allows("192.0.2.1")
        assert "192.0.2.1" not in str(PaceCounter.objects.values().get())

    def test_forgets_what_is_over(self):
        allows(at=NOW - timedelta(days=5000))
        assert rate_limits.forget_old() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted():
    outcomes = together([allows] * 12)
    assert [outcome.error for outcome in outcomes] == [None] * 12
    assert sum(outcome.value for outcome in outcomes) == 3
    assert PaceCounter.objects.get().count == 12


class TestAddresses:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "expected"),
        [
            (0, "203.0.113.9", "10.0.0.1"),
            (1, "", "10.0.0.1"),
            (1, "203.0.113.9", "203.0.113.9"),
            (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (2, "198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ],
    )
    def test_are_believed_as_far_as_our_own_proxies_wrote_them(self, rf, settings, proxies, forwarded, expected):
        settings.TRUSTED_PROXIES = proxies
        request = rf.get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="10.0.0.1")
        assert rate_limits.address_of(request) == expected

    @pytest.mark.parametrize(
        ("one", "other", "is_same"),
        [
            ("2001:db8:1:2::5", "2001:db8:1:2:ffff::1", True),
            ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
            ("::ffff:203.0.113.9", "203.0.113.9", True),
            ("::ffff:203.0.113.9", "::ffff:203.0.113.8", False),
            ("fe80::1%eth0", "fe80::1", True),
            ("not an address", "not an address", True),
        ],
    )
    def test_of_ipv6_are_those_of_a_whole_network(self, rf, one, other, is_same):
        first, second = (rate_limits.address_of(rf.get("/", REMOTE_ADDR=address)) for address in (one, other))
        assert (first == second) == is_same

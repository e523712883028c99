"""Services of times out of service, lost and found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment.models import ServiceWindow
from equipment.services import availability
from equipment.services.locking import Gone
from equipment.tests.factories import ItemFactory, out_of_service
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def technician():
    return UserFactory(roles=[Role.TECHNICIAN])


@pytest.fixture
def item():
    return ItemFactory()


def days(number: float):
    return NOW + timedelta(days=number)


def plan(item, by, since=None, until=None, **more):
    return availability.plan_service(item.pk, since=since, until=until, reason=" Revize ", by=by, at=NOW, **more)


class TestPlanning:
    def test_without_a_start_it_is_from_now_on(self, item, technician):
        made = plan(item, technician)
        assert (made.since, made.until, made.reason, made.added_by) == (NOW, None, "Revize", technician)
        item.refresh_from_db()
        assert item.version == 2
        assert AuditEntry.objects.get_for_object(made).exists()

    def test_several_that_do_not_overlap(self, item, technician):
        plan(item, technician, days(1), days(2))
        plan(item, technician, days(2), days(3))
        plan(item, technician, None, days(1))
        assert item.service_windows.count() == 3

    @pytest.mark.parametrize(("since", "until"), [(1.5, 3), (0, 9), (1.2, 1.8), (0, None), (1, 2), (1.9, None)])
    def test_not_what_overlaps(self, item, technician, since, until):
        out_of_service(item, days(1), days(2))
        with pytest.raises(DomainError):
            plan(item, technician, days(since), None if until is None else days(until))
        assert item.service_windows.count() == 1

    def test_not_what_is_out_of_service(self, item, technician):
        plan(item, technician)
        with pytest.raises(DomainError, match="nedostupná"):
            plan(item, technician)

    @pytest.mark.parametrize("until", [0, -1])
    def test_not_an_end_before_the_start(self, item, technician, until):
        with pytest.raises(DomainError):
            plan(item, technician, days(0), days(until))

    def test_the_database_keeps_them_apart(self, item):
        out_of_service(item, days(1), days(2))
        with pytest.raises(IntegrityError), transaction.atomic():
            out_of_service(item, days(1.5))

    def test_a_stale_page_is_refused(self, item, technician):
        with pytest.raises(StaleRecord):
            plan(item, technician, version=9)

    def test_not_what_is_archived(self, technician):
        with pytest.raises(DomainError):
            plan(ItemFactory(is_archived=True), technician)

    def test_only_whoever_has_the_right(self, item):
        with pytest.raises(NotAllowed):
            plan(item, make_member())


class TestEnding:
    def test_one_under_way_ends_now_and_stays_in_the_history(self, item, technician):
        window = out_of_service(item, days(-2))
        assert availability.end_service(window.pk, by=technician, at=NOW).until == NOW
        with pytest.raises(DomainError):
            availability.end_service(window.pk, by=technician, at=NOW)

    def test_one_to_come_goes(self, item, technician):
        window = out_of_service(item, days(2))
        availability.end_service(window.pk, by=technician, at=NOW)
        assert not ServiceWindow.objects.exists()
        with pytest.raises(Gone):
            availability.end_service(window.pk, by=technician, at=NOW)

    def test_one_that_begins_this_very_moment_goes(self, item, technician):
        window = out_of_service(item, NOW)
        availability.end_service(window.pk, by=technician, at=NOW)
        assert not ServiceWindow.objects.exists()

    def test_only_by_whoever_has_the_right(self, item):
        with pytest.raises(NotAllowed):
            availability.end_service(out_of_service(item, NOW).pk, by=make_member(), at=NOW)


class TestLostAndFound:
    def test_each_once(self, item):
        coordinator = make_coordinator()
        assert availability.mark_lost(item.pk, by=coordinator, at=NOW, version=1).lost_since == NOW
        with pytest.raises(DomainError):
            availability.mark_lost(item.pk, by=coordinator, at=NOW)
        assert availability.mark_found(item.pk, by=coordinator, version=2).lost_since is None
        with pytest.raises(DomainError):
            availability.mark_found(item.pk, by=coordinator)

    def test_only_by_whoever_has_the_right(self, item):
        with pytest.raises(NotAllowed):
            availability.mark_lost(item.pk, by=make_member(), at=NOW)
        with pytest.raises(NotAllowed):
            availability.mark_found(item.pk, by=make_member())

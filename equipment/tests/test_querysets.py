"""What counts for a time, asked in SQL, against the pure rules; and the other reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment import rules
from equipment.models import EquipmentItem, EquipmentType, ServiceWindow
from equipment.services.issues import facts_of
from equipment.tests.factories import ItemFactory, TypeFactory, issued, out_of_service
from events.models import Event
from events.tests.factories import EVENING, EventFactory
from roster.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

hours = st.integers(min_value=-30, max_value=40)
windows = st.lists(st.tuples(hours, st.none() | st.integers(min_value=1, max_value=30)), max_size=2)


def moment(offset: int):
    return EVENING + timedelta(hours=offset)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    state=st.fixed_dictionaries(
        {
            "is_archived": st.booleans(),
            "lost_since": st.none() | st.just(EVENING),
            "expires_on": st.none() | st.integers(-2, 2).map(lambda days: (EVENING + timedelta(days=days)).date()),
            "safe_until": st.none() | st.integers(-2, 2).map(lambda days: (EVENING + timedelta(days=days)).date()),
        }
    ),
    given_windows=windows,
    start=hours,
    length=st.integers(min_value=1, max_value=30),
)
def test_sql_and_rules_agree(state, given_windows, start, length):
    ServiceWindow.objects.all().delete()
    EquipmentItem.objects.all().delete()
    item = ItemFactory(**state)
    for begin, lasting in given_windows:
        span = rules.Window(moment(begin), None if lasting is None else moment(begin + lasting))
        if not rules.touching(span, [window.span for window in item.service_windows.all()]):
            out_of_service(item, span.since, span.until)
    begin, end = moment(start), moment(start + length)
    last_day = timezone.localdate(end - timedelta(microseconds=1))
    against = rules.reasons_against(facts_of(item), begin, end, last_day=last_day)
    assert EquipmentItem.objects.available_between(begin, end).filter(pk=item.pk).exists() == (not against)
    now = rules.reasons_now(facts_of(item), begin, day=timezone.localdate(begin))
    assert EquipmentItem.objects.available_at(begin).filter(pk=item.pk).exists() == (not now)


def test_what_is_issued_counts():
    item = ItemFactory()
    issued(UserFactory(), item)
    assert list(EquipmentItem.objects.available_between(EVENING, moment(4))) == [item]


def test_the_pool_of_a_type():
    aed, other = TypeFactory(), TypeFactory()
    ItemFactory.create_batch(2, type=aed)
    out_of_service(ItemFactory(type=aed), moment(-1))
    pools = dict(EquipmentType.objects.with_pool(EVENING, moment(4)).values_list("pk", "pool"))
    assert pools == {aed.pk: 2, other.pk: 0}


def test_the_pool_of_a_type_at_the_time_of_each_event():
    aed = TypeFactory()
    ItemFactory(type=aed, expires_on=EVENING.date())
    out_of_service(ItemFactory(type=aed), moment(2), moment(30))
    ItemFactory(type=aed, safe_until=EVENING.date())
    at_the_same_time = EventFactory(start=EVENING, end=moment(4))
    before = EventFactory(start=moment(-4), end=moment(2))
    a_day_later = EventFactory(start=moment(30), end=moment(34))
    pool = EquipmentType.objects.with_pool(OuterRef("start"), OuterRef("end")).filter(pk=aed.pk).values("pool")
    pools = dict(Event.objects.annotate(pool=Subquery(pool)).values_list("pk", "pool"))
    assert pools == {at_the_same_time.pk: 2, before.pk: 3, a_day_later.pk: 1}


def test_issued_and_in_stock():
    mine, theirs, free = ItemFactory.create_batch(3)
    me, they = UserFactory(), UserFactory()
    issued(me, mine)
    issued(they, theirs)
    issued(me, free, returned_at=timezone.now() + timedelta(hours=1))
    assert set(EquipmentItem.objects.issued()) == {mine, theirs}
    assert list(EquipmentItem.objects.in_stock()) == [free]
    assert list(EquipmentItem.objects.held_by(me)) == [mine]


@pytest.mark.parametrize("text", ["defibrilator", "DEFIBRILÁTOR zoll", "sn-77", "aed plus", ""])
def test_matching(text):
    item = ItemFactory(name="Defibrilátor A", manufacturer="Zoll", model="AED Plus", serial_number="SN-77")
    ItemFactory(name="Nosítka")
    found = EquipmentItem.objects.matching(text)
    assert item in found
    assert found.count() == (1 if text else 2)


def test_a_code_is_found_whole():
    item = ItemFactory()
    assert list(EquipmentItem.objects.matching(item.code.lower())) == [item]
    assert not EquipmentItem.objects.matching(item.code[:6])


def test_a_short_read_of_holders_and_windows():
    now = timezone.now()
    item = ItemFactory()
    issued(UserFactory(name="Novák Jan"), item)
    out_of_service(item, now - timedelta(days=9), now - timedelta(days=8))
    coming = out_of_service(item, now + timedelta(days=1))
    row = EquipmentItem.objects.with_holder().with_windows_left(now).get()
    assert [issue.person.name for issue in row.open_issues] == ["Novák Jan"]
    assert row.windows_left == [coming]

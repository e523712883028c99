"""What counts for a time, asked in SQL, against the pure rules; and the other reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment import rules
from equipment.models import EquipmentItem, EquipmentType
from equipment.repairs.rules import OpenRepair, Severity, blocks, determining
from equipment.services.issues import facts_of
from equipment.tests.factories import ItemFactory, TypeFactory, issued, out_of_service, repair_of
from events.models import Event
from events.tests.factories import EVENING, EventFactory
from roster.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

hours = st.integers(min_value=-30, max_value=40)
windows = st.lists(st.tuples(hours, st.none() | st.integers(min_value=1, max_value=30)), max_size=2)

#: A few repairs of one item, many of them equally bad and of the same age.
repairs = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["new", "parts_ordered", "needs_specialist", "resolved", "no_issue"]),
            "severity": st.sampled_from(["", *Severity]),
            "is_safety_risk": st.sampled_from([False, False, True]),
            "created": st.integers(0, 3).map(lambda days: EVENING - timedelta(days=days)),
        }
    ),
    max_size=4,
)


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
    given_repairs=repairs,
    start=hours,
    length=st.integers(min_value=1, max_value=30),
)
def test_sql_and_rules_agree(state, given_windows, given_repairs, start, length):
    item = ItemFactory(**state)
    for fields in given_repairs:
        repair_of(item, **fields)
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(several=st.lists(repairs, min_size=2, max_size=2))
def test_sql_and_rules_agree_on_the_status(several):
    """Of two items at once, as lists ask."""
    items = [ItemFactory() for _number in several]
    rows = [[repair_of(item, **fields) for fields in given] for item, given in zip(items, several, strict=True)]
    read = EquipmentItem.objects.filter(pk__in=[item.pk for item in items]).with_status().order_by("pk")
    for item, told in zip(rows, read, strict=True):
        still_open = [row for row in item if row.is_open]
        facts = [OpenRepair(row.pk, row.severity, row.created, row.is_safety_risk) for row in still_open]
        chosen = determining(facts)
        (found,) = told.determining_repairs or [None]
        assert (found and found.pk) == (chosen and chosen.key)
        assert (found is not None and found.is_blocked) == any(
            blocks(fact.severity, is_safety_risk=fact.is_safety_risk) for fact in facts
        )
        assert (found.open_count if found else 0) == len(facts)


def test_the_status_of_any_number_of_items_is_one_question(django_assert_num_queries):
    eta, assignee = (EVENING + timedelta(days=3)).date(), UserFactory(name="Opravil Jan")
    for number in range(3):
        item = ItemFactory()
        repair_of(item, severity="degraded", description=f"Horší {number}", eta=eta, assignee=assignee)
        repair_of(item, severity="unsure", created=EVENING - timedelta(days=90), eta=None)
    with django_assert_num_queries(2):
        told = [row for item in EquipmentItem.objects.with_status() for row in item.determining_repairs]
        assert {(row.severity, row.eta, row.assignee.name) for row in told} == {("degraded", eta, "Opravil Jan")}
    assert {row.description for row in told} == {"Horší 0", "Horší 1", "Horší 2"}


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

"""Prepared queries: the rows of the queryset, whatever the values, and nothing put together twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from events.models import Assignment, Event
from events.querysets.expressions import duty_day
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory
from medcover.common.prepared import KEY, MOMENT, UUID, prepared
from roster.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@prepared(person=UUID, until=MOMENT)
def coming(p: Any) -> Any:
    """Events before a moment, with whether the person is on them."""
    mine = Assignment.objects.filter(person=p.person, event=OuterRef("pk"))
    return Event.objects.filter(start__lt=p.until).annotate(is_mine=Exists(mine)).order_by("start", "pk")


@prepared(lists={"keys": KEY})
def with_people(p: Any, far: bool) -> Any:
    """Events by their keys, with those who are signed up, and how far they are looked at."""
    found = Event.objects.filter(pk__in=p.keys).annotate(far=Value(far)).order_by("pk")
    return found.select_related("master_event").prefetch_related("assignments__person")


@prepared(key=KEY)
def locked(p: Any) -> Any:
    """An event under its lock."""
    return Event.objects.select_for_update().filter(pk=p.key)


@prepared(key=KEY)
def day_of(p: Any) -> Any:
    """The local day of an event."""
    return Event.objects.filter(pk=p.key).annotate(day=duty_day()).values_list("day", flat=True)


def names(person: Any, until: datetime) -> list[tuple[str, bool]]:
    return [(event.name, event.is_mine) for event in coming(person=person.pk, until=until)]


@pytest.fixture
def compiled(monkeypatch) -> list[Any]:
    """The compilers that have put a statement together."""
    made: list[Any] = []
    whole = SQLCompiler.as_sql

    def note(self: SQLCompiler, *arguments: Any, **options: Any) -> Any:
        made.append(self)
        return whole(self, *arguments, **options)

    monkeypatch.setattr(SQLCompiler, "as_sql", note)
    return made


class TestRows:
    def test_are_those_of_the_values_of_each_run(self):
        now = timezone.now()
        first = EventFactory(name="Pouť", start=now + timedelta(days=1))
        EventFactory(name="Závod", start=now + timedelta(days=3))
        one, other = UserFactory(), UserFactory()
        Assignment.objects.create(event=first, person=one, assigned_at=now)
        assert names(one, now + timedelta(days=2)) == [("Pouť", True)]
        assert names(other, now + timedelta(days=4)) == [("Pouť", False), ("Závod", False)]
        assert names(one, now) == []

    def test_follow_relations_and_prefetch_anew(self):
        person = UserFactory()
        event, other = EventFactory(), EventFactory()
        Assignment.objects.create(event=event, person=person, assigned_at=timezone.now())
        found = {row.pk: row for row in with_people(True, keys=[event.pk, other.pk])}
        assert [assignment.person for assignment in found[event.pk].assignments.all()] == [person]
        assert found[other.pk].far
        assert found[other.pk].master_event.name
        event.assignments.all().delete()
        (again,) = with_people(False, keys=[event.pk])
        assert (list(again.assignments.all()), again.far) == ([], False)
        assert with_people(False, keys=[]) == []

    def test_the_first_one_or_none(self):
        event = EventFactory()
        with transaction.atomic():
            assert locked.first(key=event.pk) == event
            assert locked.first(key=0) is None

    def test_belong_to_the_zone_of_the_run(self):
        event = EventFactory(start=datetime.fromisoformat("2026-07-01T23:30:00+02:00"))
        with timezone.override("Europe/Prague"):
            here = day_of.first(key=event.pk)
        with timezone.override("Asia/Tokyo"):
            there = day_of.first(key=event.pk)
        assert (here.day, there.day) == (1, 2)

    def test_values_are_never_part_of_the_statement(self):
        EventFactory()
        with transaction.atomic(), pytest.raises(ValueError, match="expected a number"):
            locked(key="1 OR 1=1")


class TestStatements:
    def test_are_put_together_once(self, compiled):
        day_of._compiled.clear()
        for key in range(3):
            day_of(key=key)
        assert len(compiled) == 1

    def test_of_another_shape_are_other_ones(self, compiled):
        with_people._compiled.clear()
        with_people(True, keys=[])
        with_people(False, keys=[])
        assert len(compiled) == 2

    def test_name_what_is_missing(self):
        with pytest.raises(TypeError, match="'person', 'until'"):
            coming(person=UserFactory().pk)
        with pytest.raises(TypeError, match="given are"):
            day_of(key=1, person=2)


@pytest.mark.django_db(transaction=True)
class TestConnections:
    def test_rows_are_locked_inside_a_transaction_only(self):
        event = EventFactory()
        for _time in range(2):  # also when it was put together before
            with pytest.raises(TransactionManagementError):
                locked(key=event.pk)
            with transaction.atomic():
                assert locked.first(key=event.pk) == event

    def test_each_thread_asks_over_its_own(self):
        event, found = EventFactory(), []
        day_of(key=event.pk)

        def ask() -> None:
            try:
                for _time in range(20):
                    found.extend(day_of(key=event.pk))
            finally:
                connection.close()

        threads = [Thread(target=ask) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [timezone.localdate(event.start)] * 80


class TestConstants:
    """What no run changes stands in the statement, where the server's plan can use it."""

    def sent(self, query: Any, **values: Any) -> tuple[str, Any]:
        found = []

        def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
            found.append((sql, params))
            return execute(sql, params, *rest)

        with connection.execute_wrapper(note):
            query(**values)
        (statement,) = found
        return statement

    def test_only_parameters_are_sent_apart(self):
        soon, now = timedelta(hours=2), timezone.now()

        @prepared(at=MOMENT)
        def wanted(p: Any) -> Any:
            is_running = Q(status__in=[Status.OPEN, Status.CLOSED], is_archived=False, mandatory_total__gte=3)
            return Event.objects.filter(is_running, end__lte=p.at + Value(soon))

        sql, params = self.sent(wanted, at=now)
        assert [*params] == [now]
        for constant in ("'open'", "'closed'", " 3", "'2:00:00'::interval"):
            assert constant in sql

    @pytest.mark.parametrize("text", ["it's", "back\\slash", "100 %", "%s", "%%s", "%(at)s", "řeka", '"', "", "'; --"])
    def test_any_text_is_what_it_was(self, text):
        event = EventFactory(name=f"a{text}b", address=text)

        @prepared(key=KEY)
        def found(p: Any) -> Any:
            alike = Event.objects.filter(pk=p.key, address=text, name__contains=text)
            return alike.annotate(said=Value(text), rest=Value("%")).values_list("said", "rest")

        assert found(key=event.pk) == [(text, "%")]
        assert found(key=event.pk + 1) == []

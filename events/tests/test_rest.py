"""Rest between two duties of one person: too little of it warns as overlapping duties do."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.querysets.conflicts import conflicts_of
from events.rules.conflicts import conflicts
from events.rules.lifecycle import Status
from events.services import crew
from events.tests.factories import EVENING, PRAGUE, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.stories import NOW, able, history, make_capacity_event, make_event, place, want_rest
from medcover.common.errors import DomainError
from medcover.system.models import SiteSettings
from medcover.system.services import save_settings
from medcover.tests.threads import Hesitation, refusals, together
from roster.tests.factories import make_admin, make_coordinator, make_member

HOUR = timedelta(hours=1)


def duty(start: datetime, hours: float = 4) -> Event:
    return Event(start=start, end=start + timedelta(hours=hours))


class TestRule:
    @pytest.mark.parametrize(
        ("shift", "clashes", "too_soon"),
        [(-13, 0, 0), (-12, 0, 0), (-11, 0, 1), (-4, 0, 1), (-3, 1, 0), (3, 1, 0), (4, 0, 1), (11, 0, 1), (12, 0, 0)],
    )
    def test_before_and_after(self, shift, clashes, too_soon):
        found = conflicts(duty(EVENING), [duty(EVENING + shift * HOUR)], rest=8 * HOUR)
        assert (len(found.clashes), len(found.short_rests)) == (clashes, too_soon)

    def test_says_when_the_rest_would_be(self):
        later = duty(EVENING + 7 * HOUR)
        (rest,) = conflicts(duty(EVENING), [later], rest=8 * HOUR).short_rests
        assert (rest.event, rest.since, rest.until) == (later, EVENING + 4 * HOUR, EVENING + 7 * HOUR)

    def test_over_midnight_of_a_change_to_summer_time_an_hour_is_missing(self):
        evening = duty(datetime(2027, 3, 27, 18, tzinfo=PRAGUE))
        morning = duty(datetime(2027, 3, 28, 6, tzinfo=PRAGUE))  # 22:00–6:00, which are seven hours that night
        assert conflicts(evening, [morning], rest=8 * HOUR).short_rests
        assert not conflicts(evening, [morning], rest=7 * HOUR)

    def test_over_midnight_of_a_change_back_an_hour_is_won(self):
        evening = duty(datetime(2027, 10, 30, 18, tzinfo=PRAGUE))
        morning = duty(datetime(2027, 10, 31, 6, tzinfo=PRAGUE))
        assert not conflicts(evening, [morning], rest=9 * HOUR)
        assert conflicts(evening, [morning], rest=10 * HOUR).short_rests

    @given(st.integers(-100, 100), st.integers(0, 72))
    def test_is_mutual(self, shift, rest):
        one, other = duty(EVENING), duty(EVENING + shift * HOUR)
        assert bool(conflicts(one, [other], rest=rest * HOUR)) is bool(conflicts(other, [one], rest=rest * HOUR))

    @given(st.integers(-100, 100), st.integers(0, 71))
    def test_wanting_more_rest_never_makes_a_warning_go_away(self, shift, rest):
        one, other = duty(EVENING), duty(EVENING + shift * HOUR)
        if conflicts(one, [other], rest=rest * HOUR):
            assert conflicts(one, [other], rest=(rest + 1) * HOUR)


@pytest.mark.django_db
class TestRead:
    def on(self, person, start, hours=4, **fields):
        event = EventFactory(start=start, end=start + timedelta(hours=hours), **fields)
        put(person, PositionFactory(event=event))
        return event

    def test_is_off_by_default(self):
        person = make_member()
        self.on(person, EVENING + 4 * HOUR)
        assert SiteSettings.load().minimum_rest_hours == 0
        assert not conflicts_of(person, EventFactory())

    def test_looks_before_and_after_and_across_master_events(self):
        want_rest(10)
        person = make_member()
        before = self.on(person, EVENING - 8 * HOUR, master_event=MasterEventFactory())
        after = self.on(person, EVENING + 13 * HOUR)
        self.on(person, EVENING + 14 * HOUR)
        found = conflicts_of(person, EventFactory())
        assert [rest.event for rest in found.short_rests] == [before, after]
        assert found.clashes == []

    @pytest.mark.parametrize(("wanted", "short"), [(39, False), (40, True), (41, True)])
    def test_counts_hours_that_pass_even_where_they_are_more_than_a_day(self, wanted, short):
        """From Saturday 18:00 to Monday 9:00, with the longest night of the year between them: 40 hours."""
        want_rest(wanted)
        person = make_member()
        self.on(person, datetime(2027, 10, 30, 14, tzinfo=PRAGUE))
        monday = EventFactory(start=datetime(2027, 11, 1, 9, tzinfo=PRAGUE))
        assert bool(conflicts_of(person, monday)) is (short and wanted > 40)

    @pytest.mark.parametrize("status", Status)
    def test_only_duties_that_take_place_count(self, status):
        want_rest(10)
        person = make_member()
        self.on(person, EVENING + 5 * HOUR, status=status)
        over = status in (Status.COMPLETED, Status.CANCELLED)
        assert bool(conflicts_of(person, EventFactory())) is not over


@pytest.mark.django_db
class TestSigningUpAndAssigning:
    @pytest.fixture
    def medic(self):
        return QualificationFactory(can_lead=True)

    @pytest.fixture
    def tired(self, medic):
        """Ends a duty three and a half hours before the evening."""
        want_rest(8)
        person = able(medic, name="Dvořák Petr")
        earlier = make_event(medic, name="Hokej", start=EVENING - 7.5 * HOUR)
        put(person, earlier.positions.first())
        return person

    def test_the_member_is_told_and_never_barred(self, tired, medic):
        event = make_event(medic)
        joined = crew.claim(event.positions.first().pk, by=tired, at=NOW)
        assert [rest.event.name for rest in joined.conflicts.short_rests] == ["Hokej"]

    @pytest.mark.parametrize("by_conditions", [False, True])
    def test_assigning_needs_a_reason_which_is_recorded(self, tired, medic, by_conditions):
        if by_conditions:
            event = make_capacity_event({medic: 1})
            assign = partial(crew.assign_to_event, event.pk, tired.pk, by=make_coordinator(), at=NOW)
        else:
            event = make_event(medic)
            assign = partial(crew.assign, event.positions.first().pk, tired.pk, by=make_coordinator(), at=NOW)
        with pytest.raises(crew.NeedsReason) as refused:
            assign()
        assert "3,5 h" in str(refused.value)
        assert "Hokej" in str(refused.value)
        assign(override_reason="Vyspí se na místě")
        assert any("Vyspí se na místě" in entry.summary for entry in history(event, kind="create"))

    def test_whoever_may_assign_on_this_event_only_makes_no_exception(self, tired, medic):
        event = make_event(medic, places=2)
        leader = able(medic)
        put(leader, event.positions.first())
        with pytest.raises(DomainError) as refused:
            crew.assign(event.positions.free().get().pk, tired.pk, by=leader, at=NOW, override_reason="Nevadí mu to")
        assert not isinstance(refused.value, crew.NeedsReason)
        assert event.assignments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_duties_given_at_the_same_moment_see_each_other(monkeypatch):
    """Each coordinator is told of the short rest that the other one has just made."""
    want_rest(8)
    medic = QualificationFactory(can_lead=True)
    person = able(medic)
    events = [make_capacity_event({medic: 1}, start=EVENING + shift * HOUR) for shift in (0, 6)]
    first, second = (
        partial(crew.assign_to_event, event.pk, person.pk, by=make_coordinator(), at=NOW) for event in events
    )
    judged = Hesitation(monkeypatch, crew, "settle_capacity")
    assert refusals(together([first, partial(judged.then, second)]), crew.NeedsReason) == 1


@pytest.mark.django_db
class TestSetting:
    def test_is_recorded_and_bounded(self):
        assert save_settings(by=make_admin(), minimum_rest_hours=12).minimum_rest_hours == 12
        with pytest.raises(Exception, match="72"):
            save_settings(by=make_admin(), minimum_rest_hours=73)
        assert SiteSettings.load().minimum_rest_hours == 12


@pytest.mark.django_db
def test_a_long_list_of_duties_costs_two_queries(django_assert_max_num_queries):
    want_rest(24)
    person = make_member()
    for shift in range(10):
        event = EventFactory(start=EVENING + shift * HOUR, master_event=MasterEventFactory())
        place(event, person)
    event = EventFactory()
    with django_assert_max_num_queries(2):
        found = conflicts_of(person, event)
        assert len([event.master_event.name for event in found.clashes]) == 4
        assert len(found.short_rests) == 6

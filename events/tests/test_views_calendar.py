"""The calendar page and its feed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.pages import logged_in, text_of
from events.tests.stories import able, fill, make_capacity_event, make_event, place
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

MAY = {"start": "2027-05-01T00:00:00+02:00", "end": "2027-06-01T00:00:00+02:00"}


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def feed(person, **params):
    answer = logged_in(person).get("/calendar/feed/", {**MAY, **params})
    assert answer.status_code == 200
    return answer.json()


class TestFeed:
    def test_says_everything_about_an_event(self, medic):
        leader = able(medic)
        event = make_event(medic, name="Půlmaraton", responsible_person=leader, master_event=MasterEventFactory())
        fill(event, leader)
        entry = feed(make_member())[0]
        facts = entry.pop("extendedProps")
        assert entry["title"] == "Půlmaraton"
        assert entry["start"] == "2027-05-15T18:00:00+02:00"
        assert entry["url"] == f"/events/{event.pk}/"
        assert (entry["backgroundColor"], entry["textColor"]) == ("#198754", "#fff")
        assert facts["leader"] == leader.name
        assert facts["master"] == event.master_event.name
        assert (facts["filled"], facts["total"], facts["status"]) == (1, 2, "Přihlášky otevřeny")
        assert facts["startText"] == "15.05.2027 18:00"

    def test_counts_participants_against_the_minimum_of_conditions(self, medic):
        place(make_capacity_event({medic: 1}, minimum=3), make_member())
        facts = feed(make_member())[0]["extendedProps"]
        assert (facts["filled"], facts["total"]) == (1, 3)

    def test_answers_only_the_asked_range(self, medic):
        for days in (-60, -15, 0, 16, 30):
            make_event(medic, start=EVENING + timedelta(days=days))
        assert len(feed(make_member())) == 2

    def test_an_event_over_midnight_belongs_to_both_months(self, medic):
        make_event(medic, start=EVENING.replace(month=4, day=30), end=EVENING.replace(day=1, hour=2))
        assert len(feed(make_member())) == 1

    def test_drafts_and_archived_ones_as_in_the_list(self, medic):
        make_event(medic, status=Status.DRAFT)
        make_event(medic, is_archived=True)
        assert feed(make_viewer(), status="draft") == []
        assert len(feed(make_member(), status="draft")) == 1
        assert len(feed(make_member(), archived="on")) == 1

    def test_eligible_is_who_could_take_a_place(self, medic):
        lead, doctor = make_event(medic, places=1), able(medic)
        assert feed(doctor)[0]["extendedProps"]["eligible"]
        assert not feed(make_member())[0]["extendedProps"]["eligible"]
        assert not feed(make_viewer())[0]["extendedProps"]["eligible"]
        fill(lead, doctor)
        facts = feed(doctor)[0]["extendedProps"]
        assert (facts["mine"], facts["eligible"]) == (True, False)

    @pytest.mark.parametrize("status", [Status.PUBLISHED, Status.OPEN, Status.CLOSED])
    def test_eligible_is_told_whatever_the_status(self, medic, status):
        make_event(medic, places=1, status=status)
        make_capacity_event({medic: 2}, minimum=2, maximum=2, status=status)
        assert [entry["extendedProps"]["eligible"] for entry in feed(able(medic))] == [True, True]
        assert [entry["extendedProps"]["eligible"] for entry in feed(make_member())] == [False, False]

    def test_nobody_is_eligible_for_what_is_full(self, medic):
        fill(make_event(medic, places=1), able(medic))
        full = make_capacity_event({medic: 1}, minimum=1, maximum=1)
        place(full, able(medic))
        assert [entry["extendedProps"]["eligible"] for entry in feed(able(medic))] == [False, False]

    def test_eligible_by_capacity(self, medic):
        make_capacity_event({medic: 2}, minimum=2, maximum=2)
        assert feed(able(medic))[0]["extendedProps"]["eligible"]
        assert not feed(make_member())[0]["extendedProps"]["eligible"]

    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"start": "x", "end": "y"},
            {"start": MAY["end"], "end": MAY["start"]},
            {"start": "2027-02-30T00:00", "end": MAY["end"]},
            {"start": "2000-01-01T00:00", "end": MAY["end"]},
        ],
    )
    def test_no_sensible_range_is_a_bad_request(self, params):
        assert logged_in(make_member()).get("/calendar/feed/", params).status_code == 400

    def test_queries_do_not_grow(self, medic, django_assert_max_num_queries):
        client = logged_in(able(medic))

        def fill_up(count):
            for _n in range(count):
                make_event(medic)
                place(make_capacity_event({medic: 1}), make_member())

        fill_up(2)
        client.get("/calendar/feed/", MAY)
        with django_assert_max_num_queries(12) as few:
            client.get("/calendar/feed/", MAY)
        fill_up(10)
        with django_assert_max_num_queries(len(few)):
            client.get("/calendar/feed/", MAY)


class TestPage:
    def test_offers_the_list_without_scripts_and_the_form_to_planners_only(self):
        assert "Seznam ukazuje tytéž akce" in text_of(logged_in(make_member()).get("/calendar/"))
        assert '"create": ""' in text_of(logged_in(make_member()).get("/calendar/"))
        assert '"create": "/admin/events/event/add/"' in text_of(logged_in(make_coordinator()).get("/calendar/"))

    def test_takes_the_filter_along(self):
        page = text_of(logged_in(make_member()).get("/calendar/?kind=training&q=let"))
        assert "/events/?kind=training&amp;q=let" in page

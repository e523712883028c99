"""What a forecast says is what the import then does."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory, hold
from events.season.importing.drafts import selected_of
from events.season.importing.forecast import EVERYTHING, Deselected, Fate, Forecast, foresee
from events.season.importing.report import Part
from events.season.importing.run import import_season
from events.season.matching.staffing import PlaceChoices
from events.season.reading.records import Season
from events.season.reading.sheet import read_season
from events.services.masters import ensure_general
from events.tests.counting import rows_per_table
from events.tests.factories import PRAGUE, EventFactory, MasterEventFactory
from events.tests.seasons import COMING, NOW, PAST, season, sheet_event, sheet_person
from roster.rights import Role
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"


def forecast(found: Season, deselected: Deselected = EVERYTHING, **choices: Any) -> Forecast:
    options = {"master": ensure_general(), "places": PlaceChoices(), **choices}
    return foresee(found, by=None, at=NOW, deselected=deselected, **options)


def said(report_part: Any) -> Counter:
    return Counter((remark.row, remark.message) for remark in report_part)


def assert_true(found: Season, deselected: Deselected = EVERYTHING) -> None:
    """Compare a forecast with what importing the same really does; nothing of it stays."""
    before = forecast(found, deselected)
    wanted = selected_of(found, deselected)
    report = import_season(wanted, by=None, at=NOW, dry_run=True)
    of_source = {(doubt.row, doubt.message) for doubt in wanted.doubts}
    for part, lines in ((Part.EVENTS, before.selected_events), (Part.PEOPLE, before.selected_people)):
        assert report.count_of("created", part) == (before.fresh_events if part == Part.EVENTS else before.fresh_people)
        told = said(remark for remark in report.doubtful if remark.part == part)
        foretold = Counter(
            (line.row.row, doubt) for line in lines if not getattr(line, "exists", False) for doubt in line.doubts
        )
        assert foretold - told == Counter()
        assert set(told - foretold) <= of_source
    assert report.counts["people_known"] == before.known_people
    assert report.count_of("changed", Part.PEOPLE) == before.requalified
    fresh = [line for line in before.selected_events if not line.exists]
    assert report.counts["assignments"] == sum(line.filled for line in fresh)
    for status, count in Counter(line.event.status for line in fresh).items():
        assert report.counts[status] == count


class TestTruth:
    def test_of_the_sample_on_an_empty_installation(self):
        assert_true(read_season(SAMPLE))

    def test_of_the_sample_where_much_is_known(self):
        medic = QualificationFactory(name="Zdravotník zotavovacích akcí", can_lead=True)
        hold(make_member(name="Malá Hana", email="hana.mala@example.org"), medic)
        UserFactory(name="Bartoš Vítek", email="vit.bartos@example.org")
        UserFactory(name="Říha Adam")
        UserFactory(name="říha adam", roles=[Role.VIEWER])
        EventFactory(name="běh ZÁMECKÝM parkem", start=NOW)
        assert_true(read_season(SAMPLE))

    def test_of_a_part_of_the_sample(self):
        assert_true(read_season(SAMPLE), Deselected(frozenset({1, 4}), frozenset({1, 3})))


NAMES = st.sampled_from(
    ["Malá Hana", "Hana Malá", "malá hana", "Bartoš Vít", "Vít Bartoš", "Říha Adam", "Šípková Ema", "Kdo Ví", ""]
)
DAYS = st.integers(-3, 3).map(lambda days: NOW.date() + timedelta(days=days))
TIMES = st.sampled_from([None, time(0), time(2, 30), time(10), time(23, 45)])
EVENTS = st.builds(
    lambda name, day, start, end, lead, crew, cancelled: sheet_event(
        name, day, start_time=start, end_time=end, time_missing=start is None, responsible_person=lead,
        signups=tuple(dict.fromkeys(person for person in crew if person and person != lead)), cancelled=cancelled,
    ),
    st.sampled_from(["Pouť", "POUŤ", "Ples"]), DAYS, TIMES, TIMES, NAMES, st.lists(NAMES, max_size=5), st.booleans(),
)  # fmt: skip
FLAGS = st.sampled_from([None, True, False])
PEOPLE = st.builds(
    lambda name, email, medic, driver, archived: sheet_person(
        name or "Nový Jan", email, is_medic=medic, is_driver=driver, is_archived=archived
    ),
    NAMES, st.sampled_from(["", "hana@example.org", "vit@example.org", "eva@example.org"]), FLAGS, FLAGS, st.booleans(),
)  # fmt: skip


@pytest.mark.django_db
class TestTruthOfAnything:
    @pytest.fixture(autouse=True)
    def known(self):
        """Somebody who may lead for two more days, somebody who has left, two of one name."""
        medic = QualificationFactory(name="Zdravotník", can_lead=True)
        QualificationFactory(name="Zelenáč", direct_substitutes=[medic])
        hold(UserFactory(name="Malá Hana", email="hana@example.org"), medic, until=NOW.date() + timedelta(days=2))
        hold(UserFactory(name="Bartoš Vít", is_active=False, is_archived=True), medic)
        UserFactory(name="Říha Adam", email="vit@example.org")
        UserFactory(name="Říha Adam", roles=[Role.VIEWER])
        EventFactory(name="Ples", start=NOW)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(EVENTS, max_size=4), st.lists(PEOPLE, max_size=4), st.integers(0, 15))
    def test_a_forecast_of_any_season_comes_true(self, events, people, without):
        left_out = Deselected(frozenset({without // 4}), frozenset({without % 4}))
        with transaction.atomic():
            assert_true(season(*events, *people), left_out)
            transaction.set_rollback(True)


class TestEvents:
    def test_what_exists_is_said_and_nothing_else_about_it(self):
        EventFactory(name="Pouť", start=NOW.astimezone(PRAGUE))
        found = forecast(season(sheet_event("POUŤ", NOW.astimezone(PRAGUE).date(), responsible_person="Kdo Ví")))
        assert found.events[0].exists
        assert len(found.events[0].doubts) == 1
        assert (found.fresh_events, found.existing_events, found.is_possible) == (0, 1, False)

    def test_the_second_of_two_equal_rows_exists_unless_the_first_is_left_out(self):
        rows = season(sheet_event("Pouť", COMING), sheet_event("Pouť", COMING))
        assert [line.exists for line in forecast(rows).events] == [False, True]
        without = forecast(rows, Deselected(events=frozenset({1})))
        assert [line.exists for line in without.events] == [False, False]
        assert without.fresh_events == 1

    def test_a_new_person_who_will_lead_is_marked(self):
        rows = season(
            sheet_person("Malá Hana", "hana@example.org", is_medic=True),
            sheet_event(responsible_person="Malá Hana"),
        )
        line = forecast(rows).events[0]
        assert (line.leader.name, line.leader_is_new, line.filled) == ("Malá Hana", True, 1)
        assert line.doubts == []

    def test_whoever_has_left_leads_in_the_past_only(self):
        hana = sheet_person("Malá Hana", "hana@example.org", is_medic=True, is_archived=True)
        past, coming = (sheet_event(day=day, responsible_person="Malá Hana") for day in (PAST, COMING))
        lines = forecast(season(hana, past, coming)).events
        assert [line.event.responsible_person is not None for line in lines] == [True, False]
        assert lines[0].doubts == []
        assert len(lines[1].doubts) == 1

    def test_whoever_becomes_or_ceases_to_be_a_medic_by_the_import_leads_accordingly(self):
        medic = QualificationFactory(name="Zdravotník", can_lead=True)
        make_member(name="Malá Hana")
        hold(make_member(name="Bartoš Vít"), medic)
        people = [sheet_person("Malá Hana", is_medic=True), sheet_person("Bartoš Vít", is_medic=False)]
        events = [sheet_event(person.name, responsible_person=person.name) for person in people]
        rows = season(*people, *events)
        assert [line.event.responsible_person is not None for line in forecast(rows).events] == [True, False]
        assert_true(rows)

    def test_a_chosen_leader_goes_before_the_name(self):
        chosen = UserFactory(name="Bartoš Vít")
        UserFactory(name="Malá Hana")
        line = forecast(season(sheet_event(day=PAST, responsible_person="Malá Hana", leader=chosen.pk))).events[0]
        assert (line.leader, line.doubts) == (chosen, [])

    def test_an_archived_master_event_stands_in_the_way_of_everything(self):
        master = MasterEventFactory(is_archived=True)
        rows = season(sheet_event("Pouť", row=12, master=master.pk))
        found = forecast(rows)
        assert "12" in found.objections[0]
        assert not found.is_possible
        assert forecast(rows, Deselected(events=frozenset({1}))).objections == []
        assert len(forecast(season(sheet_event()), master=master).objections) == 1

    def test_a_deleted_qualification_stands_in_the_way_too(self):
        gone = QualificationFactory(is_deleted=True, deleted_at=NOW)
        found = forecast(season(sheet_event()), places=PlaceChoices(medic=gone.pk, novice=None))
        assert len(found.objections) == 1


class TestPeople:
    def test_the_four_fates(self):
        UserFactory(name="Malá Hana")
        UserFactory(name="Bartoš Vít", email="vit@example.org")
        rows = season(
            sheet_person("Hana Malá"), sheet_person("Vítek", "vit@example.org"),
            sheet_person("Nová Eva", "eva@example.org"), sheet_person("Kdo Ví"),
        )  # fmt: skip
        found = forecast(rows)
        assert [line.fate for line in found.people] == [
            Fate.KNOWN_BY_NAME, Fate.KNOWN_BY_ADDRESS, Fate.NEW, Fate.NONE,
        ]  # fmt: skip
        assert [line.editable for line in found.people] == [False, True, True, True]
        assert (found.fresh_people, found.known_people) == (1, 2)

    def test_the_second_of_two_with_one_address_gets_nothing(self):
        rows = season(sheet_person("Nová Eva", "eva@example.org"), sheet_person("Nový Adam", "eva@example.org"))
        assert [line.fate for line in forecast(rows).people] == [Fate.NEW, Fate.NONE]
        without_eva = forecast(rows, Deselected(people=frozenset({1})))
        assert without_eva.people[1].fate == Fate.NEW

    def test_qualifications_to_be_given_and_taken_are_named(self):
        novice = QualificationFactory(name="Zelenáč")
        QualificationFactory(name="Zdravotník")
        hold(UserFactory(name="Malá Hana"), novice)
        line = forecast(season(sheet_person("Malá Hana", is_medic=True, is_driver=None))).people[0]
        assert line.change_words == "+Zdravotník, −Zelenáč"

    def test_nothing_is_written(self):
        before = rows_per_table()
        forecast(read_season(SAMPLE))
        assert rows_per_table() == before
        assert not Qualification.objects.exists()


def test_a_long_season_needs_no_more_queries_than_a_short_one():
    def queries(size: int) -> int:
        rows: list[Any] = [sheet_person(f"Osoba {n}", f"osoba{n}@example.com") for n in range(size)]
        for n in range(size):
            day = date(2027, 1, 1) + timedelta(days=n)
            rows.append(sheet_event(f"Akce {n}", day, responsible_person=f"Osoba {n}", signups=("Kdo Ví",)))
        UserFactory.create_batch(size)
        with CaptureQueriesContext(connection) as found:
            forecast(season(*rows), master=general)
        return len(found)

    general = ensure_general()
    few = queries(2)
    assert queries(40) <= few <= 8

"""What this app gives out of a person, and what becomes of their traces."""

from __future__ import annotations

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from debriefing.models import ConfidentialAnswers, Debriefing, UsedMaterial
from debriefing.privacy import DebriefingData
from debriefing.rules import NoteStatus
from debriefing.tests.factories import TEXTS, done_duty, handed_in, need_of
from events.tests.factories import EVENING
from medcover.system.models import AuditEntry
from roster import services
from roster.services import erasure
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()
START = EVENING.replace(year=2025)


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def person():
    return make_member(name="Nováková Žofie", email="zofie@example.org", phone="601 234 567")


@pytest.fixture
def duty(person):
    return done_duty(person, name="Koncert", start=START, end=START.replace(hour=22))


def erase(person, admin):
    services.archive(person.pk, by=admin, at=NOW)
    return erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)


def test_gives_out_ones_own_answers_and_of_others_nothing(person, duty):
    need_of(handed_in(duty, **TEXTS, material=[("Obvaz", 2)]), QualificationFactory(name="Řidič"), 1, words="Na svoz")
    other = done_duty(event=duty.event)
    handed_in(other, feedback_colleagues="Žofie přišla pozdě.")
    (part,) = DebriefingData().export(person)
    (row,) = part.as_data()
    assert row["event"] == "Koncert"
    assert row["note"] == NoteStatus.DESCRIBED
    assert {name: row[name] for name in TEXTS} == TEXTS
    assert row["material"] == ["2× Obvaz"]
    assert row["needs"] == ["1× Řidič – Na svoz"]
    assert "pozdě." not in str(part.as_words()).replace(TEXTS["feedback_colleagues"], "")


def test_costs_the_same_for_many(person, django_assert_max_num_queries):
    for _number in range(5):
        handed_in(done_duty(person), **TEXTS, material=[("Obvaz", 2)])
    with django_assert_max_num_queries(4):
        (part,) = DebriefingData().export(person)
        assert len(part.rows) == 5


def test_names_go_and_what_was_handed_in_stays(person, admin, duty):
    handed_in(duty, feedback_event="Volejte mi: 601 234 567", material=[("Obvaz (Nováková Žofie)", 2)])
    handed_in(done_duty(event=duty.event), feedback_colleagues="Žofie Nováková přišla pozdě.")
    handed_in(done_duty(), feedback_customer="Pořadatel zná Nováková Žofie.")
    erased = erase(person, admin)
    texts = str(list(ConfidentialAnswers.objects.values())) + str(list(UsedMaterial.objects.values()))
    assert "Novák" not in texts
    assert "601" not in texts
    assert "přišla pozdě" in texts
    assert Debriefing.objects.filter(assignment__person=erased).count() == 1


def test_whether_anybody_wrote_about_the_person_is_not_foretold(person, admin, duty):
    services.archive(person.pk, by=admin, at=NOW)
    person.refresh_from_db()

    def foretold():
        told = erasure.forecast(person, by=admin, at=NOW)
        return [(str(finding.words), finding.count) for finding in told.goes if "debriefin" in str(finding.words)]

    before = foretold()
    handed_in(done_duty(event=duty.event), feedback_colleagues="Žofie Nováková přišla pozdě.")
    assert foretold() == before == [("jméno a kontakty v debriefinzích, ať tam stojí kdekoli", None)]


def test_an_erasure_leaves_no_answer_in_the_record(person, admin, duty):
    handed_in(duty, feedback_colleagues="Žofie Nováková a utajená věta.")
    erase(person, admin)
    assert "utajená věta" not in str(list(AuditEntry.objects.values()))

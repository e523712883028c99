"""Handing a debriefing in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from debriefing.models import ConfidentialAnswers, Debriefing, UsedMaterial
from debriefing.rules import Actual, NoteStatus, OwnTime
from debriefing.services import submitting
from debriefing.services.submitting import AlreadySubmitted, Entry
from debriefing.tests.factories import TEXTS, described, done_duty, led_duty, make_manager, usual
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services.locking import Gone
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def duty():
    return done_duty(make_member(name="Novák Jan"))


def submit(duty, entry: Entry, by=None) -> Debriefing:
    return submitting.submit(duty.pk, entry, by=by or duty.person, at=NOW)


def nothing_was_kept() -> bool:
    return not (Debriefing.objects.exists() or ConfidentialAnswers.objects.exists() or UsedMaterial.objects.exists())


class TestWhatIsKept:
    def test_everything_that_was_written(self, duty):
        own = OwnTime(hours=Decimal("2.5"))
        made = submit(duty, described(own=own, material=[("  Obvaz\nhotový ", 3), ("Dlaha", 1)]))
        assert (made.assignment, made.submitted_by, made.submitted_at) == (duty, duty.person, NOW)
        assert made.attended_hours == Decimal("2.5")
        answers = ConfidentialAnswers.objects.get()
        assert answers.note_status == NoteStatus.DESCRIBED
        assert {name: getattr(answers, name) for name in TEXTS} == TEXTS
        assert [(row.name, row.quantity) for row in made.material.all()] == [("Obvaz hotový", 3), ("Dlaha", 1)]

    @pytest.mark.parametrize("status", [NoteStatus.USUAL, NoteStatus.LATER])
    def test_no_texts_without_the_answer_that_announces_them(self, duty, status):
        submit(duty, described(note_status=status))
        answers = ConfidentialAnswers.objects.get()
        assert [getattr(answers, name) for name in TEXTS] == ["", "", ""]

    def test_times_are_hours(self, duty):
        start = duty.event.start
        made = submit(duty, usual(own=OwnTime(start + HOUR, start + 2.5 * HOUR)))
        assert made.attended_hours == Decimal("1.5")
        assert Debriefing.objects.own_hours([duty]) == {duty.pk: Decimal("1.5")}

    def test_whoever_says_nothing_of_hours_has_none_of_their_own(self, duty):
        assert submit(duty, usual()).attended_hours is None
        assert Debriefing.objects.own_hours([duty]) == {}


class TestTheRecord:
    def test_says_that_and_never_what(self, duty):
        submit(duty, described())
        entry = AuditEntry.objects.get(event_id=duty.event_id, actor=duty.person)
        assert entry.summary == "Debriefing odevzdán: Novák Jan"
        assert entry.kind == AuditEntry.Kind.CREATE
        assert entry.content_type.model == "event"
        everything = str(list(AuditEntry.objects.values()))
        assert not any(text in everything for text in TEXTS.values())
        assert "note_status" not in everything

    def test_has_the_events_own_times_before_and_after(self):
        leader = make_member()
        duty = led_duty(leader)
        start, end = duty.event.start + HOUR, duty.event.end + HOUR
        submit(duty, usual(actual=Actual(start, end, 4)))
        entry = AuditEntry.objects.get(event_id=duty.event_id, kind="edit")
        assert entry.changes["post_event_count"] == ["None", "4"]
        assert entry.changes.keys() == {"actual_start", "actual_end", "post_event_count"}


class TestWhoMay:
    @pytest.mark.parametrize("who", [make_member, make_admin, make_coordinator, make_viewer, make_manager])
    def test_nobody_hands_in_for_somebody_else(self, duty, who):
        with pytest.raises(NotAllowed):
            submit(duty, usual(), by=who())
        assert nothing_was_kept()

    def test_nor_does_a_superuser(self, duty):
        with pytest.raises(NotAllowed):
            submit(duty, usual(), by=UserFactory(roles=[], is_superuser=True))

    @pytest.mark.parametrize("roles", [[], [Role.VIEWER], [Role.TECHNICIAN]])
    def test_whoever_lost_the_right_does_not(self, roles):
        with pytest.raises(NotAllowed):
            submit(done_duty(UserFactory(roles=roles)), usual())

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.COORDINATOR, Role.MEMBER, Role.DEBRIEFING_MANAGER])
    def test_whoever_was_there_does(self, role):
        assert submit(done_duty(UserFactory(roles=[role])), usual())


class TestWhatIsRefused:
    @pytest.mark.parametrize("status", sorted(set(Status) - {Status.COMPLETED}))
    def test_an_event_that_is_not_completed(self, status):
        with pytest.raises(DomainError):
            submit(done_duty(status=status), usual())
        assert nothing_was_kept()

    def test_the_second_time(self, duty):
        submit(duty, usual())
        with pytest.raises(AlreadySubmitted):
            submit(duty, described())
        assert ConfidentialAnswers.objects.get().note_status == NoteStatus.USUAL

    def test_a_duty_that_does_not_exist(self):
        with pytest.raises(Gone):
            submitting.submit(10**30, usual(), by=make_member(), at=NOW)

    @pytest.mark.parametrize("status", [-1, 0, 4, 99])
    def test_an_answer_that_was_not_offered(self, duty, status):
        with pytest.raises(ValidationError) as refusal:
            submit(duty, usual(note_status=status))
        assert refusal.value.message_dict.keys() == {"note_status"}
        assert nothing_was_kept()

    @pytest.mark.parametrize(
        "material",
        [[("", 1)], [("\u200b", 1)], [("Obvaz", 0)], [("Obvaz", 1000)], [("x" * 121, 1)], [("Obvaz", 1)] * 9],
    )
    def test_material_that_cannot_be(self, duty, material):
        with pytest.raises(ValidationError) as refusal:
            submit(duty, usual(material=material))
        assert refusal.value.message_dict.keys() == {"material"}
        assert nothing_was_kept()

    def test_texts_without_end(self, duty):
        with pytest.raises(ValidationError):
            submit(duty, described(texts={"feedback_event": "x" * 5001}))
        assert nothing_was_kept()

    def test_own_time_that_cannot_be(self, duty):
        with pytest.raises(ValidationError):
            submit(duty, usual(own=OwnTime(hours=Decimal(500))))
        assert nothing_was_kept()


class TestTheLeader:
    def test_says_how_the_event_was(self):
        duty = led_duty(make_member())
        start, end = duty.event.start + HOUR, duty.event.end + HOUR
        version = Event.objects.get().version
        submit(duty, usual(actual=Actual(start, end, 12)))
        event = Event.objects.get()
        assert (event.actual_start, event.actual_end, event.post_event_count) == (start, end, 12)
        assert event.version == version + 1

    def test_has_to_say_it_of_a_medical_cover(self):
        duty = led_duty(make_member())
        with pytest.raises(ValidationError) as refusal:
            submit(duty, usual())
        assert refusal.value.message_dict.keys() == {"actual_start", "actual_end", "post_event_count"}
        assert nothing_was_kept()

    def test_may_leave_out_what_was_at_a_training(self):
        duty = led_duty(make_member(), kind=Kind.TRAINING)
        submit(duty, usual())
        assert Event.objects.get().version == duty.event.version
        assert not AuditEntry.objects.filter(kind="edit", event_id=duty.event_id).exists()

    def test_may_say_a_part_of_it_of_a_training(self):
        duty = led_duty(make_member(), kind=Kind.TRAINING)
        submit(duty, usual(actual=Actual(count=18)))
        event = Event.objects.get()
        assert (event.actual_start, event.post_event_count) == (None, 18)

    def test_is_asked_nothing_of_a_presentation(self):
        duty = led_duty(make_member(), kind=Kind.PRESENTATION)
        submit(duty, usual(actual=Actual(duty.event.start, duty.event.end, 5)))
        assert Event.objects.get().post_event_count is None

    def test_is_the_only_one_whose_word_counts(self, duty):
        submit(duty, usual(actual=Actual(duty.event.start, duty.event.end, 5)))
        assert Event.objects.get().post_event_count is None


def test_what_the_database_refuses_is_not_quoted(duty, monkeypatch):
    """PostgreSQL writes the whole row into the error of a check; it must not get into a log that way."""
    monkeypatch.setattr(submitting.rules, "kept_texts", lambda _status, texts: texts)
    with pytest.raises(DomainError) as refusal:
        submit(duty, described(note_status=NoteStatus.USUAL))
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None
    assert not any(text in str(refusal.value) for text in TEXTS.values())
    assert nothing_was_kept()


def test_goes_with_the_duty(duty):
    submit(duty, described(material=[("Obvaz", 1)]))
    duty.delete()
    assert nothing_was_kept()
    assert "debriefing" not in AuditEntry.objects.latest("pk").changes


def test_an_entry_prints_nothing():
    assert "stan" not in repr(described())

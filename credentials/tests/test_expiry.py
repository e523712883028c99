"""Reminders of qualifications that are about to expire."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from credentials import services
from credentials.expiry import remind_of_expiry
from credentials.models import Holding, Qualification
from credentials.rules import EXPIRY_REMINDERS, expiry_reminder_due
from credentials.tests.factories import QualificationFactory, hold
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.threads import together
from notifications.models import OptOut, OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

PRAGUE = ZoneInfo("Europe/Prague")
LAST_DAY = date(2027, 6, 30)


def before(days: int, hour: int = 8) -> datetime:
    """A morning so many days before the last day, in the site's zone."""
    day = LAST_DAY - timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=PRAGUE)


@pytest.fixture
def qualification() -> Qualification:
    return QualificationFactory(name="Zdravotník")


@pytest.fixture
def holder(qualification) -> User:
    person = make_member(name="Černá Žofie")
    hold(person, qualification, until=LAST_DAY)
    return person


def told(code: str = "qualification_expiring") -> list[str]:
    return sorted(OutboxMessage.objects.filter(code=code).values_list("to_email", flat=True))


class TestTheRule:
    @pytest.mark.parametrize(
        ("left", "reminded", "due"),
        [
            (91, None, None), (90, None, 90), (90, 90, None), (60, 90, None), (30, 90, 30), (8, 30, None), (7, 30, 7),
            (0, 30, 7), (0, 7, None), (-1, None, None), (-1, 30, None), (3, None, 7), (29, None, 30),
        ],
    )  # fmt: skip
    def test_the_nearest_that_has_come_and_none_twice(self, left, reminded, due):
        assert expiry_reminder_due(LAST_DAY, LAST_DAY - timedelta(days=left), reminded) == due

    @given(st.lists(st.integers(-5, 120), unique=True, max_size=30))
    def test_whatever_days_somebody_looks_each_is_sent_once_at_most_and_in_order(self, days):
        reminded, sent = None, []
        for left in sorted(days, reverse=True):
            due = expiry_reminder_due(LAST_DAY, LAST_DAY - timedelta(days=left), reminded)
            if due is not None:
                sent.append(due)
                reminded = due
        assert sent == sorted(set(sent), reverse=True)
        looked = [min(t for t in EXPIRY_REMINDERS if left <= t) for left in days if 0 <= left <= 90]
        assert set(sent) == set(looked)


class TestReminding:
    def test_on_three_mornings_the_holder_and_the_administrators(self, holder):
        admin = make_admin()
        mornings = []
        with time_machine.travel(before(95)) as clock:
            for days in range(95, -3, -1):
                for hour in (0, 6, 7, 12, 23):
                    clock.move_to(before(days, hour))
                    if remind_of_expiry(at=before(days, hour)):
                        mornings.append((days, hour, told(), told("qualifications_expiring")))
                        OutboxMessage.objects.all().delete()
        assert mornings == [(days, 7, [holder.email], [admin.email]) for days in (90, 30, 7)]

    def test_over_both_changes_of_summer_time(self, qualification):
        """The day of the change has 23 or 25 hours; the reminder of that day comes once, and comes."""
        for change in (date(2027, 3, 28), date(2027, 10, 31)):
            person = make_member()
            hold(person, qualification, until=change + timedelta(days=7))
            begin = datetime(change.year, change.month, change.day, tzinfo=PRAGUE)
            count = sum(remind_of_expiry(at=begin + timedelta(minutes=30 * step)) for step in range(49))
            assert count == 1

    def test_what_was_missed_is_caught_up_by_the_nearest(self, holder):
        assert remind_of_expiry(at=before(5)) == 1
        assert remind_of_expiry(at=before(4)) == 0
        assert OutboxMessage.objects.filter(code="qualification_expiring").count() == 1

    def test_begins_anew_when_it_was_renewed(self, holder, qualification):
        remind_of_expiry(at=before(7))
        later = LAST_DAY + timedelta(days=365)
        services.grant(holder.pk, qualification.pk, by=make_admin(), at=before(6), valid_until=later)
        OutboxMessage.objects.all().delete()
        assert remind_of_expiry(at=before(6)) == 0
        assert remind_of_expiry(at=before(7) + timedelta(days=365)) == 1

    def test_what_is_without_an_end_expired_or_not_held_by_anybody_active_is_left_alone(self, qualification):
        hold(make_member(), qualification)
        hold(make_member(), qualification, until=LAST_DAY - timedelta(days=31))
        hold(UserFactory(is_active=False), qualification, until=LAST_DAY)
        deleted = QualificationFactory(is_deleted=True, deleted_at=before(90))
        hold(make_member(), deleted, until=LAST_DAY)
        assert remind_of_expiry(at=before(30)) == 0

    def test_whoever_does_not_wish_it_is_left_out_but_not_of_the_overview(self, holder):
        admin = make_admin()
        OptOut.objects.create(person=holder, code="qualification_expiring")
        remind_of_expiry(at=before(30))
        assert (told(), told("qualifications_expiring")) == ([], [admin.email])

    def test_several_of_one_person_make_one_message(self, holder):
        hold(holder, QualificationFactory(), until=LAST_DAY)
        assert remind_of_expiry(at=before(30)) == 2
        assert told() == [holder.email]

    def test_is_no_change_of_the_qualification(self, holder):
        SiteSettings.load()
        recorded = AuditEntry.objects.count()
        remind_of_expiry(at=before(30))
        assert AuditEntry.objects.count() == recorded

    def test_costs_no_statement_for_each_person(self, qualification, django_assert_max_num_queries):
        SiteSettings.load()
        for _n in range(12):
            hold(make_member(), qualification, until=LAST_DAY)
        make_admin()
        with django_assert_max_num_queries(10):
            remind_of_expiry(at=before(30))

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_at_once_remind_once(self, holder):
        SiteSettings.load()
        outcomes = together([partial(remind_of_expiry, at=before(30))] * 2)
        assert sorted(outcome.value for outcome in outcomes) == [0, 1]
        assert told() == [holder.email]


class TestTheMail:
    def mail(self, code: str, days: int = 30):
        with time_machine.travel(before(days), tick=False):
            return composed(OutboxMessage.objects.get(code=code))

    def test_tells_the_holder_what_ends_when(self, holder):
        remind_of_expiry(at=before(30))
        mail = self.mail("qualification_expiring")
        assert mail.subject == "MedCover — končí platnost vaší kvalifikace"
        for part in (mail.body, mail.alternatives[0].content):
            assert "Zdravotník" in part
            assert "30.06.2027" in part

    def test_tells_administrators_of_whom(self, holder):
        make_admin()
        remind_of_expiry(at=before(30))
        mail = self.mail("qualifications_expiring")
        for part in (mail.body, mail.alternatives[0].content):
            assert "Černá Žofie" in part

    def test_loses_its_point_when_renewed_withdrawn_or_over(self, holder, qualification):
        remind_of_expiry(at=before(30))
        assert self.mail("qualification_expiring", days=-1) is None
        Holding.objects.update(valid_until=LAST_DAY + timedelta(days=900))
        assert self.mail("qualification_expiring") is None
        Holding.objects.all().delete()
        assert self.mail("qualification_expiring") is None

    def test_tells_nobody_of_others_than_their_own(self, holder, qualification):
        other = make_coordinator()
        hold(other, qualification, until=LAST_DAY)
        remind_of_expiry(at=before(30))
        row = OutboxMessage.objects.get(code="qualification_expiring", recipient=holder)
        row.payload = {"holdings": list(Holding.objects.values_list("pk", flat=True))}
        with time_machine.travel(before(30), tick=False):
            assert other.name not in composed(row).body

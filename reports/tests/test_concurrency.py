"""Several reports at once, each on a connection of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from medcover.tests.threads import refusals, together
from reports import services
from reports.models import WorkReport
from reports.tests.duties import at
from roster import services as accounts
from roster.services import erasure
from roster.services.accounts import ErasedPerson
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at(2027, 5, 15)


def make(person, by):
    return lambda: services.make_work_report(person.pk, year=2027, month=4, by=by, at=NOW)


def files() -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT).rglob("*.xlsx")}


def test_the_same_report_twice_is_one_row_and_one_file():
    person = make_member()
    outcomes = together([make(person, person)] * 4)
    assert all(outcome.succeeded for outcome in outcomes)
    assert files() == {Path(WorkReport.objects.get().file.name).name}


def test_two_people_who_make_each_others_do_not_wait_for_ever():
    first, second = make_coordinator(), make_coordinator()
    outcomes = together([make(first, second), make(second, first)])
    assert all(outcome.succeeded for outcome in outcomes)


def test_nothing_is_left_of_whoever_is_being_erased():
    person, admin, coordinator = make_member(), make_admin(), make_admin()
    accounts.archive(person.pk, by=admin, at=NOW)
    erase = lambda: erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)  # noqa: E731
    outcomes = together([make(person, coordinator), erase])
    assert refusals(outcomes, ErasedPerson) <= 1
    assert outcomes[1].succeeded
    assert not WorkReport.objects.exists()
    assert not files()


def test_made_and_forgotten_at_once_rows_and_files_agree():
    person = make_member()
    make(person, person)()
    later = NOW.replace(day=17)
    again = lambda: services.make_work_report(person.pk, year=2027, month=4, by=person, at=later)  # noqa: E731
    outcomes = together([again, lambda: services.forget_work_reports(at=later)])
    assert outcomes[1].succeeded
    assert files() == {Path(report.file.name).name for report in WorkReport.objects.all()}
    assert outcomes[0].succeeded
    assert WorkReport.objects.get().made_at == later

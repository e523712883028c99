"""Making work reports, deleting them, and what becomes of the files."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from openpyxl import load_workbook

from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from reports import jobs, services
from reports.models import WorkReport
from reports.models.work_report import FOLDER
from reports.tests.duties import at, served
from reports.work_report.rules import UnfitMonth
from roster import services as accounts
from roster.models import Signature, User
from roster.rights import Role
from roster.services import erasure, own_data
from roster.services.accounts import ErasedPerson
from roster.signatures.pipeline import signature_png
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member
from roster.tests.pictures import drawing, saved

pytestmark = pytest.mark.django_db

NOW = at(2027, 5, 15)
APRIL = {"year": 2027, "month": 4}


@pytest.fixture
def person():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def coordinator():
    return make_coordinator()


def make(person, by=None, when=NOW, **month):
    return services.make_work_report(person.pk, by=by or person, at=when, **{**APRIL, **month})


def sheet_of(report):
    with report.file.open("rb") as file:
        return load_workbook(BytesIO(file.read())).worksheets[0]


def files() -> set[str]:
    return {f"{FOLDER}/{path.name}" for path in Path(settings.MEDIA_ROOT, FOLDER).glob("*")}


def sign(person) -> None:
    Signature.objects.create(person=person, picture=signature_png(saved(drawing(), "PNG")))


class TestMaking:
    def test_the_person_the_month_and_the_hours_are_on_it(self, person):
        served(person, at(2027, 4, 10), 3.75, name="Koncert")
        served(person, at(2027, 5, 1), name="Jiný měsíc")
        sheet = sheet_of(make(person))
        assert (sheet["D4"].value, sheet.title, sheet["E8"].value) == ("Dvořák Petr", "Duben", 2027)
        assert (sheet["C19"].value, sheet["D19"].value) == (4, "Koncert")
        assert [row for row in range(10, 40) if sheet.cell(row, 3).value] == [19]

    def test_a_month_without_duties_is_an_empty_sheet(self, person):
        sheet = sheet_of(make(person))
        assert {sheet.cell(row, 3).value for row in range(10, 40)} == {None}

    def test_ones_own_is_signed(self, person):
        sign(person)
        assert len(sheet_of(make(person))._images) == 1

    def test_nobody_elses_is(self, person, coordinator):
        sign(person)
        sign(coordinator)
        assert len(sheet_of(make(person, by=coordinator))._images) == 0

    def test_made_again_it_takes_the_place_of_the_one_before(self, person, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            first = make(person)
        old = first.file.name
        served(person, at(2027, 4, 10))
        with django_capture_on_commit_callbacks(execute=True):
            second = make(person, when=NOW + timedelta(hours=1))
        assert (second.pk, second.made_at) == (first.pk, NOW + timedelta(hours=1))
        assert files() == {second.file.name} != {old}
        assert sheet_of(second)["C19"].value == 4

    def test_each_maker_has_their_own(self, person, coordinator):
        assert make(person).pk != make(person, by=coordinator).pk
        assert len(files()) == 2

    def test_the_name_of_the_file_tells_nothing(self, person):
        name = make(person).file.name
        assert "2027" not in name
        assert str(person.pk)[:8] not in name
        assert len(Path(name).stem) == 32

    @pytest.mark.parametrize("month", [{"month": 6}, {"month": 13}, {"month": 0}, {"year": 2019}, {"year": 2028}])
    def test_of_no_unfit_month(self, person, month):
        with pytest.raises(UnfitMonth):
            make(person, **month)
        assert not files()

    def test_the_month_that_runs_is_that_of_the_site(self, person):
        make(person, when=at(2027, 6, 1, 0), month=6)
        with pytest.raises(UnfitMonth):
            make(person, when=at(2027, 5, 31, 23), month=6)

    def test_nothing_is_left_when_the_row_cannot_be_written(self, person, monkeypatch):
        def fail(*_args, **_options):
            raise RuntimeError

        monkeypatch.setattr(WorkReport, "save", fail)
        with pytest.raises(RuntimeError):
            make(person)
        assert not files()

    def test_the_file_before_stays_when_the_row_cannot_be_written(self, person, monkeypatch):
        name = make(person).file.name
        monkeypatch.setattr(WorkReport, "save", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make(person)
        assert files() == {name}

    def test_at_a_pace(self, person, monkeypatch):
        monkeypatch.setattr(services, "MOST", 2)
        make(person)
        make(person)
        with pytest.raises(DomainError, match="příliš mnoho"):
            make(person)
        make(person, when=NOW + timedelta(hours=2))
        make(make_member())


class TestRights:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.COORDINATOR, Role.MEMBER])
    def test_of_ones_own(self, role):
        assert make(UserFactory(roles=[role]))

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.DEBRIEFING_MANAGER, Role.TECHNICIAN])
    def test_not_without_the_right(self, role):
        with pytest.raises(NotAllowed):
            make(UserFactory(roles=[role]))

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.COORDINATOR])
    def test_of_others(self, person, role):
        assert make(person, by=UserFactory(roles=[role])).person == person

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER, Role.DEBRIEFING_MANAGER, Role.TECHNICIAN])
    def test_not_of_others_without_that_right(self, person, role):
        with pytest.raises(NotAllowed):
            make(person, by=UserFactory(roles=[role]))
        assert not files()

    def test_nobody_who_is_not_there(self, coordinator):
        with pytest.raises(User.DoesNotExist):
            services.make_work_report(uuid4(), by=coordinator, at=NOW, **APRIL)


class TestTheRecord:
    def test_tells_who_made_whose(self, person, coordinator):
        make(person, by=coordinator)
        entry = AuditEntry.objects.get_for_object(person).get()
        assert (entry.kind, entry.actor) == ("export", coordinator)
        assert entry.summary == "Vygenerován výkaz práce za duben 2027 pro uživatele Dvořák Petr"
        assert not entry.changes

    def test_says_nothing_of_ones_own(self, person):
        before = AuditEntry.objects.count()
        make(person)
        assert AuditEntry.objects.count() == before

    def test_keeps_nobody_from_their_own_data(self, person, coordinator):
        make(person, by=coordinator, when=timezone.now(), year=2026, month=1)
        assert own_data.gather(person.pk, by=person, at=timezone.now())


class TestForgetting:
    @pytest.fixture(autouse=True)
    def _commit(self, django_capture_on_commit_callbacks):
        self.committed = django_capture_on_commit_callbacks

    def forget(self, when):
        with self.committed(execute=True):
            return services.forget_work_reports(at=when)

    def test_after_a_day(self, person, coordinator):
        now = timezone.now()
        old = make(person, when=now, year=2026)
        young = make(person, by=coordinator, when=now + timedelta(hours=1), year=2026)
        assert self.forget(now + timedelta(hours=24) - timedelta(seconds=1)) == 0
        assert self.forget(now + timedelta(hours=24)) == 1
        assert not default_storage.exists(old.file.name)
        assert WorkReport.objects.get() == young

    def test_files_without_a_row_go_as_well(self, person):
        now = timezone.now()
        make(person, when=now, year=2026)
        WorkReport.objects.all().delete()
        assert self.forget(now + timedelta(hours=23)) == 0
        assert len(files()) == 1
        self.forget(now + timedelta(hours=25))
        assert not files()

    def test_nothing_is_nothing(self):
        assert self.forget(NOW) == 0

    def test_is_what_the_worker_does(self, person):
        make(person, when=timezone.now() - timedelta(days=2), year=2026, month=1)
        assert jobs.forget_work_reports() == 1


class TestErasing:
    @pytest.fixture
    def admin(self):
        return make_admin()

    def erase(self, person, admin):
        accounts.archive(person.pk, by=admin, at=NOW)
        return erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)

    def test_takes_the_files_of_and_about_the_person(self, admin, django_capture_on_commit_callbacks):
        leaving, other = make_coordinator(name="Nováková Žofie"), make_member()
        make(leaving)
        make(leaving, by=admin)
        make(other, by=leaving)
        kept = make(other)
        with django_capture_on_commit_callbacks(execute=True):
            self.erase(leaving, admin)
        assert WorkReport.objects.get() == kept
        assert files() == {kept.file.name}

    def test_is_foretold(self, person, admin):
        make(person)
        accounts.archive(person.pk, by=admin, at=NOW)
        person.refresh_from_db()
        told = {str(finding.words): finding.count for finding in erasure.forecast(person, by=admin, at=NOW).goes}
        assert told["připravené výkazy práce"] == 1

    def test_afterwards_there_are_no_reports(self, person, admin):
        pseudonym = self.erase(person, admin)
        with pytest.raises(ErasedPerson):
            make(pseudonym, by=admin)

    def test_before_it_the_person_is_told_what_lies_ready(self, person, coordinator):
        now = timezone.now()
        make(person, by=coordinator, when=now, year=2026, month=4)
        make(person, when=now - timedelta(days=2), year=2026, month=3)
        make(coordinator, when=now, year=2026, month=2)
        (part,) = [part for part in own_data.gather(person.pk, by=person, at=now) if part.key == "work_reports"]
        (row,) = part.as_data()
        assert (row["month"], row["person"], row["made_by"]) == ("2026-04", person.name, coordinator.name)

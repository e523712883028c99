"""The people of an imported season: who is recognised, who is created, what they are qualified for."""

from __future__ import annotations

import pytest

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment
from events.season.importing.report import Part
from events.season.importing.run import import_season
from events.season.reading.records import Doubt, DoubtKind
from events.tests.seasons import NOW, PAST, bring_in, doubts, season, sheet_event, sheet_person
from medcover.system.models import AuditEntry
from roster.models import ErasedTrace, User
from roster.privacy.traces import erased_among
from roster.rights import Role
from roster.services.erasure import erase
from roster.tests.factories import UserFactory, make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník zotavovacích akcí", can_lead=True)


@pytest.fixture
def novice(medic):
    return QualificationFactory(name="Zelenáč", direct_substitutes=[medic])


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič sanitky")


@pytest.fixture
def managed(medic, novice, driver):
    """The three qualifications of the sheet are there already."""


@pytest.mark.usefixtures("managed")
class TestPeople:
    def test_a_new_person_becomes_an_active_member_whose_password_nobody_knows(self, medic, driver):
        bring_in(sheet_person("Malá Hana", "hana@example.org", phone="777000101", is_medic=True, is_driver=True))
        person = User.objects.get(email="hana@example.org")
        assert (person.name, person.phone, person.is_active) == ("Malá Hana", "777000101", True)
        assert person.role_names == {Role.MEMBER.value}
        assert not person.has_usable_password()
        assert set(person.holdings.values_list("qualification", flat=True)) == {medic.pk, driver.pk}

    def test_who_is_no_medic_starts_as_novice(self, novice):
        bring_in(sheet_person("Šípková Ema", "ema@example.org", is_medic=None, is_driver=None))
        assert User.objects.get().holdings.get().qualification == novice

    def test_the_record_says_who_was_imported_by_whom(self):
        admin = make_admin()
        bring_in(sheet_person("Malá Hana", "hana@example.org"), by=admin)
        entry = AuditEntry.objects.get(kind=AuditEntry.Kind.IMPORT)
        assert entry.actor == admin
        assert "Malá Hana" in entry.summary

    def test_without_an_address_there_is_no_account_but_a_doubt(self):
        report = bring_in(sheet_person("Říha Adam"))
        assert not User.objects.exists()
        assert [(remark.part, remark.subject) for remark in report.doubtful] == [(Part.PEOPLE, "Říha Adam")]

    @pytest.mark.parametrize("written", ["Malá Hana", "malá hana", "Hana Malá", "hana MALÁ"])
    def test_is_recognised_by_name(self, written):
        UserFactory(name="Malá Hana", email="hana@example.org")
        bring_in(sheet_person(written, "hana@example.org"))
        assert User.objects.count() == 1

    def test_a_namesake_with_another_address_is_told_of(self):
        UserFactory(name="Malá Hana", email="hana@example.org")
        report = bring_in(sheet_person("Malá Hana", "jina@example.org"))
        assert User.objects.get().email == "hana@example.org"
        assert len(report.doubtful) == 1

    def test_is_recognised_by_address_and_then_known_under_the_name_of_the_season(self):
        bride = UserFactory(name="Malá Hana", email="hana@example.org")
        bring_in(
            sheet_person("Velká Hana", "hana@example.org"),
            sheet_event(day=PAST, signups=("Velká Hana",)),
        )
        assert User.objects.get() == bride
        assert Assignment.objects.get().person == bride

    def test_an_event_may_write_another_name_than_the_account_bears(self):
        bring_in(
            sheet_person("Nováková Hana Marie", "hana@example.org", gs_name="Nováková Hana"),
            sheet_event(day=PAST, signups=("Nováková Hana",)),
        )
        assert Assignment.objects.get().person.name == "Nováková Hana Marie"

    def test_two_people_never_share_an_address(self):
        rows = (
            sheet_person("Bartoš Vít", "spolu@example.org"),
            sheet_person("Zelená Iva", "spolu@example.org", is_medic=True),
        )
        first = bring_in(*rows)
        held = set(User.objects.get().holdings.values_list("qualification", flat=True))
        again = bring_in(*rows)
        assert User.objects.get().name == "Bartoš Vít"
        assert set(User.objects.get().holdings.values_list("qualification", flat=True)) == held
        assert doubts(first) == doubts(again) != []

    def test_of_two_accounts_of_one_name_none_is_chosen(self, medic):
        UserFactory(name="Chvátal Ivo")
        UserFactory(name="Chvátal Ivo")
        report = bring_in(
            sheet_person("Chvátal Ivo", "ivo@example.org", is_medic=True),
            sheet_event(day=PAST, signups=("Chvátal Ivo",)),
        )
        assert User.objects.count() == 2
        assert not medic.holdings.exists()
        assert not Assignment.objects.exists()
        assert len(report.doubtful) == 2

    def test_the_address_tells_namesakes_apart(self):
        UserFactory(name="Chvátal Ivo")
        meant = UserFactory(name="Chvátal Ivo", email="ivo@example.org")
        bring_in(sheet_person("Chvátal Ivo", "ivo@example.org"), sheet_event(day=PAST, signups=("Chvátal Ivo",)))
        assert Assignment.objects.get().person == meant

    def test_a_name_that_the_season_gives_to_two_people_means_nobody(self):
        UserFactory(name="Chvátal Ivo")
        doubt = Doubt("Dozory", 14, DoubtKind.PERSON_AMBIGUOUS, "Chvátal Ivo")
        rows = season(
            sheet_person("Chvátal Ivo", row=None, is_medic=None),
            sheet_event(day=PAST, signups=("Chvátal Ivo",)),
            doubts=(doubt,),
        )
        import_season(rows, by=None, at=NOW)
        assert not Assignment.objects.exists()

    def test_what_the_database_refuses_is_reported_and_the_others_go_on(self):
        report = bring_in(
            sheet_person("Dlouhý Jan", "dlouhy@example.org", phone="zavolat večer"),
            sheet_person("Malá Hana", "hana@example.org"),
        )
        assert [person.name for person in User.objects.all()] == ["Malá Hana"]
        assert [remark.subject for remark in report.skipped] == ["Dlouhý Jan"]


@pytest.mark.usefixtures("managed")
class TestQualificationsOfKnownPeople:
    def test_the_managed_ones_become_what_the_season_says(self, medic, novice, driver):
        person = UserFactory(name="Malá Hana")
        hold(person, novice)
        report = bring_in(sheet_person("Malá Hana", is_medic=True, is_driver=True))
        assert set(person.holdings.values_list("qualification", flat=True)) == {medic.pk, driver.pk}
        assert [remark.subject for remark in report.changed] == ["Malá Hana"]

    def test_others_are_left_alone(self, medic):
        person, paramedic = UserFactory(name="Malá Hana"), QualificationFactory(name="Záchranář")
        hold(person, paramedic, medic)
        bring_in(sheet_person("Malá Hana", is_medic=True))
        assert set(person.holdings.values_list("qualification", flat=True)) == {paramedic.pk, medic.pk}

    def test_nothing_is_taken_where_the_season_says_nothing(self, medic, driver):
        person = UserFactory(name="Malá Hana")
        hold(person, medic, driver)
        report = bring_in(sheet_person("Malá Hana", is_medic=None, is_driver=None))
        assert person.holdings.count() == 2
        assert report.changed == []


class TestManagedQualifications:
    def test_are_found_by_a_part_of_the_name(self, medic):
        bring_in(sheet_person("Malá Hana", "hana@example.org", is_medic=True))
        assert User.objects.get().holdings.get().qualification == medic

    def test_are_created_where_they_are_missing_once(self):
        report, again = bring_in(), bring_in()
        assert [remark.subject for remark in report.created] == ["Zdravotník", "Zelenáč", "Řidič sanitky"]
        assert again.created == []


@pytest.mark.usefixtures("managed")
class TestErased:
    """An old list still knows somebody whose personal data were erased."""

    @pytest.fixture
    def admin(self):
        return make_admin()

    @pytest.fixture
    def _gone(self, admin):
        person = UserFactory(name="Dvořák Petr", email="petr@example.org", is_active=False, is_archived=True)
        erase(person.pk, typed=person.email, by=admin, at=NOW)

    @pytest.mark.usefixtures("_gone")
    @pytest.mark.parametrize(
        "row",
        [
            {"name": "Dvořák Petr", "email": "petr@example.org"},
            {"name": "PETR DVORAK", "email": "jiny@example.org"},
            {"name": "Úplně Jiný", "email": "petr@example.org"},
        ],
    )
    def test_gets_no_account_again_and_somebody_is_to_decide(self, row):
        report = bring_in(sheet_person(**row))
        assert not User.objects.not_erased().filter(email=row["email"]).exists()
        assert any("byly smazány" in doubt for doubt in doubts(report))

    @pytest.mark.usefixtures("_gone")
    def test_somebody_else_of_this_name_is_known_once_they_have_an_account(self, admin):
        other = UserFactory(name="Dvořák Petr", email="jiny@example.org")
        bring_in(sheet_person("Dvořák Petr", "jiny@example.org"))
        assert User.objects.get(email="jiny@example.org") == other

    @pytest.mark.usefixtures("_gone")
    def test_what_is_kept_leads_back_to_nobody(self):
        kept = str(list(ErasedTrace.objects.values()))
        assert "etr" not in kept
        assert ErasedTrace.objects.count() == 2

    def test_names_of_others_leave_no_trace(self, admin):
        UserFactory(name="Novák Jan")
        person = UserFactory(name="Novák Jan", email="gone@example.org", is_active=False, is_archived=True)
        erase(person.pk, typed=person.email, by=admin, at=NOW)
        assert erased_among(["Novák Jan", "gone@example.org"]) == {"gone@example.org"}

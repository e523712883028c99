"""Qualifications and holdings: every change, what it refuses and what it announces."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from credentials import rules, services
from credentials.models import Holding, Qualification, Substitution
from credentials.signals import deletion_requested, qualifications_changed
from credentials.tests.factories import QualificationFactory, hold
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))
DAY = date(2027, 5, 15)


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def rescuer(doctor):
    return QualificationFactory(name="Záchranář", direct_substitutes=[doctor])


@pytest.fixture
def medic(rescuer):
    return QualificationFactory(name="Zdravotník", direct_substitutes=[rescuer])


@pytest.fixture
def announced():
    heard: list[object] = []

    def listen(person_ids, **_kwargs):
        heard.append(person_ids)

    qualifications_changed.connect(listen)
    yield heard
    qualifications_changed.disconnect(listen)


def substitutes(qualification: Qualification) -> set[str]:
    return set(qualification.satisfied_by.values_list("substitute__name", flat=True))


def entries_of(row: object):
    return AuditEntry.objects.get_for_object(row).order_by("id")


class TestSave:
    def test_creates_with_parents_and_closure(self, admin, doctor, rescuer, announced):
        fresh = Qualification(name="  Zdravotník   dozoru ")
        services.save_qualification(fresh, direct_substitutes=[rescuer.pk], by=admin, at=NOW)
        assert fresh.name == "Zdravotník dozoru"
        assert substitutes(fresh) == {"Zdravotník dozoru", "Záchranář", "Lékař"}
        assert announced == [None]
        assert entries_of(fresh).first().actor == admin

    def test_the_new_set_of_parents_replaces_the_old(self, admin, doctor, rescuer, medic):
        services.save_qualification(medic, direct_substitutes=[doctor.pk], by=admin, at=NOW)
        assert set(medic.direct_substitutes.all()) == {doctor}
        assert substitutes(medic) == {"Zdravotník", "Lékař"}

    @pytest.mark.parametrize("name", ["", "   "])
    def test_refuses_an_empty_name(self, admin, name):
        with pytest.raises(ValidationError):
            services.save_qualification(Qualification(name=name), direct_substitutes=[], by=admin, at=NOW)

    @pytest.mark.parametrize("name", ["Lékař", "LÉKAŘ", " lékař "])
    def test_refuses_the_name_of_a_living_one(self, admin, doctor, name):
        with pytest.raises(ValidationError):
            services.save_qualification(Qualification(name=name), direct_substitutes=[], by=admin, at=NOW)

    def test_takes_the_name_of_a_deleted_one(self, admin, doctor):
        services.delete_qualification(doctor.pk, by=admin, at=NOW)
        assert services.save_qualification(Qualification(name="Lékař"), direct_substitutes=[], by=admin, at=NOW).pk

    def test_refuses_itself_as_parent(self, admin, doctor):
        with pytest.raises(DomainError):
            services.save_qualification(doctor, direct_substitutes=[doctor.pk], by=admin, at=NOW)

    def test_refuses_short_and_long_cycles(self, admin, doctor, rescuer, medic):
        for parent in (rescuer, medic):
            with pytest.raises(DomainError):
                services.save_qualification(doctor, direct_substitutes=[parent.pk], by=admin, at=NOW)
        assert not doctor.direct_substitutes.exists()

    def test_refuses_a_cycle_through_a_deleted_one(self, admin, doctor, rescuer, medic):
        services.delete_qualification(rescuer.pk, by=admin, at=NOW)
        with pytest.raises(DomainError):
            services.save_qualification(doctor, direct_substitutes=[medic.pk], by=admin, at=NOW)

    def test_refuses_a_deleted_or_unknown_parent(self, admin, doctor, rescuer):
        services.delete_qualification(rescuer.pk, by=admin, at=NOW)
        for parent in (rescuer.pk, 10**9):
            with pytest.raises(DomainError):
                services.save_qualification(Qualification(name="Řidič"), direct_substitutes=[parent], by=admin, at=NOW)

    def test_saving_does_not_cut_a_chain_through_a_deleted_parent(self, admin, doctor, rescuer, medic):
        services.delete_qualification(rescuer.pk, by=admin, at=NOW)
        medic.description = "Kurz zdravotníka"
        services.save_qualification(medic, direct_substitutes=[], by=admin, at=NOW)
        assert substitutes(medic) == {"Zdravotník", "Lékař"}

    def test_an_old_form_does_not_bring_a_deleted_one_back(self, admin, doctor):
        opened = Qualification.objects.get(pk=doctor.pk)
        services.delete_qualification(doctor.pk, by=admin, at=NOW)
        with pytest.raises(DomainError):
            services.save_qualification(opened, direct_substitutes=[], by=admin, at=NOW)
        doctor.refresh_from_db()
        assert doctor.is_deleted


class TestDelete:
    def test_leaves_all_holders_and_says_how_many(self, admin, doctor, rescuer, announced):
        people = [make_member() for _n in range(3)]
        for person in people:
            hold(person, doctor, rescuer)
        assert services.delete_qualification(rescuer.pk, by=admin, at=NOW) == 3
        rescuer.refresh_from_db()
        assert (rescuer.is_deleted, rescuer.deleted_at) == (True, NOW)
        assert set(Holding.objects.values_list("qualification", flat=True)) == {doctor.pk}
        assert announced == [None]
        entry = entries_of(rescuer).last()
        assert (entry.kind, entry.actor) == ("delete", admin)
        assert "3" in entry.summary

    def test_is_still_a_link_but_neither_requirement_nor_substitute(self, admin, doctor, rescuer, medic):
        services.delete_qualification(rescuer.pk, by=admin, at=NOW)
        assert substitutes(medic) == {"Zdravotník", "Lékař"}
        assert not Substitution.objects.filter(requirement=rescuer).exists()

    def test_twice_is_refused(self, admin, doctor):
        services.delete_qualification(doctor.pk, by=admin, at=NOW)
        with pytest.raises(DomainError):
            services.delete_qualification(doctor.pk, by=admin, at=NOW)

    def test_a_floor_above_may_object(self, admin, doctor):
        def object_to(**_kwargs):
            raise DomainError("in use")

        deletion_requested.connect(object_to)
        try:
            with pytest.raises(DomainError, match="in use"):
                services.delete_qualification(doctor.pk, by=admin, at=NOW)
        finally:
            deletion_requested.disconnect(object_to)
        doctor.refresh_from_db()
        assert not doctor.is_deleted


class TestHoldings:
    def test_sets_exactly_these(self, admin, doctor, rescuer, medic, announced):
        person = make_member()
        hold(person, doctor, rescuer)
        services.set_holdings(person.pk, {rescuer.pk: DAY, medic.pk: None}, by=admin, at=NOW)
        held = dict(person.holdings.values_list("qualification", "valid_until"))
        assert held == {rescuer.pk: DAY, medic.pk: None}
        assert announced == [[person.pk]]
        kinds = AuditEntry.objects.filter(actor=admin).values_list("kind", flat=True)
        assert sorted(kinds) == ["create", "delete", "edit"]

    def test_the_same_again_changes_nothing(self, admin, doctor, announced):
        person = make_member()
        hold(person, doctor, until=DAY)
        services.set_holdings(person.pk, {doctor.pk: DAY}, by=admin, at=NOW)
        assert announced == []
        assert not AuditEntry.objects.filter(actor=admin).exists()

    def test_keeps_what_is_left_of_a_deleted_one(self, admin, doctor, rescuer):
        person = make_member()
        hold(person, rescuer)
        Qualification.objects.filter(pk=rescuer.pk).update(is_deleted=True, deleted_at=NOW)
        services.set_holdings(person.pk, {doctor.pk: None}, by=admin, at=NOW)
        assert person.holdings.count() == 2
        services.set_holdings(person.pk, {}, by=admin, at=NOW)
        assert [row.qualification for row in person.holdings.all()] == [rescuer]

    def test_refuses_a_deleted_one_and_writes_nothing(self, admin, doctor, rescuer):
        services.delete_qualification(rescuer.pk, by=admin, at=NOW)
        person = make_member()
        with pytest.raises(DomainError):
            services.set_holdings(person.pk, {doctor.pk: None, rescuer.pk: None}, by=admin, at=NOW)
        with pytest.raises(DomainError):
            services.grant(person.pk, rescuer.pk, by=admin, at=NOW)
        assert not person.holdings.exists()

    def test_grant_gives_and_prolongs(self, admin, doctor, announced):
        person = make_member()
        services.grant(person.pk, doctor.pk, by=admin, at=NOW, valid_until=DAY)
        services.grant(person.pk, doctor.pk, by=admin, at=NOW, valid_until=DAY)
        holding = services.grant(person.pk, doctor.pk, by=admin, at=NOW)
        assert holding.valid_until is None
        assert announced == [[person.pk]] * 2

    def test_withdraw_takes_and_is_quiet_about_nothing(self, admin, doctor, announced):
        person = make_member()
        hold(person, doctor)
        services.withdraw(person.pk, doctor.pk, by=admin, at=NOW)
        services.withdraw(person.pk, doctor.pk, by=admin, at=NOW)
        assert not person.holdings.exists()
        assert announced == [[person.pk]]

    def test_the_database_holds_one_of_a_kind_per_person(self, doctor):
        person = make_member()
        hold(person, doctor)
        with pytest.raises(IntegrityError), transaction.atomic():
            hold(person, doctor)


class TestReads:
    @pytest.mark.parametrize(("until", "counts"), [(None, True), (0, True), (1, True), (-1, False)])
    def test_valid_up_to_and_including_its_last_day(self, doctor, until, counts):
        person = make_member()
        hold(person, doctor, until=None if until is None else DAY + timedelta(days=until))
        assert Holding.objects.valid_on(DAY).exists() is counts
        assert Holding.objects.get().is_valid_on(DAY) is counts

    def test_only_direct_living_holders_lead(self, admin, doctor, rescuer):
        person = make_member()
        hold(person, rescuer)
        assert not Holding.objects.leading().exists()
        hold(person, doctor)
        assert Holding.objects.leading().exists()
        Qualification.objects.filter(pk=doctor.pk).update(is_deleted=True, deleted_at=NOW)
        assert not Holding.objects.leading().exists()

    def test_what_satisfies_a_demand(self, doctor, rescuer, medic):
        for qualification in (doctor, rescuer, medic):
            hold(make_member(), qualification)
        found = Holding.objects.satisfying(rescuer).values_list("qualification__name", flat=True)
        assert set(found) == {"Lékař", "Záchranář"}


class TestClosure:
    def test_stays_true_through_any_series_of_changes(self, admin):
        chance = random.Random(7)
        rows = [QualificationFactory() for _n in range(7)]
        for _step in range(60):
            row = chance.choice(rows)
            try:
                if chance.random() < 0.1:
                    services.delete_qualification(row.pk, by=admin, at=NOW)
                else:
                    parents = [parent.pk for parent in chance.sample(rows, chance.randrange(3))]
                    fresh = Qualification.objects.get(pk=row.pk)
                    services.save_qualification(fresh, direct_substitutes=parents, by=admin, at=NOW)
            except DomainError:
                continue
            graph = self.graph_whose_closure_is_stored()
            assert not any(node in rules.ancestors(graph, node) for node in graph)

    def test_survives_a_cycle_in_old_data(self, doctor, rescuer):
        doctor.direct_substitutes.add(rescuer)
        services.rebuild_closure()
        assert self.graph_whose_closure_is_stored()
        assert substitutes(doctor) == substitutes(rescuer) == {"Lékař", "Záchranář"}

    def graph_whose_closure_is_stored(self) -> dict[int, list[int]]:
        graph: dict[int, list[int]] = {}
        for child, parent in Qualification.direct_substitutes.through.objects.values_list(
            "from_qualification", "to_qualification"
        ):
            graph.setdefault(child, []).append(parent)
        living = Qualification.objects.living().values_list("pk", flat=True)
        stored = set(Substitution.objects.values_list("requirement", "substitute"))
        assert stored == rules.closure(graph, living)
        return graph

"""Plans of inspections: who makes them, and what they make due."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from equipment import inspection_rules
from equipment.models import (
    EquipmentType,
    InspectionPlan,
    ItemInspection,
)
from equipment.services import catalogue, inspection_plans, items
from equipment.services.locking import Gone
from equipment.tests.factories import ItemFactory, PlanFactory, TypeFactory
from equipment.tests.inspections.making import TODAY, ago, record, stands
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db


class TestPlans:
    def test_a_new_plan_makes_its_items_due(self, item, plan):
        other = ItemFactory()
        in_a_year = inspection_rules.add_months(ago(100), 12)
        assert stands(item) == (in_a_year, in_a_year)
        assert stands(other) == (None, None)
        assert AuditEntry.objects.get_for_object(plan).exists()

    def test_without_an_acquisition_it_counts_from_when_the_item_was_entered(self, admin):
        item = ItemFactory()
        inspection_plans.save_plan(InspectionPlan(type=item.type, name="Kontrola", months=1), by=admin)
        assert stands(item) == (inspection_rules.add_months(TODAY, 1), None)

    def test_the_earliest_of_several(self, item, plan, admin):
        inspection_plans.save_plan(InspectionPlan(type=item.type, name="Kontrola", months=6), by=admin)
        assert stands(item) == (
            inspection_rules.add_months(ago(100), 6),
            inspection_rules.add_months(ago(100), 12),
        )

    def test_changed_months_and_safety(self, item, plan, admin):
        plan.months, plan.is_safety = 6, False
        saved = inspection_plans.save_plan(plan, by=admin, version=1)
        assert (saved.version, stands(item)) == (2, (inspection_rules.add_months(ago(100), 6), None))

    def test_nothing_changed_is_nothing_written(self, plan, admin):
        plan.name = f" {plan.name} "
        assert inspection_plans.save_plan(plan, by=admin, version=1).version == 1

    def test_a_stale_one_is_refused(self, plan, admin):
        plan.name = "Jiná"
        with pytest.raises(StaleRecord):
            inspection_plans.save_plan(plan, by=admin, version=9)

    def test_archived_nothing_is_due_by_it(self, item, plan, admin):
        before = stands(item)
        inspection_plans.archive_plan(plan.pk, by=admin)
        assert (stands(item), ItemInspection.objects.count()) == ((None, None), 0)
        with pytest.raises(DomainError):
            inspection_plans.archive_plan(plan.pk, by=admin)
        inspection_plans.unarchive_plan(plan.pk, by=admin)
        assert stands(item) == before
        with pytest.raises(DomainError):
            inspection_plans.unarchive_plan(plan.pk, by=admin)

    @pytest.mark.parametrize("fields", [{"months": None}, {"months": 0}, {"name": " "}, {"uses": 0}, {"name": "btk"}])
    def test_what_cannot_be(self, item, plan, admin, fields):
        values = {"name": "Jiná", "months": 12, **fields}
        with pytest.raises(ValidationError):
            inspection_plans.save_plan(InspectionPlan(type=item.type, **values), by=admin)

    def test_the_same_name_in_another_type(self, plan, admin):
        inspection_plans.save_plan(InspectionPlan(type=TypeFactory(), name="BTK", months=1), by=admin)

    def test_one_that_does_not_exist(self, admin):
        with pytest.raises(Gone):
            inspection_plans.archive_plan(0, by=admin)
        with pytest.raises(Gone):
            inspection_plans.save_plan(InspectionPlan(pk=77, type=TypeFactory(), name="X", months=1), by=admin)

    def test_only_by_whoever_may_change_types(self, item, plan, technician):
        for who in (technician, make_coordinator()):
            with pytest.raises(NotAllowed):
                inspection_plans.save_plan(InspectionPlan(type=item.type, name="Jiná", months=1), by=who)
            with pytest.raises(NotAllowed):
                inspection_plans.archive_plan(plan.pk, by=who)
            with pytest.raises(NotAllowed):
                inspection_plans.unarchive_plan(plan.pk, by=who)

    def test_a_type_goes_with_its_plans_but_not_with_results(self, item, plan, admin, technician):
        record(item, plan, technician)
        other = TypeFactory()
        PlanFactory(type=other)
        catalogue.delete_type(other.pk, by=admin)
        item.type = TypeFactory()
        items.save_item(item, by=admin)
        with pytest.raises(DomainError, match="prohlíd"):
            catalogue.delete_type(plan.type_id, by=admin)
        assert not EquipmentType.objects.filter(pk=other.pk).exists()

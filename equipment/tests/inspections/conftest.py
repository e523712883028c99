"""What tests of inspections begin with: people, an item, a plan of its type."""

from __future__ import annotations

import pytest

from equipment.models import InspectionPlan
from equipment.services import inspection_plans
from equipment.tests.factories import ItemFactory
from equipment.tests.inspections.making import ago
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin


@pytest.fixture
def technician():
    return UserFactory(roles=[Role.TECHNICIAN], name="Technik Karel")


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def item():
    return ItemFactory(name="AED 1", acquired_on=ago(100))


@pytest.fixture
def plan(item, admin):
    """Due 12 months after the acquisition."""
    plan = InspectionPlan(type=item.type, name="BTK", months=12, is_safety=True)
    return inspection_plans.save_plan(plan, by=admin)

"""Backoffice of equipment."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from equipment import load
from equipment.demo import ITEMS, build
from equipment.models import EquipmentItem, EquipmentType, Issue, Repair, StorageLocation
from equipment.tests.factories import ItemFactory, LocationFactory, TypeFactory, issued, out_of_service
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

ITEM, TYPE, LOCATION = (f"/admin/equipment/{name}/" for name in ("equipmentitem", "equipmenttype", "storagelocation"))


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


@pytest.fixture
def admin():
    return browser(make_admin())


@pytest.fixture
def coordinator():
    return browser(make_coordinator())


def test_an_item_is_made_and_changed(admin):
    kind = TypeFactory()
    admin.post(f"{ITEM}add/", {"name": " AED  1", "type": kind.pk, "price": "10"})
    item = EquipmentItem.objects.get()
    assert item.name == "AED 1"
    admin.post(f"{ITEM}{item.pk}/change/", {"name": "AED 2", "type": kind.pk, "version": 1, "expires_on": "2027-01-01"})
    item.refresh_from_db()
    assert (item.name, item.version, item.price) == ("AED 2", 2, None)
    answer = admin.post(f"{ITEM}{item.pk}/change/", {"name": "AED 3", "type": kind.pk, "version": 1}, follow=True)
    assert "mezitím" in answer.content.decode()


def test_a_refusal_comes_back_with_the_form(admin):
    kind, location = TypeFactory(), LocationFactory(is_archived=True)
    answer = admin.post(f"{ITEM}add/", {"name": "AED", "type": kind.pk, "location": location.pk})
    assert answer.status_code == 200
    assert not EquipmentItem.objects.exists()


def test_an_archived_location_stays_on_what_is_there(admin):
    item = ItemFactory(location=LocationFactory(is_archived=True))
    form = {"name": "Jiné", "type": item.type_id, "location": item.location_id, "version": 1}
    admin.post(f"{ITEM}{item.pk}/change/", form)
    assert EquipmentItem.objects.get().name == "Jiné"


def test_the_list_and_its_filters(coordinator):
    free, gone = ItemFactory(name="Volná"), ItemFactory(name="U odešlého")
    ItemFactory(name="Stará", is_archived=True)
    issued(UserFactory(is_active=False), gone)
    out_of_service(free, timezone.now())
    for query, names in {
        "": {"Volná", "U odešlého"},
        "archive=yes": {"Stará"},
        "issue=issued": {"U odešlého"},
        "issue=left": {"U odešlého"},
        "issue=stock": {"Volná"},
        "availability=usable": {"U odešlého"},
        "availability=unusable": {"Volná"},
        "due=yes": set(),
        "q=volna": {"Volná"},
        f"type__id__exact={free.type_id}": {"Volná"},
    }.items():
        answer = coordinator.get(f"{ITEM}?{query}")
        assert {row.name for row in answer.context["cl"].result_list} == names, query


def test_the_list_costs_no_more_for_more(coordinator, django_assert_max_num_queries):
    for _number in range(8):
        issued(make_member(), ItemFactory(location=LocationFactory()))
    coordinator.get(ITEM)
    with django_assert_max_num_queries(14):
        coordinator.get(ITEM)


def test_steps(admin):
    item = ItemFactory()
    issued(make_member(), item)
    out_of_service(item, timezone.now())
    page = admin.get(f"{ITEM}{item.pk}/change/").content.decode()
    assert "Zapsat vrácení" in page
    assert "Vrátit do provozu" in page
    assert "step/archive/" not in page
    for version, (code, done) in enumerate(
        {
            "return": lambda: not Issue.objects.open().exists(),
            "in_service": lambda: EquipmentItem.objects.available_at(timezone.now()).exists(),
            "lost": lambda: EquipmentItem.objects.get().is_lost,
            "found": lambda: not EquipmentItem.objects.get().is_lost,
            "archive": lambda: EquipmentItem.objects.get().is_archived,
            "unarchive": lambda: not EquipmentItem.objects.get().is_archived,
        }.items(),
        start=1,
    ):
        admin.post(f"{ITEM}{item.pk}/step/{code}/", {"version": version})
        assert done(), code


def test_coordinators_issue_and_repair_but_do_not_change_the_register(coordinator):
    item = ItemFactory()
    page = coordinator.get(f"{ITEM}{item.pk}/change/").content.decode()
    assert f"/equipment/{item.pk}/issue/" in page
    assert "step/lost/" in page
    assert "step/archive/" not in page
    assert 'name="_save"' not in page


def test_bulk_actions(admin):
    free, taken = ItemFactory(name="Volná"), ItemFactory(name="Vydaná")
    issued(make_member(), taken)
    answer = admin.post(f"{ITEM}bulk/archive/", {"ids": f"{free.pk},{taken.pk}"}, follow=True)
    assert "Změněna 1 položka." in answer.content.decode()
    admin.post(f"{ITEM}bulk/take_back/", {"ids": str(taken.pk)})
    admin.post(f"{ITEM}bulk/unarchive/", {"ids": str(free.pk)})
    assert not Issue.objects.open().exists()
    assert not EquipmentItem.objects.archived().exists()


def test_types(admin):
    no_plans = {"inspection_plans-TOTAL_FORMS": 0, "inspection_plans-INITIAL_FORMS": 0}
    admin.post(f"{TYPE}add/", {"name": "AED", "icon": "⚡", **no_plans})
    row = EquipmentType.objects.get()
    item = ItemFactory(type=row)
    assert "Nelze smazat" in admin.get(f"{TYPE}{row.pk}/delete/").content.decode()
    admin.post(f"{TYPE}{row.pk}/delete/")
    assert EquipmentType.objects.exists()
    item.delete()
    admin.post(f"{TYPE}{row.pk}/delete/")
    assert not EquipmentType.objects.exists()


def test_locations(coordinator):
    coordinator.post(f"{LOCATION}add/", {"name": "Garáž", "sort_order": 0})
    row = StorageLocation.objects.get()
    coordinator.post(f"{LOCATION}{row.pk}/step/archive/", {"version": 1})
    assert StorageLocation.objects.get().is_archived
    assert not coordinator.get(LOCATION).context["cl"].result_list
    answer = coordinator.post(f"{LOCATION}add/", {"name": " GARÁŽ ", "sort_order": 0})
    assert "je v archivu" in answer.content.decode()
    coordinator.post(f"{LOCATION}{row.pk}/step/unarchive/", {"version": 2})
    answer = coordinator.post(f"{LOCATION}add/", {"name": "garáž", "sort_order": 0})
    assert "už existuje" in answer.content.decode()


def test_demo_equipment_is_made_once():
    at = timezone.now()
    assert build(at=at) == len(ITEMS)
    assert build(at=at) == 0
    assert EquipmentItem.objects.unavailable_at(at).exists()
    (reported,) = Repair.objects.exclude(reporter_email="")
    assert (reported.reporter, reported.photos.count(), reported.entries.count()) == (None, 1, 2)


def test_equipment_for_measuring_goes_by_the_number_of_people():
    UserFactory.create_batch(12)
    assert load.build(at=timezone.now()) == 4
    assert (Issue.objects.open().count(), Issue.objects.count()) == (2, 6)

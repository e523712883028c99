"""Services of the register: locations, types, items."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from equipment.models.stock import CODE_LENGTH, CODE_LETTERS, new_code
from equipment.services import catalogue, items
from equipment.services.locking import Gone
from equipment.tests.factories import ItemFactory, LocationFactory, TypeFactory, issued
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def coordinator():
    return make_coordinator()


class TestTypes:
    def test_a_new_one_is_tidied_and_recorded(self, admin):
        row = catalogue.save_type(EquipmentType(name="  Velký   batoh ", icon="🎒", description="a \n"), by=admin)
        assert (row.name, row.icon, row.description, row.version) == ("Velký batoh", "🎒", "a", 1)
        assert AuditEntry.objects.get_for_object(row).get().actor == admin

    @pytest.mark.parametrize(("name", "icon"), [("", "📦"), ("x" * 256, "📦"), ("Batoh", ""), ("Batoh", "x" * 17)])
    def test_what_cannot_be_is_refused(self, admin, name, icon):
        with pytest.raises(ValidationError):
            catalogue.save_type(EquipmentType(name=name, icon=icon), by=admin)

    def test_a_name_is_taken_whatever_its_case(self, admin):
        TypeFactory(name="AED")
        with pytest.raises(ValidationError, match="existuje"):
            catalogue.save_type(EquipmentType(name="aed"), by=admin)

    def test_a_stale_form_is_refused(self, admin):
        row = TypeFactory()
        catalogue.save_type(EquipmentType(pk=row.pk, name="Nový"), by=admin, version=1)
        with pytest.raises(StaleRecord):
            catalogue.save_type(EquipmentType(pk=row.pk, name="Jiný"), by=admin, version=1)

    def test_only_whoever_has_the_right(self, coordinator):
        with pytest.raises(NotAllowed):
            catalogue.save_type(EquipmentType(name="AED"), by=coordinator)
        with pytest.raises(NotAllowed):
            catalogue.delete_type(TypeFactory().pk, by=coordinator)

    def test_one_without_items_is_deleted_once(self, admin):
        row = TypeFactory(name="AED")
        assert catalogue.delete_type(row.pk, by=admin) == "AED"
        with pytest.raises(Gone):
            catalogue.delete_type(row.pk, by=admin)

    def test_one_with_items_stays_even_if_they_are_archived(self, admin):
        row = ItemFactory(is_archived=True).type
        with pytest.raises(DomainError):
            catalogue.delete_type(row.pk, by=admin)


class TestLocations:
    def test_coordinators_make_and_archive_them(self, coordinator):
        row = catalogue.save_location(StorageLocation(name="Garáž"), by=coordinator)
        assert catalogue.archive_location(row.pk, by=coordinator).is_archived
        with pytest.raises(DomainError):
            catalogue.archive_location(row.pk, by=coordinator)
        assert not catalogue.unarchive_location(row.pk, by=coordinator).is_archived

    def test_the_name_of_an_archived_one_is_taken(self, coordinator):
        LocationFactory(name="Garáž", is_archived=True)
        with pytest.raises(ValidationError):
            catalogue.save_location(StorageLocation(name="GARÁŽ"), by=coordinator)

    def test_members_do_not(self):
        with pytest.raises(NotAllowed):
            catalogue.save_location(StorageLocation(name="Garáž"), by=make_member())


class TestItems:
    def test_a_new_one_has_a_code_of_its_own(self, admin):
        kind = TypeFactory()
        made = [items.save_item(EquipmentItem(name=" AED  1 ", type=kind), by=admin) for _number in range(2)]
        assert [row.name for row in made] == ["AED 1", "AED 1"]
        assert len({row.code for row in made}) == 2
        assert all(len(row.code) == CODE_LENGTH and set(row.code) <= set(CODE_LETTERS) for row in made)

    def test_codes_do_not_come_again(self):
        assert len({new_code() for _number in range(1000)}) == 1000

    @pytest.mark.parametrize("fields", [{"name": ""}, {"price": Decimal("-1")}, {"price": Decimal("1e9")},
                                        {"serial_number": "x" * 201}])  # fmt: skip
    def test_what_cannot_be_is_refused(self, admin, fields):
        with pytest.raises(ValidationError):
            items.save_item(EquipmentItem(**{"name": "AED", "type": TypeFactory(), **fields}), by=admin)

    def test_without_a_type_it_is_refused(self, admin):
        with pytest.raises(ValidationError):
            items.save_item(EquipmentItem(name="AED"), by=admin)

    def test_a_change_counts_and_is_recorded(self, admin):
        row = ItemFactory(name="AED")
        edited = EquipmentItem.objects.get(pk=row.pk)
        edited.serial_number = "77"
        assert items.save_item(edited, by=admin, version=1).version == 2
        assert AuditEntry.objects.get_for_object(row).get().changes == {"serial_number": ["", "77"]}

    def test_nothing_changed_is_nothing_written(self, admin):
        row = ItemFactory()
        assert items.save_item(EquipmentItem.objects.get(pk=row.pk), by=admin, version=1).version == 1
        assert not AuditEntry.objects.get_for_object(row)

    def test_a_form_writes_no_more_than_it_shows(self, admin):
        row, now = ItemFactory(), timezone.now()
        edited = EquipmentItem.objects.get(pk=row.pk)
        edited.name, edited.is_archived, edited.lost_since, edited.code = "Jiný", True, now, "A" * 16
        items.save_item(edited, by=admin, version=1)
        stored = EquipmentItem.objects.get(pk=row.pk)
        assert (stored.name, stored.is_archived, stored.lost_since, stored.code) == ("Jiný", False, None, row.code)

    def test_a_stale_form_is_refused(self, admin):
        row = ItemFactory(version=4)
        with pytest.raises(StaleRecord):
            items.save_item(EquipmentItem.objects.get(pk=row.pk), by=admin, version=3)

    def test_nothing_comes_to_an_archived_location_but_what_is_there_stays(self, admin):
        archived = LocationFactory(is_archived=True)
        with pytest.raises(DomainError):
            items.save_item(EquipmentItem(name="AED", type=TypeFactory(), location=archived), by=admin)
        row = ItemFactory(location=archived)
        edited = EquipmentItem.objects.get(pk=row.pk)
        edited.notes = "V krabici"
        assert items.save_item(edited, by=admin).notes == "V krabici"

    def test_only_whoever_has_the_right(self, coordinator):
        row = ItemFactory()
        for call in (
            lambda: items.save_item(EquipmentItem(name="AED", type=row.type), by=coordinator),
            lambda: items.save_item(row, by=coordinator),
            lambda: items.archive(row.pk, by=coordinator),
            lambda: items.unarchive(row.pk, by=coordinator),
        ):
            with pytest.raises(NotAllowed):
                call()


class TestArchive:
    def test_put_away_and_back(self, admin):
        row = ItemFactory()
        assert items.archive(row.pk, by=admin, version=1).is_archived
        with pytest.raises(DomainError):
            items.archive(row.pk, by=admin)
        assert not items.unarchive(row.pk, by=admin, version=2).is_archived
        with pytest.raises(DomainError):
            items.unarchive(row.pk, by=admin)
        assert [entry.kind for entry in AuditEntry.objects.get_for_object(row).order_by("id")] == [
            AuditEntry.Kind.ARCHIVE, AuditEntry.Kind.UNARCHIVE,
        ]  # fmt: skip

    def test_not_what_somebody_has(self, admin):
        row = ItemFactory()
        issued(make_member(), row)
        with pytest.raises(DomainError):
            items.archive(row.pk, by=admin)

    def test_an_archived_one_is_not_edited(self, admin):
        row = ItemFactory(is_archived=True)
        row.name = "Jiný"
        with pytest.raises(DomainError):
            items.save_item(row, by=admin)

    def test_many_at_once_with_reasons(self, admin):
        free, taken = ItemFactory(name="Volná"), ItemFactory(name="Vydaná")
        issued(make_member(), taken)
        outcome = items.archive_all([free.pk, taken.pk], by=admin)
        assert outcome.changed == ["Volná"]
        assert [name for name, _reason in outcome.skipped] == ["Vydaná"]

    @pytest.mark.parametrize("key", [0, 10**30, None])
    def test_what_does_not_exist(self, admin, key):
        with pytest.raises(Gone):
            items.archive(key, by=admin)

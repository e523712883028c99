"""Services of issuing, returning and reporting."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment.models import EquipmentItem, Issue, ItemReport, Repair, ServiceWindow
from equipment.services import issues
from equipment.services.locking import Gone
from equipment.services.repairs import work
from equipment.tests.factories import ItemFactory, issued, out_of_service, repair_of
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def member():
    return make_member(name="Novák Jan")


@pytest.fixture
def item():
    return ItemFactory(name="AED 1")


class TestIssuing:
    def test_to_somebody(self, item, member):
        coordinator = make_coordinator()
        made = issues.issue(item.pk, member.pk, by=coordinator, at=NOW, version=1)
        assert (made.person, made.issued_at, made.issued_by, made.returned_at) == (member, NOW, coordinator, None)
        entry = AuditEntry.objects.get_for_object(item).get()
        assert entry.changes == {"holder": ["", "Novák Jan"]}
        assert "AED 1" in entry.summary
        assert EquipmentItem.objects.get(pk=item.pk).version == 2

    def test_to_oneself(self, item, member):
        made = issues.take(item.pk, by=member, at=NOW)
        assert (made.person, made.issued_by) == (member, member)

    def test_once(self, item, member):
        issues.take(item.pk, by=member, at=NOW)
        with pytest.raises(DomainError, match="již vydána"):
            issues.take(item.pk, by=make_member(), at=NOW)
        assert Issue.objects.count() == 1

    def test_the_database_knows_one_holder_at_the_most(self, item, member):
        issued(member, item)
        with pytest.raises(IntegrityError), transaction.atomic():
            issued(make_member(), item)

    @pytest.mark.parametrize("fields", [{"is_archived": True}, {"lost_since": NOW},
                                        {"expires_on": NOW.date() - timedelta(days=2)}])  # fmt: skip
    def test_not_what_cannot_be_used(self, member, fields):
        with pytest.raises(DomainError):
            issues.take(ItemFactory(**fields).pk, by=member, at=NOW)
        assert not Issue.objects.exists()

    def test_not_what_is_out_of_service_but_what_will_be(self, item, member):
        window = out_of_service(item, NOW - timedelta(hours=1))
        with pytest.raises(DomainError):
            issues.take(item.pk, by=member, at=NOW)
        ServiceWindow.objects.filter(pk=window.pk).update(since=NOW + timedelta(seconds=1))
        assert issues.take(item.pk, by=member, at=NOW)

    @pytest.mark.parametrize("state", [{"severity": "down"}, {"severity": "unsure", "is_safety_risk": True}])
    def test_not_what_a_repair_keeps_from_being_used(self, item, member, state):
        row = repair_of(item, **state)
        with pytest.raises(DomainError, match="mimo provoz kvůli závadě"):
            issues.take(item.pk, by=member, at=NOW)
        work.save(row.pk, by=None, at=NOW, status="no_issue")
        assert issues.take(item.pk, by=member, at=NOW)

    @pytest.mark.parametrize("severity", ["degraded", "unsure", ""])
    def test_what_is_merely_degraded(self, item, member, severity):
        repair_of(item, severity=severity)
        assert issues.take(item.pk, by=member, at=NOW)

    @pytest.mark.parametrize("state", [{"is_active": False}, {"is_active": False, "is_archived": True}])
    def test_not_to_whoever_has_no_account(self, item, state):
        with pytest.raises(DomainError):
            issues.issue(item.pk, UserFactory(**state).pk, by=make_admin(), at=NOW)

    @pytest.mark.parametrize("key", [uuid.uuid4(), "nonsense", "", None])
    def test_not_to_whoever_does_not_exist(self, item, key):
        with pytest.raises(DomainError):
            issues.issue(item.pk, key, by=make_admin(), at=NOW)

    def test_a_stale_page_is_refused(self, item, member):
        with pytest.raises(StaleRecord):
            issues.take(item.pk, by=member, at=NOW, version=7)

    @pytest.mark.parametrize("roles", [[Role.VIEWER], [Role.TECHNICIAN], []])
    def test_only_whoever_has_the_right(self, item, roles):
        with pytest.raises(NotAllowed):
            issues.take(item.pk, by=UserFactory(roles=roles), at=NOW)

    def test_what_does_not_exist(self, member):
        with pytest.raises(Gone):
            issues.take(0, by=member, at=NOW)


class TestReturning:
    def test_by_the_holder(self, item, member):
        issued(member, item, issued_at=NOW - timedelta(days=3))
        row = issues.take_back(item.pk, by=member, at=NOW, version=1)
        assert (row.returned_at, row.returned_by) == (NOW, member)
        assert AuditEntry.objects.get_for_object(item).get().changes == {"holder": ["Novák Jan", ""]}

    def test_by_whoever_issues(self, item, member):
        issued(make_admin(), item)
        assert issues.take_back(item.pk, by=member, at=NOW).returned_by == member

    def test_by_a_holder_who_has_lost_the_right_to_take(self, item):
        viewer = make_viewer()
        issued(viewer, item)
        assert issues.take_back(item.pk, by=viewer, at=NOW).returned_by == viewer

    def test_by_nobody_else(self, item, member):
        issued(member, item)
        with pytest.raises(NotAllowed):
            issues.take_back(item.pk, by=make_viewer(), at=NOW)

    def test_once(self, item, member):
        issued(member, item)
        issues.take_back(item.pk, by=member, at=NOW)
        with pytest.raises(DomainError):
            issues.take_back(item.pk, by=member, at=NOW)

    def test_a_stale_page_takes_nothing_from_the_next_holder(self, item, member):
        issues.take(item.pk, by=member, at=NOW)
        shown = EquipmentItem.objects.get(pk=item.pk).version
        issues.take_back(item.pk, by=member, at=NOW)
        issues.take(item.pk, by=make_member(), at=NOW)
        with pytest.raises(StaleRecord):
            issues.take_back(item.pk, by=member, at=NOW, version=shown)

    def test_the_history_remains(self, item, member):
        for _round in range(2):
            issues.take(item.pk, by=member, at=NOW)
            issues.take_back(item.pk, by=member, at=NOW)
        assert item.issues.count() == 2

    def test_what_is_lost_or_archived_can_be_returned(self, member):
        for fields in ({"lost_since": NOW}, {"is_archived": True}):
            row = issued(member, ItemFactory(**fields))
            assert issues.take_back(row.item_id, by=member, at=NOW).returned_at

    def test_many_at_once(self, item, member):
        issued(member, item)
        free = ItemFactory(name="Volná")
        outcome = issues.take_back_all([item.pk, free.pk], by=make_coordinator(), at=NOW)
        assert outcome.changed == ["AED 1"]
        assert [name for name, _reason in outcome.skipped] == ["Volná"]


class TestReporting:
    def report(self, item, by, kind=ItemReport.Kind.NOTE, text="Chybí elektrody."):
        return issues.report(item.pk, kind=kind, text=text, by=by, at=NOW)

    def test_a_note_changes_nothing_else(self, item, member):
        issued(member, item)
        made = self.report(item, member, text="  Chybí   elektrody.\n\n")
        assert (made.text, made.person) == ("Chybí elektrody.", member)
        assert EquipmentItem.objects.available_at(NOW).get() == item
        assert AuditEntry.objects.get_for_object(made).exists()

    def test_what_needs_service_is_down_until_its_repair_is_closed(self, item, member):
        issued(member, item)
        made = self.report(item, member, ItemReport.Kind.SERVICE)
        repair = Repair.objects.get()
        assert (made.repair, repair.description, repair.severity) == (repair, "Chybí elektrody.", "down")
        assert (repair.reporter, repair.status, repair.created) == (member, "new", NOW)
        assert not EquipmentItem.objects.available_at(NOW)
        assert not item.service_windows.exists()
        work.resolve(repair.pk, note="Doplněny.", by=make_admin(), at=NOW)
        assert EquipmentItem.objects.available_at(NOW).get() == item

    def test_what_needs_service_twice_has_two_repairs(self, item, member):
        issued(member, item)
        self.report(item, member, ItemReport.Kind.SERVICE)
        self.report(item, member, ItemReport.Kind.SERVICE, "A teď i baterie.")
        assert (item.repairs.count(), item.reports.count()) == (2, 2)

    def test_what_is_lost_counts_no_more(self, item, member):
        issued(member, item)
        self.report(item, member, ItemReport.Kind.LOST)
        self.report(item, member, ItemReport.Kind.LOST)
        assert EquipmentItem.objects.get(pk=item.pk).lost_since == NOW

    @pytest.mark.parametrize(("kind", "text"), [("note", ""), ("note", " \n "), ("nonsense", "a"), ("", "a"),
                                                ("note", "x" * 2001)])  # fmt: skip
    def test_what_says_nothing_is_refused(self, item, member, kind, text):
        issued(member, item)
        with pytest.raises(ValidationError):
            self.report(item, member, kind, text)
        assert not ItemReport.objects.exists()

    def test_only_by_the_holder(self, item, member):
        with pytest.raises(NotAllowed):
            self.report(item, member)
        issued(make_member(), item)
        with pytest.raises(NotAllowed):
            self.report(item, member)
        assert not ItemReport.objects.exists()

    def test_not_without_the_right(self, item):
        viewer = make_viewer()
        issued(viewer, item)
        with pytest.raises(NotAllowed):
            self.report(item, viewer)

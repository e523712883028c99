"""Recording results of inspections, and correcting them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from equipment import inspection_rules
from equipment.documents import UnfitDocument
from equipment.models import (
    Attachment,
    EquipmentItem,
    InspectionResult,
)
from equipment.services import files, inspection_plans, inspections, issues
from equipment.services.locking import Gone
from equipment.tests.factories import PDF, ItemFactory
from equipment.tests.inspections.making import NOW, TODAY, ago, available, found, record, stands
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


class TestRecording:
    def test_passed_it_is_due_after_the_months(self, item, plan, technician):
        made = record(item, plan, technician)
        next_day = inspection_rules.add_months(TODAY, 12)
        assert stands(item) == (next_day, next_day)
        assert (made.done_by, made.recorded_by, made.recorded_at, made.who) == (
            technician, technician, NOW, "Technik Karel",
        )  # fmt: skip
        assert item.version == 2

    def test_the_history_of_the_item_tells_of_it(self, item, plan, technician):
        before = stands(item)[0]
        record(item, plan, technician)
        entry = AuditEntry.objects.get_for_object(item).order_by("id").last()
        assert (entry.summary, entry.actor) == ("AED 1 – BTK: Prošla", technician)
        assert entry.changes == {"inspection_due_on": [str(before), str(stands(item)[0])]}
        assert AuditEntry.objects.get_for_object(InspectionResult.objects.get()).exists()

    def test_failed_it_does_not_count_from_that_day_on_until_it_passes(self, item, plan, technician, admin):
        record(item, plan, technician, "failed", ago(2))
        assert not available(item)
        with pytest.raises(DomainError, match="prohlídk"):
            issues.issue(item.pk, make_member().pk, by=admin, at=NOW)
        record(item, plan, technician, done_on=ago(1))
        assert available(item)
        issues.issue(item.pk, make_member().pk, by=admin, at=NOW)

    def test_failed_and_passed_on_the_same_day(self, item, plan, technician):
        record(item, plan, technician, "failed")
        record(item, plan, technician, "passed")
        assert available(item)
        record(item, plan, technician, "failed")
        assert not available(item)

    def test_overdue_the_day_after(self, item, plan):
        left = (stands(item)[1] - TODAY).days
        assert available(item, left)
        assert not available(item, left + 1)

    def test_without_safety_it_still_counts(self, item, plan, technician, admin):
        plan.is_safety = False
        inspection_plans.save_plan(plan, by=admin)
        record(item, plan, technician, "failed")
        assert available(item)
        assert EquipmentItem.objects.inspection_overdue_on(TODAY).filter(pk=item.pk).exists()

    def test_an_outside_firm_and_its_own_day(self, item, plan, technician):
        made = record(item, plan, technician, done_by=None, firm=" Servis s.r.o. ", next_due=TODAY + timedelta(days=9))
        assert (made.who, stands(item)[1]) == ("Servis s.r.o.", TODAY + timedelta(days=9))

    def test_the_checklist_is_kept_as_it_was(self, item, plan, technician, admin):
        plan.checklist = "Elektrody\n\n  Baterie "
        inspection_plans.save_plan(plan, by=admin)
        with pytest.raises(DomainError, match="zaškrt"):
            record(item, plan, technician, ticked=[0])
        made = record(item, plan, technician, "remarks", ticked=[1, 7])
        assert (made.ticked, made.unticked) == ("Baterie", "Elektrody")
        assert record(item, plan, technician, done_on=ago(1), ticked=[0, 1]).pk

    def test_a_report_lies_among_the_documents_and_stays(self, item, plan, technician, admin):
        made = record(item, plan, technician, protocol=(PDF, "Protokol.pdf"))
        row = Attachment.objects.get()
        assert (made.protocol, row.category, row.added_by) == (row, "inspection_report", technician)
        with pytest.raises(DomainError):
            files.delete_file(row.pk, by=admin)

    def test_a_report_that_is_none(self, item, plan, technician):
        with pytest.raises(UnfitDocument):
            record(item, plan, technician, protocol=(b"x", "a.pdf"))
        assert not InspectionResult.objects.exists()

    @pytest.mark.parametrize(
        "fields",
        [
            {"done_on": TODAY + timedelta(days=1)},
            {"outcome": "failed", "note": " \n "},
            {"outcome": "remarks", "note": ""},
            {"outcome": "void"},
            {"firm": "Servis"},
            {"done_by": None},
            {"done_by": None, "firm": "\u200b"},
            {"next_due": TODAY},
            {"outcome": "failed", "next_due": TODAY + timedelta(days=9)},
            {"corrects": 0},
        ],
    )
    def test_what_cannot_be_true(self, item, plan, technician, fields):
        before = stands(item)
        with pytest.raises(DomainError):
            record(item, plan, technician, **fields)
        assert (InspectionResult.objects.count(), stands(item)) == (0, before)

    @pytest.mark.parametrize(
        "fields", [{"outcome": "great"}, {"note": "x" * 2001}, {"done_by": None, "firm": "x" * 121}]
    )
    def test_values_that_do_not_fit(self, item, plan, technician, fields):
        with pytest.raises(ValidationError):
            record(item, plan, technician, **fields)
        assert not InspectionResult.objects.exists()

    def test_a_day_long_ago_is_no_fault_of_ours(self, item, plan, technician):
        record(item, plan, technician, "failed", date.min)
        assert stands(item)[1] == date.min

    def test_not_by_somebody_who_has_left(self, item, plan, technician):
        with pytest.raises(DomainError):
            record(item, plan, technician, done_by=UserFactory(is_active=False).pk)

    def test_not_for_an_archived_item_or_plan_or_another_type(self, item, plan, technician, admin):
        with pytest.raises(DomainError):
            record(ItemFactory(type=item.type, is_archived=True), plan, technician)
        with pytest.raises(DomainError):
            record(ItemFactory(), plan, technician)
        inspection_plans.archive_plan(plan.pk, by=admin)
        with pytest.raises(DomainError):
            record(item, plan, technician)
        with pytest.raises(Gone):
            inspections.record(item.pk, 0, found(technician), by=technician, at=NOW)
        with pytest.raises(Gone):
            inspections.record(0, plan.pk, found(technician), by=technician, at=NOW)

    def test_the_same_twice_is_refused(self, item, plan, technician):
        record(item, plan, technician)
        with pytest.raises(DomainError, match="již"):
            record(item, plan, technician)
        assert InspectionResult.objects.count() == 1

    def test_only_by_whoever_has_the_right(self, item, plan):
        for who in (make_member(), make_viewer()):
            with pytest.raises(NotAllowed):
                record(item, plan, who)
        for who in (make_admin(), make_coordinator()):
            record(item, plan, who, done_on=ago(1 + InspectionResult.objects.count()))


class TestCorrecting:
    def test_the_newer_one_takes_its_place(self, item, plan, technician):
        wrong = record(item, plan, technician)
        made = record(item, plan, technician, done_on=ago(90), corrects=wrong.pk)
        assert stands(item)[1] == inspection_rules.add_months(ago(90), 12)
        assert list(InspectionResult.objects.counting()) == [made]

    def test_withdrawn_it_is_as_if_it_had_never_been(self, item, plan, technician):
        before = stands(item)
        wrong = record(item, plan, technician, "failed")
        withdrawn = record(item, plan, technician, "void", corrects=wrong.pk)
        assert stands(item) == before
        assert not InspectionResult.objects.counting().exists()
        with pytest.raises(DomainError):
            record(item, plan, technician, corrects=withdrawn.pk)
        record(item, plan, technician, "failed")

    def test_each_once_and_only_of_the_same_item_and_plan(self, item, plan, technician):
        wrong = record(item, plan, technician)
        record(item, plan, technician, done_on=ago(1), corrects=wrong.pk)
        with pytest.raises(DomainError, match="oprav"):
            record(item, plan, technician, done_on=ago(2), corrects=wrong.pk)
        with pytest.raises(Gone):
            record(ItemFactory(type=item.type), plan, technician, corrects=wrong.pk)

    def test_whoever_made_it_may_have_left(self, item, plan, technician):
        gone = UserFactory()
        wrong = record(item, plan, technician, done_by=gone.pk)
        gone.is_active = False
        gone.save()
        assert record(item, plan, technician, done_by=gone.pk, done_on=ago(1), corrects=wrong.pk).done_by == gone


class TestSeveral:
    def test_what_is_refused_is_reported(self, item, plan, technician):
        second, put_away = ItemFactory(type=item.type, name="AED 2"), ItemFactory(name="AED 3", is_archived=True)
        record(item, plan, technician)
        keys = [item.pk, second.pk, put_away.pk, 0]
        result = inspections.record_all(keys, plan.pk, found(technician), by=technician, at=NOW)
        assert result.changed == ["AED 2"]
        assert [name for name, _why in result.skipped] == ["AED 1", "AED 3"]
        assert InspectionResult.objects.count() == 2

    def test_only_by_whoever_has_the_right(self, item, plan):
        with pytest.raises(NotAllowed):
            inspections.record_all([item.pk], plan.pk, found(make_member()), by=make_member(), at=NOW)

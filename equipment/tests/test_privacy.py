"""What this app gives out of a person, what hinders erasing them, and what becomes of their traces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment.models import EquipmentItem, Issue, ItemReport, Link
from equipment.privacy import EquipmentData
from equipment.services import files, issues
from equipment.tests.factories import ItemFactory, PlanFactory, inspected, issued
from roster import services
from roster.services import erasure
from roster.services.erasure import CannotBeErased
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def person():
    return make_member(name="Nováková Žofie", email="zofie@example.org", phone="601 234 567")


def erase(person, admin):
    services.archive(person.pk, by=admin, at=NOW)
    return erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)


def test_gives_out_what_the_person_has_and_had_and_of_others_nothing(person):
    item = ItemFactory(name="AED 1")
    issues.take(item.pk, by=person, at=NOW)
    issues.report(item.pk, kind="note", text="Chybí obal.", by=person, at=NOW)
    issued(make_member(), ItemFactory(name="Cizí"))
    parts = {part.key: part.as_data() for part in EquipmentData().export(person)}
    assert [row["item"] for row in parts["equipment"]] == ["AED 1"]
    assert parts["equipment"][0]["returned_at"] is None
    assert [(row["kind"], row["text"]) for row in parts["equipment_reports"]] == [("note", "Chybí obal.")]
    assert parts["equipment_files"] == []


def test_whoever_has_not_returned_everything_is_not_erased(person, admin):
    issued(person, ItemFactory(name="AED 1"))
    with pytest.raises(CannotBeErased, match="AED 1"):
        erase(person, admin)


def test_what_was_issued_stays_and_names_in_texts_go(person, admin):
    item = ItemFactory(notes="Klíč má Žofie Nováková, 601234567.", place="Skříň Nováková Žofie")
    issued(person, item, issued_at=NOW - timedelta(days=2), returned_at=NOW)
    ItemReport.objects.create(item=item, person=person, text="Volejte mi: 601 234 567", created=NOW)
    files.add_link(item.pk, title="Návod od Nováková Žofie", url="https://example.org", by=admin)
    version = EquipmentItem.objects.get().version
    erased = erase(person, admin)
    stored = EquipmentItem.objects.get()
    texts = f"{stored.notes} {stored.place} {ItemReport.objects.get().text} {Link.objects.get().title}"
    assert "Novák" not in texts
    assert "601" not in texts
    assert stored.version > version
    assert Issue.objects.get().person == erased


def test_gives_out_the_inspections_that_the_person_made_or_recorded(person, admin):
    plan = PlanFactory(name="BTK")
    item = ItemFactory(name="AED 1", type=plan.type)
    day = NOW.date()
    inspected(item, plan, day - timedelta(days=3), firm="", done_by=person, recorded_by=admin)
    inspected(item, plan, day - timedelta(days=2), "failed", recorded_by=person)
    inspected(item, plan, day - timedelta(days=1), recorded_by=admin)
    parts = {part.key: part.rows for part in EquipmentData().export(person)}
    rows = parts["equipment_inspections"]
    assert [(row["outcome"].value, row["done_by_you"], row["recorded_by_you"]) for row in rows] == [
        ("passed", True, False),
        ("failed", False, True),
    ]


def test_who_inspected_stays_and_names_in_texts_of_inspections_go(person, admin):
    plan = PlanFactory(checklist="Zavolat Žofie Nováková")
    item = ItemFactory(type=plan.type)
    texts = {"note": "Ověřila Nováková Žofie.", "ticked": plan.checklist, "unticked": "Žofie Nováková, 601234567"}
    row = inspected(item, plan, NOW.date(), "remarks", firm="Nováková Žofie – servis", recorded_by=person, **texts)
    erased = erase(person, admin)
    row.refresh_from_db()
    plan.refresh_from_db()
    left = f"{row.firm} {row.note} {row.ticked} {row.unticked} {plan.checklist}"
    assert ("Novák" in left, "601" in left, "servis" in left) == (False, False, True)
    assert row.recorded_by == erased


def test_what_would_go_and_stay_is_foretold(person, admin):
    item = ItemFactory(notes="Klíč má Nováková Žofie.")
    issued(person, item, returned_at=NOW + timedelta(hours=1))
    services.archive(person.pk, by=admin, at=NOW)
    person.refresh_from_db()
    told = erasure.forecast(person, by=admin, at=NOW)
    assert "vydání a vrácení vybavení" in [str(finding.words) for finding in told.stays]
    assert "jméno a kontakty v textech o vybavení" in [str(finding.words) for finding in told.goes]

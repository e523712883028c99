"""What this app gives out of a person, what hinders erasing them, and what becomes of their traces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment.models import Consumable, EquipmentItem, Issue, ItemReport, Link, Movement, Repair, RepairEntry
from equipment.privacy import EquipmentData
from equipment.services import files, issues, lots, usage
from equipment.services.repairs import opening, strangers, work
from equipment.services.repairs.opening import Problem, Stranger
from equipment.tests.factories import (
    ConsumableFactory,
    ItemFactory,
    PlanFactory,
    inspected,
    issued,
    make_technician,
    packed,
    stocked,
)
from events.tests.factories import EventFactory, PositionFactory, put
from roster import services
from roster.privacy.identity import identity_of
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


def test_gives_out_what_the_person_recorded_about_consumables(person):
    kind = ConsumableFactory(name="Obinadlo", unit="ks")
    stocked(kind, 5)
    event = EventFactory(name="Koncert", start=NOW - timedelta(hours=1), end=NOW)
    put(person, PositionFactory(event=event))
    usage.use_on_event(event.pk, [(kind.pk, 2)], note="Kolo", by=person, at=NOW)
    (row,) = next(part for part in EquipmentData().export(person) if part.key == "consumables").as_data()
    assert (row["consumable"], row["quantity"], row["kind"], row["event"], row["note"]) == (
        "Obinadlo", -2, "used", "Koncert", "Kolo",
    )  # fmt: skip


def test_what_was_recorded_about_consumables_stays_without_the_name(person, admin):
    kind = ConsumableFactory(description="Objednává Nováková Žofie.")
    lot = stocked(kind, 5)
    lots.dispose(lot.pk, 1, note="Rozlila Žofie Nováková", by=admin, at=NOW)
    erase(person, admin)
    texts = f"{Consumable.objects.get().description} {Movement.objects.get(kind='disposed').note}"
    assert "Novák" not in texts
    assert Movement.objects.get(kind="disposed").quantity == -1


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


def test_what_was_packed_is_given_out_and_stays_under_the_pseudonym(person, admin):
    event, item = EventFactory(name="Koncert"), ItemFactory(name="AED 1")
    row = packed(event, item, taken_by=person, returned_by=person, outcome="in_order")
    packed(event, ItemFactory(name="Cizí"), taken_by=admin)
    parts = {part.key: part.as_data() for part in EquipmentData().export(person)}
    assert [(told["event"], told["item"]) for told in parts["equipment_packing"]] == [("Koncert", "AED 1")] * 2
    services.archive(person.pk, by=admin, at=NOW)
    person.refresh_from_db()
    told = {str(finding.words): finding.count for finding in erasure.forecast(person, by=admin, at=NOW).stays}
    assert told["balení vybavení na akce a jeho vracení"] == 1
    erased = erasure.erase(person.pk, typed=person.email, by=admin, at=NOW)
    row.refresh_from_db()
    assert row.taken_by == row.returned_by == erased


def test_repairs_reported_and_worked_on_are_given_out(person, admin):
    item = ItemFactory(name="AED 1")
    mine = opening.report(item.pk, Problem("Kouří", "down"), by=person, at=NOW).repair
    theirs = opening.report(item.pk, Problem("Cizí"), by=make_member(), at=NOW).repair
    technician = make_technician()
    work.claim(theirs.pk, by=technician, at=NOW)
    work.add_note(mine.pk, "Zkoumám", by=technician, at=NOW)
    reported = {part.key: part.as_data() for part in EquipmentData().export(person)}["repairs_reported"]
    assert [(row["repair"], row["text"]) for row in reported] == [(mine.pk, "Kouří")]
    parts = {part.key: part.as_data() for part in EquipmentData().export(technician)}
    assert [row["repair"] for row in parts["repairs_assigned"]] == [theirs.pk]
    assert {row["kind"] for row in parts["repair_work"]} == {"status", "assignee", "note"}


def test_what_is_told_of_repairs_stays_without_the_name(person, admin):
    item = ItemFactory()
    mine = opening.report(item.pk, Problem("Volejte 601 234 567", "down"), by=person, at=NOW).repair
    stranger = Stranger("Žofie Nováková", "zofie@example.org")
    other = opening.report(item.pk, Problem("Kouří"), by=None, at=NOW, stranger=stranger).repair
    work.save(other.pk, by=admin, at=NOW, specialist_text="Ví Nováková Žofie", note="Volala Nováková Žofie.")
    entries = RepairEntry.objects.count()
    erased = erase(person, admin)
    told = " ".join(f"{entry.text} {entry.author_name} {entry.old} {entry.new}" for entry in RepairEntry.objects.all())
    kept = " ".join(f"{row.description} {row.specialist_text} {row.reporter_name} {row.reporter_email}"
                    for row in Repair.objects.all())  # fmt: skip
    assert not [trace for trace in ("Novák", "601", "zofie@") if trace in told + kept]
    assert RepairEntry.objects.count() == entries
    assert Repair.objects.get(pk=mine.pk).reporter == erased


def reported_from_outside(email, *, name="Žofinka", text="Nesvítí kontrolka, volejte 601 234 567."):
    stranger, at = Stranger(name, email), NOW - timedelta(days=9)
    return opening.report(ItemFactory().pk, Problem(text), by=None, at=at, stranger=stranger).repair


def of_public_pages(person):
    return {part.key: part.as_data() for part in EquipmentData().export(person)}["repairs_reported_without_login"]


def test_what_was_reported_under_the_e_mail_without_logging_in_is_given_out_with_how_long_it_is_kept(person, admin):
    row, closed = reported_from_outside("Zofie@Example.ORG"), reported_from_outside("zofie@example.org")
    reported_from_outside("jina@example.org"), reported_from_outside("")
    work.save(closed.pk, by=admin, at=NOW, status="resolved", note="Hotovo.")
    first, second = of_public_pages(person)
    assert (first["repair"], first["name"], first["email"]) == (row.pk, "Žofinka", "Zofie@Example.ORG")
    assert (first["kept_until"], second["kept_until"]) == (None, NOW + timedelta(days=90))
    assert of_public_pages(admin) == []


def test_an_account_without_an_e_mail_is_given_out_nothing_of_strangers():
    reported_from_outside("")
    assert not Repair.objects.reported_without_account(["", ""]).exists()


def test_contacts_on_reports_sent_without_logging_in_go_with_the_account(person, admin):
    row, other = reported_from_outside("ZOFIE@example.org"), reported_from_outside("jina@example.org", text="Kouří.")
    version = row.version
    (found,) = [one for one in EquipmentData().goes(identity_of(person)) if "bez přihlášení" in str(one.words)]
    assert found.count == 1
    erased = erase(person, admin)
    for one in (row, other):
        one.refresh_from_db()
    assert (row.reporter_name, row.reporter_email) == (erased.name, "")
    assert {entry.author_name for entry in row.entries.all()} == {erased.name}
    assert row.description == f"Nesvítí kontrolka, volejte {erased.name}."
    assert row.version > version
    assert (other.reporter_name, other.reporter_email, other.description) == ("Žofinka", "jina@example.org", "Kouří.")
    assert strangers.forget_reporters(at=NOW + timedelta(days=900)) == 0  # still open


def test_a_former_e_mail_that_somebody_else_has_by_now_is_left_to_them(person, admin):
    services.update_person(person.pk, by=admin, email="nova@example.org")
    person.refresh_from_db()
    heir = make_member(email="zofie@example.org")
    row = reported_from_outside("zofie@example.org")
    erase(person, admin)
    row.refresh_from_db()
    assert row.reporter_email == "zofie@example.org"
    assert len(of_public_pages(heir)) == 1

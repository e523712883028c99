"""Services of repairs."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.utils import timezone
from PIL import Image

from equipment.models import EquipmentItem, Repair, RepairEntry, RepairPhoto
from equipment.models.repair import MOST_PHOTOS
from equipment.repairs.rules import CLOSED, OPEN, Status
from equipment.services.locking import Gone
from equipment.services.repairs import opening, photos, work
from equipment.services.repairs.opening import Picture, Problem, Stranger
from equipment.signals import repair_changed
from equipment.tests.factories import ItemFactory, make_technician, repair_of
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.signatures.refusals import UnfitPicture
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
KIND = RepairEntry.Kind
#: Shows nothing, whatever it is made of: space, control characters, marks without width.
INVISIBLE = ["", " \n\t ", "\x00\x07", "\u200b\u200d\ufeff", "\u00a0\u2028"]


@pytest.fixture
def technician():
    return make_technician(name="Opravil Jan")


@pytest.fixture
def item():
    return ItemFactory(name="AED 1")


@pytest.fixture
def repair(item):
    return repair_of(item)


@pytest.fixture
def heard():
    """What whoever listens is told."""
    told: list = []

    def listen(**said):
        told.append((said["before"] and said["before"].status, said["after"].status))

    repair_changed.connect(listen, weak=False)
    yield told
    repair_changed.disconnect(listen)


def fresh(repair: Repair) -> Repair:
    return Repair.objects.get(pk=repair.pk)


def lines(repair: Repair) -> list[tuple[str, str, str, str]]:
    """The timeline, oldest first."""
    entries = repair.entries.order_by("id")
    return [(entry.kind, entry.old, entry.new, entry.text) for entry in entries]


def records(repair: Repair) -> list[AuditEntry]:
    return list(AuditEntry.objects.get_for_object(repair).order_by("id"))


def picture() -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Tajny fotoaparat"
    Image.new("RGB", (400, 300), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


class TestReporting:
    def test_by_a_member(self, item, heard):
        member = make_member()
        made = opening.report(item.pk, Problem("  Nejde   zapnout. "), by=member, at=NOW).repair
        assert (made.description, made.severity, made.status) == ("Nejde zapnout.", "unsure", "new")
        assert (made.reporter, made.reporter_name, made.assignee, made.created) == (member, "", None, NOW)
        entry = made.entries.get()
        assert (entry.kind, entry.author, entry.created) == (KIND.CREATED, member, NOW)
        assert len(records(made)) == 1
        assert heard == [(None, "new")]

    def test_by_a_stranger(self, item):
        """Their name stands in the repair and in its timeline, and nowhere else."""
        stranger = Stranger(" Kolem  Jdoucí ", "kolem@example.org")
        made = opening.report(item.pk, Problem("Kouří", "down"), by=None, at=NOW, stranger=stranger).repair
        assert (made.reported_by, made.reporter_email, made.entries.get().written_by) == (
            "Kolem Jdoucí", "kolem@example.org", "Kolem Jdoucí",
        )  # fmt: skip
        assert "Kolem" not in str(records(made)[0].changes)
        assert "kolem@" not in str(records(made)[0].changes)

    @pytest.mark.parametrize("stranger", [Stranger("x" * 201), Stranger("Jan", "nonsense"), Stranger("J", "x" * 300)])
    def test_strange_strangers(self, item, stranger):
        with pytest.raises(ValidationError):
            opening.report(item.pk, Problem("Kouří"), by=None, at=NOW, stranger=stranger)
        assert not Repair.objects.exists()

    def test_with_a_picture(self, item, settings):
        member = make_member()
        made = opening.report(item.pk, Problem("Kouří"), by=member, at=NOW, picture=Picture(picture(), "../a.jpg"))
        row = RepairPhoto.objects.get()
        assert (made.picture_refused, row.name, row.added_by) == ("", "a.jpg", member)
        assert b"Tajny" not in row.file.read()
        assert [entry.kind for entry in made.repair.entries.order_by("id")] == [KIND.CREATED, KIND.PHOTO]
        assert made.repair.entries.get(kind=KIND.PHOTO).photo == row

    @pytest.mark.parametrize("data", [b"", b"nonsense", b"GIF89a", b"%PDF-1.7"])
    def test_a_bad_picture_does_not_keep_it_back(self, item, data):
        made = opening.report(item.pk, Problem("Kouří"), by=make_member(), at=NOW, picture=Picture(data))
        assert made.picture_refused
        assert Repair.objects.exists()
        assert not RepairPhoto.objects.exists()

    @pytest.mark.parametrize("text", [*INVISIBLE, "x" * 5001])
    def test_what_says_nothing_or_too_much(self, item, text):
        with pytest.raises(DomainError):
            opening.report(item.pk, Problem(text), by=make_member(), at=NOW)
        assert not Repair.objects.exists()

    def test_an_unknown_severity(self, item):
        with pytest.raises(ValidationError):
            opening.report(item.pk, Problem("Kouří", "terrible"), by=make_member(), at=NOW)

    @pytest.mark.parametrize("roles", [[], [Role.VIEWER], [Role.DEBRIEFING_MANAGER]])
    def test_not_without_the_right(self, item, roles):
        with pytest.raises(NotAllowed):
            opening.report(item.pk, Problem("Kouří"), by=UserFactory(roles=roles), at=NOW)

    def test_not_of_what_is_archived_or_gone(self):
        with pytest.raises(DomainError):
            opening.report(ItemFactory(is_archived=True).pk, Problem("Kouří"), by=make_member(), at=NOW)
        with pytest.raises(Gone):
            opening.report(0, Problem("Kouří"), by=make_member(), at=NOW)


class TestCreating:
    def test_begins_as_new_also_with_an_assignee(self, item, technician):
        other = make_technician()
        made = opening.create(item.pk, Problem("Kouří"), by=technician, at=NOW, assignee_id=other.pk)
        assert (made.status, made.severity, made.assignee, made.reporter) == ("new", "", other, None)
        assert made.entries.get().author == technician

    def test_by_whoever_works_on_repairs(self, item):
        for by in (make_member(), make_viewer()):
            with pytest.raises(NotAllowed):
                opening.create(item.pk, Problem("Kouří"), by=by, at=NOW)
        for by in (make_admin(), make_coordinator()):
            assert opening.create(item.pk, Problem("Kouří"), by=by, at=NOW)

    def test_only_people_who_work_on_repairs_are_assigned(self, item, technician):
        left = make_technician(is_active=False)
        for key in (make_member().pk, left.pk, uuid.uuid4(), "nonsense"):
            with pytest.raises(DomainError):
                opening.create(item.pk, Problem("Kouří"), by=technician, at=NOW, assignee_id=key)
        assert not Repair.objects.exists()


class TestTransitions:
    @pytest.mark.parametrize("before", Status)
    def test_any_status_may_follow_any_other(self, item, technician, before):
        other, another = repair_of(item), repair_of(item)
        for after in Status:
            row = repair_of(item, status=before, duplicate_of=other if before == Status.DUPLICATE else None)
            target = {"duplicate_of_id": another.pk} if after == Status.DUPLICATE else {}
            work.save(row.pk, by=technician, at=NOW, version=1, status=after, **target)
            stored = fresh(row)
            assert stored.status == after
            assert stored.duplicate_of == (another if after == Status.DUPLICATE else None)
            told = [entry[:3] for entry in lines(row) if entry[0] == KIND.STATUS]
            assert told == ([(KIND.STATUS, before, after)] if before != after else [])

    def test_a_duplicate_needs_its_target_and_no_other_status_has_one(self, item, technician):
        other = repair_of(item)
        for status in (status for status in Status if status != Status.DUPLICATE):
            row = repair_of(item, status=status)
            with pytest.raises(DomainError, match="kterou tato"):
                work.save(row.pk, by=technician, at=NOW, status=Status.DUPLICATE)
            with pytest.raises(DomainError, match="jako duplicita"):
                work.save(row.pk, by=technician, at=NOW, status=status, duplicate_of_id=other.pk)
            assert (fresh(row).status, fresh(row).version) == (status, 1)

    @pytest.mark.parametrize("status", ["", "nonsense", "NEW", None, "x" * 900])
    def test_an_unknown_status(self, repair, technician, status):
        with pytest.raises(ValidationError):
            work.save(repair.pk, by=technician, at=NOW, status=status)

    def test_reopening_and_closing_change_what_is_available(self, item, technician):
        row = repair_of(item, severity="down", status=Status.RESOLVED)
        assert EquipmentItem.objects.available_at(NOW).exists()
        work.save(row.pk, by=technician, at=NOW, status=Status.IN_PROGRESS)
        assert not EquipmentItem.objects.available_at(NOW).exists()
        work.save(row.pk, by=technician, at=NOW, status=Status.NO_ISSUE)
        assert EquipmentItem.objects.available_at(NOW).exists()


class TestDuplicates:
    def test_of_another_item_of_itself_of_nothing_and_in_a_circle(self, item, technician):
        row = repair_of(item)
        pointing = repair_of(item, status=Status.DUPLICATE, duplicate_of=row)
        for target in (repair_of().pk, row.pk, 0, 10**30, pointing.pk):
            with pytest.raises(DomainError):
                work.save(row.pk, by=technician, at=NOW, status=Status.DUPLICATE, duplicate_of_id=target)
        assert fresh(row).status == Status.NEW

    def test_chains_and_closed_ones(self, item, technician):
        closed = repair_of(item, status=Status.RESOLVED)
        middle = repair_of(item, status=Status.DUPLICATE, duplicate_of=closed)
        row = repair_of(item)
        work.save(row.pk, by=technician, at=NOW, status=Status.DUPLICATE, duplicate_of_id=middle.pk)
        assert fresh(row).duplicate_of == middle
        assert lines(row)[-1][:3] == (KIND.DUPLICATE, "", str(middle.pk))

    def test_the_target_may_be_changed_and_not_be_cleared(self, item, technician):
        one, other = repair_of(item), repair_of(item)
        row = repair_of(item, status=Status.DUPLICATE, duplicate_of=one)
        with pytest.raises(DomainError):
            work.save(row.pk, by=technician, at=NOW, duplicate_of_id=None)
        work.save(row.pk, by=technician, at=NOW, duplicate_of_id=other.pk)
        assert fresh(row).duplicate_of == other

    def test_a_form_that_still_has_the_old_target_clears_it(self, item, technician):
        one = repair_of(item)
        row = repair_of(item, status=Status.DUPLICATE, duplicate_of=one)
        work.save(row.pk, by=technician, at=NOW, status=Status.NEW, duplicate_of_id=one.pk)
        assert fresh(row).duplicate_of is None
        assert [line[0] for line in lines(row)] == [KIND.STATUS, KIND.DUPLICATE]

    def test_the_database_knows(self, item):
        row = repair_of(item)
        for values in ({"status": Status.DUPLICATE}, {"duplicate_of": row.pk}, {"status": "x"}, {"severity": "x"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Repair.objects.filter(pk=row.pk).update(**values)


class TestSaving:
    def test_everything_at_once(self, repair, item, technician, heard):
        target = repair_of(item)
        wanted = {
            "status": Status.DUPLICATE, "severity": "degraded", "assignee_id": technician.pk, "eta": date(2027, 5, 1),
            "specialist_text": "Poslat  k výrobci.", "duplicate_of_id": target.pk,
        }  # fmt: skip
        work.save(repair.pk, by=technician, at=NOW, version=1, note=" Hotovo. ", **wanted)
        assert lines(repair) == [
            (KIND.STATUS, "new", "duplicate", ""),
            (KIND.SEVERITY, "", "degraded", ""),
            (KIND.ASSIGNEE, "", "Opravil Jan", ""),
            (KIND.ETA, "", "2027-05-01", ""),
            (KIND.DUPLICATE, "", str(target.pk), ""),
            (KIND.SPECIALIST, "", "", "Poslat k výrobci."),
            (KIND.NOTE, "", "", "Hotovo."),
        ]
        (record,) = records(repair)
        assert (record.kind, record.actor) == (AuditEntry.Kind.STATUS, technician)
        assert record.changes["note"] == ["", "Hotovo."]
        assert record.changes["status"] == ["new", "duplicate"]
        assert record.changes.keys() == {
            "status", "severity", "assignee", "eta", "specialist_text", "duplicate_of", "note",
        }  # fmt: skip
        assert fresh(repair).version == 2
        assert heard == [("new", "duplicate")]

    def test_nothing_new_writes_nothing(self, item, technician, heard):
        row = repair_of(item, assignee=technician, eta=date(2027, 5, 1), severity="down", specialist_text="X")
        same = {"status": "new", "severity": "down", "assignee_id": str(technician.pk), "eta": date(2027, 5, 1)}
        work.save(
            row.pk, by=technician, at=NOW, version=1, note=" ", specialist_text="X ", duplicate_of_id=None, **same
        )
        assert (lines(row), records(row), fresh(row).version, heard) == ([], [], 1, [])

    def test_clearing(self, item, technician):
        row = repair_of(item, assignee=technician, eta=date(2027, 5, 1), severity="down")
        work.save(row.pk, by=technician, at=NOW, assignee_id=None, eta=None, severity="")
        assert lines(row) == [
            (KIND.SEVERITY, "down", "", ""), (KIND.ASSIGNEE, "Opravil Jan", "", ""), (KIND.ETA, "2027-05-01", "", ""),
        ]  # fmt: skip

    def test_an_assignee_who_has_left_stays_until_somebody_else_comes(self, item, technician):
        left = make_technician(is_active=False)
        row = repair_of(item, assignee=left)
        work.save(row.pk, by=technician, at=NOW, assignee_id=left.pk, eta=date(2020, 1, 1))
        assert fresh(row).assignee == left

    @pytest.mark.parametrize("wanted", [
        {"severity": "terrible"}, {"assignee_id": "nonsense"}, {"assignee_id": uuid.uuid4()}, {"note": "x" * 5001},
        {"specialist_text": "x" * 5001}, {"eta": "someday"},
    ])  # fmt: skip
    def test_bad_values_change_nothing(self, repair, technician, wanted):
        with pytest.raises((DomainError, ValidationError)):
            work.save(repair.pk, by=technician, at=NOW, status=Status.ASSIGNED, **wanted)
        assert (lines(repair), records(repair), fresh(repair).status) == ([], [], Status.NEW)

    def test_unknown_columns(self, repair, technician):
        for column in ("description", "is_safety_risk", "reporter", "nonsense"):
            with pytest.raises(TypeError):
                work.save(repair.pk, by=technician, at=NOW, **{column: "x"})

    def test_a_stale_form(self, repair, technician):
        with pytest.raises(StaleRecord):
            work.save(repair.pk, by=technician, at=NOW, version=7, note="Ahoj")
        assert lines(repair) == []

    def test_not_without_the_right(self, repair):
        for by in (make_member(), make_viewer(), UserFactory(roles=[])):
            for change in (
                lambda by=by: work.save(repair.pk, by=by, at=NOW, note="x"),
                lambda by=by: work.claim(repair.pk, by=by, at=NOW),
                lambda by=by: work.resolve(repair.pk, note="x", by=by, at=NOW),
                lambda by=by: work.add_note(repair.pk, "x", by=by, at=NOW),
                lambda by=by: photos.add_photo(repair.pk, picture(), name="a", by=by, at=NOW),
            ):
                with pytest.raises(NotAllowed):
                    change()
        assert lines(repair) == []

    def test_what_does_not_exist(self, technician):
        for key in (0, 10**30):
            with pytest.raises(Gone):
                work.save(key, by=technician, at=NOW, note="x")


class TestClaiming:
    def test_what_is_new_becomes_assigned(self, repair, technician):
        work.claim(repair.pk, by=technician, at=NOW, version=1)
        assert (fresh(repair).status, fresh(repair).assignee) == (Status.ASSIGNED, technician)
        assert len(records(repair)) == 1

    @pytest.mark.parametrize("status", OPEN[1:])
    def test_other_open_ones_stay_where_they_are(self, item, technician, status):
        row = repair_of(item, status=status, assignee=make_technician())
        work.claim(row.pk, by=technician, at=NOW)
        assert (fresh(row).status, fresh(row).assignee) == (status, technician)

    def test_twice(self, repair, technician):
        work.claim(repair.pk, by=technician, at=NOW)
        with pytest.raises(DomainError, match="už je vaše"):
            work.claim(repair.pk, by=technician, at=NOW)

    @pytest.mark.parametrize("status", [Status.RESOLVED, Status.NO_ISSUE])
    def test_not_what_is_closed(self, item, technician, status):
        with pytest.raises(DomainError, match="je uzavřená"):
            work.claim(repair_of(item, status=status).pk, by=technician, at=NOW)


class TestResolving:
    @pytest.mark.parametrize("status", OPEN)
    def test_with_a_note(self, item, technician, status):
        row = repair_of(item, status=status)
        work.resolve(row.pk, note="Vyměněna baterie.", by=technician, at=NOW, version=1)
        assert lines(row) == [(KIND.STATUS, status, "resolved", ""), (KIND.NOTE, "", "", "Vyměněna baterie.")]

    @pytest.mark.parametrize("note", INVISIBLE)
    def test_the_note_shows_something(self, repair, technician, note):
        with pytest.raises(DomainError, match="co bylo uděláno"):
            work.resolve(repair.pk, note=note, by=technician, at=NOW)
        assert fresh(repair).is_open

    @pytest.mark.parametrize("status", sorted(CLOSED - {Status.DUPLICATE}))
    def test_not_what_is_closed(self, item, technician, status):
        row = repair_of(item, status=status)
        with pytest.raises(DomainError, match="je uzavřená"):
            work.resolve(row.pk, note="x", by=technician, at=NOW)


class TestNotesAndPhotos:
    def test_a_note_also_of_a_closed_one(self, item, technician, heard):
        row = repair_of(item, status=Status.RESOLVED)
        work.add_note(row.pk, "Drží.", by=technician, at=NOW)
        assert lines(row) == [(KIND.NOTE, "", "", "Drží.")]
        assert (fresh(row).version, heard) == (1, [])
        assert records(row)[0].changes == {"note": ["", "Drží."]}

    @pytest.mark.parametrize("text", [*INVISIBLE, "x" * 5001])
    def test_a_note_shows_something(self, repair, technician, text):
        with pytest.raises(DomainError):
            work.add_note(repair.pk, text, by=technician, at=NOW)

    def test_a_photo(self, repair, technician, settings):
        row = photos.add_photo(repair.pk, picture(), name="C:\\Fotky\\kouř.jpg", by=technician, at=NOW)
        (stored,) = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
        assert (row.name, row.size, "kouř" in stored.name) == ("kouř.jpg", stored.stat().st_size, False)
        assert repair.entries.get().photo == row
        assert len(AuditEntry.objects.get_for_object(row)) == 1

    def test_no_photo(self, repair, technician):
        with pytest.raises(UnfitPicture):
            photos.add_photo(repair.pk, b"nonsense", name="a.jpg", by=technician, at=NOW)

    def test_not_too_many(self, repair, technician, settings):
        for _number in range(MOST_PHOTOS):
            RepairPhoto.objects.create(repair=repair, file="x.jpg", name="x", size=1, created=NOW)
        with pytest.raises(DomainError, match="příliš mnoho"):
            photos.add_photo(repair.pk, picture(), name="a.jpg", by=technician, at=NOW)
        assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


class TestTimeline:
    def test_grows_only(self, repair, technician):
        work.add_note(repair.pk, "Drží.", by=technician, at=NOW)
        for change in (
            lambda: repair.entries.all().delete(),
            lambda: repair.entries.update(kind=KIND.STATUS),
            lambda: repair.entries.update(author=None),
            lambda: repair.entries.update(created=NOW - timedelta(days=1)),
        ):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                change()
        assert lines(repair) == [(KIND.NOTE, "", "", "Drží.")]

    def test_since_when_it_is_where_it_is(self, item, technician):
        row = repair_of(item, created=NOW - timedelta(days=9))
        assert Repair.objects.with_status_since().get().status_since == row.created
        for days, status in ((8, "assigned"), (7, "in_progress"), (5, "assigned")):
            work.save(row.pk, by=technician, at=NOW - timedelta(days=days), status=status)
        assert Repair.objects.with_status_since().get().status_since == NOW - timedelta(days=5)

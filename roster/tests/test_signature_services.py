"""Keeping and forgetting a signature."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.models import Signature, User
from roster.models.signature import MAX_BYTES
from roster.rights import Role
from roster.services.signatures import delete_signature, save_signature
from roster.signatures import pipeline
from roster.signatures.refusals import UnfitPicture
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer
from roster.tests.pictures import drawing, saved

pytestmark = pytest.mark.django_db

SCRIBBLE = saved(drawing(), "JPEG")
OTHER = saved(drawing((600, 400)), "PNG")


def kept(person: User) -> bytes | None:
    return Signature.objects.picture_of(person)


def entries(person: User):
    return AuditEntry.objects.filter(object_pk=str(person.pk)).order_by("id")


class TestSave:
    def test_keeps_what_the_pipeline_makes_of_the_picture(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        assert kept(person) == pipeline.signature_png(SCRIBBLE)
        assert Signature.objects.get(person=person).media_type == "image/png"

    def test_replaces_the_one_before(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        save_signature(OTHER, by=person)
        assert kept(person) == pipeline.signature_png(OTHER)
        assert Signature.objects.of(person).count() == 1

    def test_counts_and_is_recorded_without_the_picture(self):
        person = make_member(name="Dvořák Petr")
        before = entries(person).count()
        assert save_signature(SCRIBBLE, by=person, version=1).version == 2
        assert entries(person).count() == before + 1
        entry = entries(person).last()
        assert (entry.actor, entry.kind, entry.changes) == (person, AuditEntry.Kind.EDIT, {})
        assert entry.summary == "Podpis uložen: Dvořák Petr"
        assert not AuditEntry.objects.filter(content_type__model="signature").exists()

    def test_of_the_same_picture_writes_nothing(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        recorded = entries(person).count()
        assert save_signature(SCRIBBLE, by=person, version=2).version == 2
        assert entries(person).count() == recorded

    def test_with_an_old_version_is_refused(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        with pytest.raises(StaleRecord):
            save_signature(OTHER, by=person, version=1)
        assert kept(person) == pipeline.signature_png(SCRIBBLE)

    def test_of_what_is_no_picture_changes_nothing(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        with pytest.raises(UnfitPicture):
            save_signature(b"no picture", by=person)
        assert kept(person) == pipeline.signature_png(SCRIBBLE)
        person.refresh_from_db()
        assert person.version == 2

    @pytest.mark.parametrize("role", Role)
    def test_is_for_those_who_make_work_reports(self, role):
        person = UserFactory(roles=[role])
        if role in (Role.ADMIN, Role.COORDINATOR, Role.MEMBER):
            save_signature(SCRIBBLE, by=person)
        else:
            with pytest.raises(NotAllowed):
                save_signature(SCRIBBLE, by=person)
        assert Signature.objects.of(person).exists() is (role in (Role.ADMIN, Role.COORDINATOR, Role.MEMBER))

    def test_is_each_person_s_own(self):
        one, other = make_member(), make_coordinator()
        save_signature(SCRIBBLE, by=one)
        save_signature(OTHER, by=other)
        assert (kept(one), kept(other)) == (pipeline.signature_png(SCRIBBLE), pipeline.signature_png(OTHER))


class TestDelete:
    def test_forgets_and_is_recorded(self):
        person = make_member(name="Dvořák Petr")
        save_signature(SCRIBBLE, by=person)
        assert delete_signature(by=person, version=2).version == 3
        assert kept(person) is None
        assert entries(person).last().summary == "Podpis smazán: Dvořák Petr"

    def test_leaves_those_of_others(self):
        person, other = make_member(), make_member()
        save_signature(SCRIBBLE, by=other)
        save_signature(SCRIBBLE, by=person)
        delete_signature(by=person)
        assert kept(other) is not None

    def test_of_none_is_refused(self):
        with pytest.raises(DomainError):
            delete_signature(by=make_member())

    def test_with_an_old_version_is_refused(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        with pytest.raises(StaleRecord):
            delete_signature(by=person, version=1)
        assert kept(person) is not None

    def test_needs_the_right(self):
        with pytest.raises(NotAllowed):
            delete_signature(by=make_viewer())


class TestRow:
    @pytest.mark.parametrize(
        "fields",
        [{"picture": b""}, {"picture": bytes(MAX_BYTES + 1)}, {"picture": b"x", "media_type": "image/svg+xml"}],
    )
    def test_the_database_keeps_size_and_type(self, fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(person=make_member(), **fields)

    def test_fifty_kilobytes_fit(self):
        person = make_member()
        Signature.objects.create(person=person, picture=bytes(MAX_BYTES))
        assert len(kept(person)) == MAX_BYTES == pipeline.MAX_RESULT_BYTES

    def test_no_read_of_a_person_carries_it_along(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        with CaptureQueriesContext(connection) as captured:
            list(User.objects.select_related().prefetch_related("groups"))
            list(User.objects.all())
        assert "signature" not in " ".join(query["sql"] for query in captured.captured_queries)

    def test_whether_there_is_one_is_told_without_loading_it(self):
        person = make_member()
        save_signature(SCRIBBLE, by=person)
        with CaptureQueriesContext(connection) as captured:
            assert Signature.objects.of(person).exists()
        assert '"picture"' not in captured.captured_queries[0]["sql"]

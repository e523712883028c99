"""The record: complete, attributed, free of secrets, and never changed."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from auditlog.registry import auditlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event, Position
from events.services import crew, planning
from events.services.locking import lock_event, save_event
from events.tests.factories import EVENING, EventFactory, PositionFactory
from medcover.system import audit, audit_history
from medcover.system.audit_context import current_trail
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.rows import recorded
from roster import services as people
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

Kind = AuditEntry.Kind


def entries_about(row: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.get_for_object(row).order_by("id"))


class TestTheTableOnlyGrows:
    @pytest.fixture
    def entry(self) -> AuditEntry:
        recorded(EventFactory())
        return AuditEntry.objects.latest("id")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE system_auditentry SET summary = 'přepsáno'",
            "UPDATE system_auditentry SET actor_id = NULL",
            "DELETE FROM system_auditentry",
            "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE system_auditentry",
            "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE system_auditentry CASCADE",
        ],
    )
    def test_sql_is_refused(self, entry, statement):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert AuditEntry.objects.get(pk=entry.pk).summary == entry.summary

    @pytest.mark.parametrize(
        "change",
        [
            lambda entry: entry.delete(),
            lambda entry: entry.save(),
            lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(summary="přepsáno"),
            lambda entry: AuditEntry.objects.all().delete(),
        ],
        ids=["delete", "save", "update many", "delete many"],
    )
    def test_the_orm_is_refused_too(self, entry, change):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change(entry)
        assert AuditEntry.objects.filter(pk=entry.pk).exists()

    def test_a_change_rolled_back_leaves_no_entry(self):
        with transaction.atomic():
            recorded(EventFactory(name="Vrácená"))
            assert AuditEntry.objects.filter(object_repr="Vrácená").exists()
            transaction.set_rollback(True)
        assert not AuditEntry.objects.filter(object_repr="Vrácená").exists()


class TestWhatIsRecorded:
    def test_creating_editing_and_deleting_a_row(self):
        row = Qualification.objects.create(name="Zdravotník")
        row.name = "Záchranář"
        row.save()
        made, edited = entries_about(row)
        assert (made.kind, edited.kind) == (Kind.CREATE, Kind.EDIT)
        assert edited.changes == {"name": ["Zdravotník", "Záchranář"]}
        row.delete()
        assert AuditEntry.objects.latest("id").kind == Kind.DELETE

    def test_a_save_without_a_difference_is_no_entry(self):
        event = EventFactory()
        before = AuditEntry.objects.count()
        event.save()
        assert AuditEntry.objects.count() == before

    def test_derived_columns_are_no_part_of_a_history(self):
        event = EventFactory()
        event.name, event.version = "Jiná", 7
        event.save()
        assert set(entries_about(event)[-1].changes) == {"name"}

    def test_a_summary_is_never_empty(self):
        recorded(EventFactory(name="Půlmaraton"))
        assert "Půlmaraton" in AuditEntry.objects.latest("id").summary

    def test_a_fact_without_a_difference_can_be_recorded(self):
        event, boss = EventFactory(), make_admin()
        audit.record(event, kind=Kind.EXPORT, by=boss, summary="Vytištěno")
        entry = entries_about(event)[-1]
        assert (entry.kind, entry.summary, entry.actor, entry.event_id) == (Kind.EXPORT, "Vytištěno", boss, event.pk)

    def test_the_language_is_that_of_the_site_not_of_who_acts(self):
        event = EventFactory()
        with translation.override("en"):
            summary = audit.sentence(_("Event created: %s"), event.name)
            audit.record(event, kind=Kind.EDIT, summary=summary)
        with translation.override("cs"):
            assert entries_about(event)[-1].summary == str(summary)


class TestTogether:
    """Entries of one service."""

    def test_are_written_at_the_end_by_one_statement_in_their_order(self):
        with CaptureQueriesContext(connection) as seen, audit.recorded_together():
            with audit.trail(by=(admin := make_admin()), kind=Kind.STATUS, summary="první"):
                first = recorded(EventFactory())
            with audit.trail(summary="druhá"):
                second = recorded(EventFactory())
            assert not AuditEntry.objects.get_for_objects(Event.objects.all()).exists()
        written = [query["sql"] for query in seen.captured_queries if 'INSERT INTO "system_auditentry"' in query["sql"]]
        assert len(written) == 1
        (one,), (two,) = entries_about(first), entries_about(second)
        assert (one.actor, one.kind, one.summary) == (admin, Kind.STATUS, "první")
        assert (two.actor, two.kind, two.summary) == (None, Kind.CREATE, "druhá")
        assert one.pk < two.pk

    def test_of_what_fails_inside_are_forgotten(self):
        with audit.recorded_together():
            kept = recorded(EventFactory())
            with suppress(RuntimeError), transaction.atomic(), audit.recorded_together():
                lost = recorded(EventFactory())
                raise RuntimeError
        assert len(entries_about(kept)) == 1
        assert entries_about(lost) == []

    def test_of_what_fails_as_a_whole_disturb_nothing_later(self):
        with suppress(RuntimeError), transaction.atomic(), audit.recorded_together():
            lost = recorded(EventFactory())
            raise RuntimeError
        assert entries_about(lost) == []
        assert len(entries_about(recorded(EventFactory()))) == 1

    def test_a_locked_event_is_compared_with_what_was_read(self):
        event, person = EventFactory(), make_member()
        with transaction.atomic():
            locked = lock_event(event.pk)
            locked.responsible_person = person
            with CaptureQueriesContext(connection) as seen:
                save_event(locked, "responsible_person")
            locked.responsible_person = None
            save_event(locked, "responsible_person")
            save_event(locked, "responsible_person")
        assert [query["sql"].split()[0] for query in seen.captured_queries] == ["INSERT", "UPDATE"]
        changes = [entry.changes for entry in entries_about(event)]
        key = str(person.pk)
        assert changes == [{"responsible_person": ["None", key]}, {"responsible_person": [key, "None"]}]


class TestTheTrail:
    def test_entries_carry_who_and_why(self):
        boss, event = make_coordinator(), EventFactory()
        with audit.trail(by=boss, kind=Kind.ARCHIVE, summary="Úklid"):
            event.is_archived = True
            event.save()
        entry = entries_about(event)[-1]
        assert (entry.actor, entry.kind, entry.summary) == (boss, Kind.ARCHIVE, "Úklid")

    def test_outside_of_a_trail_the_system_acts(self):
        assert entries_about(recorded(EventFactory()))[0].actor is None

    def test_an_inner_trail_inherits_who_and_where_but_not_why(self):
        boss = make_coordinator()
        with audit.trail(by=boss, event_id=17, kind=Kind.IMPORT, summary="Import"), audit.trail():
            row = recorded(QualificationFactory())
        entry = entries_about(row)[0]
        assert (entry.actor, entry.event_id, entry.kind) == (boss, 17, Kind.CREATE)
        assert entry.summary != "Import"

    def test_an_inner_trail_may_name_somebody_else_and_ends_with_its_block(self):
        boss, other = make_coordinator(), make_admin()
        with audit.trail(by=boss, summary="vně"):
            with audit.trail(by=other, summary="uvnitř"):
                assert (current_trail().actor, current_trail().summary) == (other, "uvnitř")
            assert (current_trail().actor, current_trail().summary) == (boss, "vně")
        assert current_trail().actor is None

    def test_a_refusal_inside_closes_the_trail(self):
        with pytest.raises(RuntimeError), audit.trail(by=make_admin()):
            raise RuntimeError
        assert current_trail().actor is None

    def test_threads_do_not_see_each_others(self):
        seen = []
        with audit.trail(by=make_admin()):
            thread = threading.Thread(target=lambda: seen.append(current_trail().actor))
            thread.start()
            thread.join()
        assert seen == [None]


class TestReading:
    def test_entries_from_before_a_field_got_its_name_are_still_read(self):
        medic = QualificationFactory(name="Zdravotník")
        changes = {"parents": {"type": "m2m", "operation": "add", "objects": ["Lékař"]}}
        audit.record(medic, kind=AuditEntry.Kind.EDIT, summary="")
        entry = AuditEntry.objects.latest("id")
        entry.changes = changes
        assert [change.text for change in audit_history.changes_of(entry)] == ["přidáno: Lékař"]


class TestTheHistoryOfAnEvent:
    def test_finds_what_happened_to_it_its_positions_and_its_people(self):
        boss, member, medic = make_coordinator(), make_member(), QualificationFactory(can_lead=True)
        event = EventFactory()
        PositionFactory(event=event, qualifications=[medic])
        place = recorded(PositionFactory(event=event))
        crew.assign(place.pk, member.pk, by=boss, at=EVENING - timedelta(days=1))
        planning.edit_event(event.pk, by=boss, version=None, name="Jiná")
        crew.remove(event.assignments.get().pk, by=boss)
        entries = AuditEntry.objects.filter(event_id=event.pk)
        models = {entry.content_type.model_class() for entry in entries}
        assert models >= {Event, Position, Assignment}
        by_boss = entries.filter(actor=boss)
        assert {entry.kind for entry in by_boss} >= {Kind.CREATE, Kind.EDIT, Kind.DELETE}
        assert not entries.filter(kind="").exists()

    def test_holds_nothing_of_other_events(self):
        event, other = recorded(EventFactory()), recorded(EventFactory())
        recorded(PositionFactory(event=other))
        assert {entry.object_pk for entry in AuditEntry.objects.filter(event_id=event.pk)} == {str(event.pk)}


class TestSecrets:
    """Passwords, tokens and copies of addresses stay out of a record that can never be erased."""

    def everything_recorded(self) -> str:
        return json.dumps([model_to_dict(entry) for entry in AuditEntry.objects.all()], default=str)

    def test_passwords_and_calendar_secrets_of_people(self):
        boss = make_admin()
        person = people.create_person(email="x@example.org", name="Nový", by=boss, password="tajné heslo")
        secrets = {person.password, person.ical_token, person.ical_all_token}
        people.renew_calendar_link(person.pk, which="own", by=boss)
        people.renew_calendar_link(person.pk, which="all", by=boss)
        person.refresh_from_db()
        person.set_password("jiné heslo")
        person.save()
        secrets |= {person.password, person.ical_token, person.ical_all_token, "tajné heslo", "jiné heslo"}
        recorded = self.everything_recorded()
        assert [secret for secret in secrets if json.dumps(secret).strip('"') in recorded] == []
        columns = {name for entry in entries_about(person) for name in entry.changes or {}}
        assert columns.isdisjoint({"password", "ical_token", "ical_all_token", "last_login"})

    def test_the_smtp_password(self):
        site = SiteSettings.load()
        site.smtp_host, site.smtp_password = "mail.example.org", "tajné"
        site.save()
        assert site.smtp_password_token not in self.everything_recorded()
        assert "smtp_password_token" not in entries_about(site)[-1].changes
        assert "smtp_host" in entries_about(site)[-1].changes

    def test_the_actors_address(self):
        boss = make_coordinator(email="boss@example.org")
        with audit.trail(by=boss):
            event = recorded(EventFactory())
        entry = entries_about(event)[0]
        assert entry.actor == boss
        assert entry.actor_email is None


def test_everything_that_can_be_recorded_has_a_name_for_people():
    """A name that nobody has given is Django's own, in English and without a translation."""

    def nameless(model: type[Model]) -> list[str]:
        hidden = auditlog.get_model_fields(model)["exclude_fields"]
        fields = [field for field in (*model._meta.fields, *model._meta.many_to_many) if field.name not in hidden]
        shown = [(field.name, field.verbose_name) for field in fields if not field.primary_key]
        names = [("", model._meta.verbose_name), *shown]
        return [f"{model.__name__} {field}" for field, name in names if not isinstance(name, Promise)]

    assert [name for model in auditlog.get_models() for name in nameless(model)] == []

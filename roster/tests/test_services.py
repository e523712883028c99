"""Accounts: created, edited, and led through their life."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.functional import lazy

from medcover.common.errors import DomainError, StaleRecord
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster import services
from roster.models import User
from roster.rights import Role
from roster.signals import standing_changed
from roster.tests.factories import UserFactory, make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))


@pytest.fixture
def admin():
    return make_admin(name="Novák Jan")


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr", email="petr@example.org")


@pytest.fixture
def announced():
    """Keys of the people whose standing was announced, one list for each announcement."""
    heard: list[list[object]] = []

    def listen(person_ids, **_kwargs):
        heard.append(person_ids)

    standing_changed.connect(listen)
    yield heard
    standing_changed.disconnect(listen)


def waiting_for(person: User, *, topic: str = "event:1", status: str = "pending") -> OutboxMessage:
    return OutboxMessage.objects.create(
        code="event_changed", recipient=person, to_email=person.email, subject="x", topic=topic, status=status
    )


def entries_of(person: User):
    return AuditEntry.objects.filter(object_pk=str(person.pk)).order_by("id")


class TestCreate:
    def test_trims_and_lowers_what_was_typed(self, admin):
        person = services.create_person(email="  Jana@Example.ORG ", name="  Nová   Jana ", by=admin)
        assert (person.email, person.name) == ("jana@example.org", "Nová Jana")

    def test_gives_no_role_and_sends_nothing_unless_told(self, admin):
        person = services.create_person(email="jana@example.org", name="Nová Jana", by=admin)
        assert person.is_active
        assert not person.groups.exists()
        assert not OutboxMessage.objects.exists()
        assert not person.has_usable_password()

    def test_gives_the_ticked_roles(self, admin):
        roles = [Role.MEMBER, Role.DEBRIEFING_MANAGER]
        person = services.create_person(email="jana@example.org", name="Nová Jana", roles=roles, by=admin)
        assert person.has_perm("events.assign_own")
        assert person.role_names == {"Member", "Debriefing Manager"}

    def test_records_who_did_it_but_no_secret(self, admin):
        person = services.create_person(email="jana@example.org", name="Nová Jana", password="tajne heslo", by=admin)
        entry = entries_of(person).get(action=AuditEntry.Action.CREATE)
        assert entry.actor == admin
        assert not {"password", "ical_token", "ical_all_token"} & entry.changes_dict.keys()

    @pytest.mark.parametrize("email", ["petr@example.org", " PETR@example.org", "Petr@Example.Org "])
    def test_refuses_a_taken_address_in_any_case_with_one_sentence(self, admin, member, email):
        with pytest.raises(ValidationError) as refusal:
            services.create_person(email=email, name="Jiný Petr", by=admin)
        assert set(refusal.value.message_dict) == {"email"}
        assert len(refusal.value.messages) == 1

    @pytest.mark.parametrize("email", ["", "petr", "petr@", "p p@example.org"])
    def test_refuses_a_malformed_address(self, admin, email):
        with pytest.raises(ValidationError):
            services.create_person(email=email, name="Jiný Petr", by=admin)

    @pytest.mark.parametrize("fields", [{"name": "  "}, {"phone": "12"}, {"name": "x" * 256}])
    def test_refuses_bad_values(self, admin, fields):
        with pytest.raises(ValidationError):
            services.create_person(**{"email": "jana@example.org", "name": "Nová Jana", "by": admin} | fields)
        assert not User.objects.filter(email="jana@example.org").exists()

    def test_a_lost_race_for_an_address_reads_like_a_taken_one(self, admin, member, monkeypatch):
        monkeypatch.setattr(User, "full_clean", lambda *_args, **_kwargs: None)
        with pytest.raises(ValidationError) as refusal:
            services.create_person(email=member.email, name="Jiný Petr", by=admin)
        assert set(refusal.value.message_dict) == {"email"}


class TestUpdate:
    def test_writes_and_counts(self, admin, member):
        services.update_person(member.pk, by=admin, version=1, name="Dvořák Pavel", phone="777 123 456")
        member.refresh_from_db()
        assert (member.name, member.phone, member.version) == ("Dvořák Pavel", "777 123 456", 2)
        assert entries_of(member).last().actor == admin

    @pytest.mark.parametrize(
        "same", [{}, {"name": "Dvořák Petr"}, {"name": " Dvořák  Petr "}, {"email": "PETR@Example.org "}, {"phone": ""}]
    )
    def test_no_change_writes_nothing(self, admin, member, same):
        before = entries_of(member).count()
        services.update_person(member.pk, by=admin, version=1, **same)
        member.refresh_from_db()
        assert member.version == 1
        assert entries_of(member).count() == before

    def test_refuses_a_stale_form(self, admin, member):
        services.update_person(member.pk, by=admin, version=1, phone="777123456")
        with pytest.raises(StaleRecord):
            services.update_person(member.pk, by=admin, version=1, phone="777654321")
        member.refresh_from_db()
        assert member.phone == "777123456"

    def test_refuses_somebody_elses_address_with_one_sentence(self, admin, member):
        other = make_member()
        with pytest.raises(ValidationError) as refusal:
            services.update_person(other.pk, by=admin, email="PETR@example.org")
        assert set(refusal.value.message_dict) == {"email"}
        assert len(refusal.value.messages) == 1

    def test_a_lost_race_for_an_address_reads_like_a_taken_one(self, admin, member, monkeypatch):
        other = make_member()
        monkeypatch.setattr(User, "full_clean", lambda *_args, **_kwargs: None)
        with pytest.raises(ValidationError):
            services.update_person(other.pk, by=admin, email=member.email)
        other.refresh_from_db()
        assert other.version == 1

    @pytest.mark.parametrize("bad", [{"name": ""}, {"phone": "abc"}, {"dashboard_horizon": 0}, {"theme": "pink"}])
    def test_refuses_bad_values(self, admin, member, bad):
        with pytest.raises(ValidationError):
            services.update_person(member.pk, by=admin, **bad)

    @pytest.mark.parametrize("field", ["is_active", "is_superuser", "password", "ical_token"])
    def test_writes_nothing_that_moves_by_its_own_service(self, admin, member, field):
        with pytest.raises(TypeError):
            services.update_person(member.pk, by=admin, **{field: "x"})


class TestRoles:
    def test_sets_exactly_these_and_counts_the_change(self, admin, member, announced):
        services.set_roles(member.pk, [Role.COORDINATOR, Role.VIEWER], by=admin, at=NOW)
        member = User.objects.get(pk=member.pk)
        assert member.role_names == {"Coordinator", "Viewer"}
        assert member.version == 2
        assert announced == [[member.pk]]
        entry = entries_of(member).last()
        assert "groups" in entry.changes_dict
        assert entry.actor == admin

    def test_the_same_roles_change_nothing(self, admin, member, announced):
        services.set_roles(member.pk, [Role.MEMBER], by=admin, at=NOW)
        member.refresh_from_db()
        assert (member.version, announced) == (1, [])

    def test_a_form_opened_before_is_stale(self, admin, member):
        services.set_roles(member.pk, [], by=admin, at=NOW)
        with pytest.raises(StaleRecord):
            services.update_person(member.pk, by=admin, version=1, name="Dvořák Pavel")


class TestLife:
    def test_activate(self, admin, announced):
        person = UserFactory(is_active=False)
        services.activate(person.pk, by=admin, at=NOW)
        person.refresh_from_db()
        assert person.is_active
        assert announced == [[person.pk]]
        entry = entries_of(person).last()
        assert (entry.kind, entry.actor) == ("status_change", admin)

    def test_deactivate_forgets_what_waits_and_says_how_much(self, admin, member, announced):
        mine = [waiting_for(member, topic=f"event:{n}") for n in range(3)]
        sent = waiting_for(member, status="skipped")
        others = waiting_for(make_member())
        services.deactivate(member.pk, by=admin, at=NOW)
        member.refresh_from_db()
        assert not member.is_active
        assert not OutboxMessage.objects.filter(pk__in=[row.pk for row in mine]).exists()
        assert OutboxMessage.objects.filter(pk__in=[sent.pk, others.pk]).count() == 2
        assert "3" in entries_of(member).last().summary
        assert announced == [[member.pk]]

    def test_archive_is_inactive_and_hidden(self, admin, member):
        waiting_for(member)
        services.archive(member.pk, by=admin, at=NOW)
        member.refresh_from_db()
        assert (member.is_active, member.is_archived) == (False, True)
        assert member not in User.objects.active()
        assert member not in User.objects.not_archived()
        assert not OutboxMessage.objects.filter(recipient=member).exists()
        assert entries_of(member).last().kind == "archive"

    def test_unarchive_leaves_the_account_inactive(self, admin):
        person = UserFactory(is_active=False, is_archived=True)
        services.unarchive(person.pk, by=admin, at=NOW)
        person.refresh_from_db()
        assert (person.is_active, person.is_archived) == (False, False)
        assert entries_of(person).last().kind == "unarchive"

    @pytest.mark.parametrize("step", [services.deactivate, services.archive])
    def test_not_on_oneself(self, admin, step):
        with pytest.raises(DomainError):
            step(admin.pk, by=admin, at=NOW)

    @pytest.mark.parametrize(
        ("step", "fields"),
        [
            (services.activate, {"is_active": True}),
            (services.activate, {"is_active": False, "is_archived": True}),
            (services.deactivate, {"is_active": False}),
            (services.deactivate, {"is_active": False, "is_archived": True}),
            (services.archive, {"is_active": False, "is_archived": True}),
            (services.unarchive, {"is_active": True}),
            (services.unarchive, {"is_active": False}),
        ],
    )
    def test_refuses_what_makes_no_sense_and_records_nothing(self, admin, step, fields):
        person = UserFactory(**fields)
        before = entries_of(person).count()
        with pytest.raises(DomainError):
            step(person.pk, by=admin, at=NOW)
        assert entries_of(person).count() == before

    def test_every_step_makes_open_forms_stale(self, admin, member):
        services.deactivate(member.pk, by=admin, at=NOW)
        services.activate(member.pk, by=admin, at=NOW)
        services.archive(member.pk, by=admin, at=NOW)
        services.unarchive(member.pk, by=admin, at=NOW)
        member.refresh_from_db()
        assert member.version == 5

    def test_the_database_knows_no_active_archived_account(self, member):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=member.pk).update(is_archived=True)

    def test_the_database_knows_one_account_for_an_address_in_any_case(self, member):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.bulk_create([User(email="PETR@example.org", name="x")])


class TestCalendarLink:
    @pytest.mark.parametrize(("which", "field"), [("own", "ical_token"), ("all", "ical_all_token")])
    def test_renews_one_and_leaves_the_other(self, member, which, field):
        old = {"ical_token": member.ical_token, "ical_all_token": member.ical_all_token}
        services.renew_calendar_link(member.pk, which=which, by=member)
        member.refresh_from_db()
        changed = {name for name, token in old.items() if getattr(member, name) != token}
        assert changed == {field}
        assert len(getattr(member, field)) == 64

    def test_records_the_fact_without_the_value(self, member):
        services.renew_calendar_link(member.pk, which="own", by=member)
        member.refresh_from_db()
        entry = entries_of(member).last()
        assert entry.actor == member
        assert member.ical_token not in f"{entry.changes}{entry.summary}"


class TestReads:
    def test_search_knows_neither_case_nor_diacritics_and_wants_every_word(self, member):
        make_member(name="Dvořáková Petra", email="petra@example.org")
        assert [person.name for person in User.objects.matching("DVORAK petr").by_name()] == [
            "Dvořák Petr", "Dvořáková Petra",
        ]  # fmt: skip
        assert not User.objects.matching("dvorak jan").exists()

    def test_order_is_czech(self):
        for name in ("Čermák", "Chalupa", "Cibulka", "Hora", "Ivan", "Dvořák"):
            make_member(name=name)
        found = User.objects.with_role(Role.MEMBER).by_name().values_list("name", flat=True)
        assert list(found) == ["Cibulka", "Čermák", "Dvořák", "Hora", "Chalupa", "Ivan"]

    def test_several_roles_are_one_person(self):
        person = UserFactory(roles=[Role.COORDINATOR, Role.MEMBER])
        assert list(User.objects.with_role(Role.COORDINATOR, Role.MEMBER)) == [person]


def test_summaries_are_in_the_language_of_the_site_whoever_acts(admin, member):
    pattern = lazy(lambda: f"%s ({translation.get_language()})", str)()
    with translation.override("en"):
        audit.record(member, kind="edit", by=admin, summary=audit.sentence(pattern, member.name))
    assert entries_of(member).last().summary == "Dvořák Petr (cs)"

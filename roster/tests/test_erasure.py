"""Erasing somebody who has left: when it is refused, what it does, and that nothing brings them back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from credentials import services as credentials
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services import crew, planning
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import audit_history
from medcover.system.models import AuditEntry, SiteSettings
from medcover.system.services import save_settings
from notifications.models import OutboxMessage
from roster import lockout, services
from roster.models import User
from roster.rights import Role
from roster.services import ErasedPerson, admission, erasure, invitations, passwords, second_factor
from roster.services.passwords import LinkDead, reset_token
from roster.tests.departed import ADDRESS, NAME, OLD_NAME, PHONE, Departed, make_departed, record_of
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

PSEUDONYM = re.compile(r"Smazaná osoba [0-9A-F]{4}")


@pytest.fixture
def departed() -> Departed:
    return make_departed()


@pytest.fixture
def admin() -> User:
    return make_admin()


def gone(**fields) -> User:
    return make_member(**{"is_active": False, "is_archived": True, **fields})


def erase(person: User, by: User, **options) -> User:
    return erasure.erase(person.pk, **{"typed": person.email, "by": by, "at": timezone.now(), **options})


def fresh(row):
    return type(row).objects.get(pk=row.pk)


class TestRefused:
    def test_without_the_right(self):
        person = gone()
        for by in (make_coordinator(), make_member()):
            with pytest.raises(NotAllowed):
                erase(person, by)
            with pytest.raises(NotAllowed):
                erasure.forecast(person, by=by, at=timezone.now())
        assert fresh(person).name == person.name

    @pytest.mark.parametrize("fields", [{"is_active": True, "is_archived": False}, {"is_archived": False}])
    def test_whoever_is_not_archived(self, admin, fields):
        with pytest.raises(erasure.CannotBeErased, match="archiv"):
            erase(gone(**fields), admin)

    def test_oneself(self, admin):
        with pytest.raises(erasure.CannotBeErased, match="vlastní"):
            erase(admin, admin)

    @pytest.mark.parametrize("typed", ["", "SMAZAT", "jiny@example.org", "Osoba"])
    def test_without_the_address_typed(self, admin, typed):
        person = gone()
        with pytest.raises(erasure.NotConfirmed):
            erase(person, admin, typed=typed)
        assert fresh(person).erased_at is None

    def test_the_address_may_be_typed_in_any_case(self, admin):
        assert erase(gone(email="petr@example.org"), admin, typed="  Petr@Example.org ").erased_at

    def test_with_a_stale_form(self, admin):
        person = gone()
        with pytest.raises(StaleRecord):
            erase(person, admin, version=person.version + 1)
        assert fresh(person).erased_at is None

    def test_twice(self, admin):
        person = gone()
        erased = erase(person, admin)
        with pytest.raises(ErasedPerson, match="už byly smazány"):
            erase(person, admin, version=person.version)
        with pytest.raises(ErasedPerson):
            erasure.forecast(erased, by=admin, at=timezone.now())
        assert fresh(person).name == erased.name

    def test_a_leader_of_what_is_not_over_naming_it(self, admin):
        person, start = gone(), timezone.now() - timedelta(days=1)
        EventFactory(name="Koncert", status=Status.CLOSED, responsible_person=person, start=start)
        EventFactory(name="Hokej", status=Status.COMPLETED, responsible_person=person, start=start)
        with pytest.raises(erasure.CannotBeErased) as refusal:
            erase(person, admin)
        assert "Koncert (" in str(refusal.value)
        assert "Hokej" not in str(refusal.value)

    def test_whoever_has_duties_to_come_naming_them(self, admin):
        person, now = gone(), timezone.now()
        for name, days, fields in [
            ("Včera", -1, {}), ("Zítra", 1, {}), ("Zrušeno", 1, {"status": Status.CANCELLED}),
            ("Odloženo", 1, {"is_archived": True}),
        ]:  # fmt: skip
            start = now + timedelta(days=days)
            put(person, PositionFactory(event=EventFactory(name=name, start=start, **fields)))
        with pytest.raises(erasure.CannotBeErased) as refusal:
            erase(person, admin)
        assert "Zítra (" in str(refusal.value)
        assert not any(word in str(refusal.value) for word in ("Včera", "Zrušeno", "Odloženo"))

    def test_a_coordinator_of_living_master_events(self, admin):
        person = gone()
        master = MasterEventFactory(name="Běhy", coordinator=person)
        with pytest.raises(erasure.CannotBeErased, match="Běhy"):
            erase(person, admin)
        type(master).objects.filter(pk=master.pk).update(is_archived=True)
        assert erase(person, admin).erased_at

    @pytest.mark.parametrize("setting", [{"smtp_sender": f"MedCover <{ADDRESS}>"}, {"smtp_user": ADDRESS.upper()}])
    def test_whose_address_mails_are_sent_from(self, admin, setting):
        person = gone(email=ADDRESS)
        save_settings(by=admin, **setting)
        with pytest.raises(erasure.CannotBeErased, match="odesílají"):
            erase(person, admin)

    def test_all_reasons_are_said_at_once_and_nothing_has_happened(self, admin):
        person = gone(is_archived=False)
        put(person, PositionFactory(event=EventFactory(name="Zítra", start=timezone.now() + timedelta(days=1))))
        before = AuditEntry.objects.count()
        with pytest.raises(erasure.CannotBeErased) as refusal:
            erase(person, admin)
        assert "archiv" in str(refusal.value)
        assert "Zítra" in str(refusal.value)
        assert (fresh(person).name, AuditEntry.objects.count()) == (person.name, before)


class TestWhatItDoes:
    def test_the_row_is_a_pseudonym(self, departed):
        erased = erase(departed.person, departed.admin)
        code = erased.name.removeprefix("Smazaná osoba ")
        assert PSEUDONYM.fullmatch(erased.name)
        assert (erased.email, erased.phone) == (f"{code.lower()}@erased.invalid", "")
        assert (erased.state, erased.is_active, erased.roles) == (User.State.ERASED, False, [])
        assert erased.version == departed.person.version + 1
        assert not erased.has_usable_password()
        erased.full_clean()

    def test_the_pseudonym_is_in_the_language_of_the_site(self, admin):
        with translation.override("en"):
            assert PSEUDONYM.fullmatch(erase(gone(), admin).name)

    def test_no_two_are_called_alike(self, admin, monkeypatch):
        codes = iter(["ABAB", "ABAB", "CDCD"])
        monkeypatch.setattr(erasure, "_code", lambda _digits: next(codes))
        assert [erase(gone(), admin).name for _n in range(2)] == ["Smazaná osoba ABAB", "Smazaná osoba CDCD"]

    def test_duties_and_leads_stay(self, departed):
        erased = erase(departed.person, departed.admin)
        event = fresh(departed.event)
        assert (event.responsible_person, event.creator) == (erased, erased)
        assert list(Assignment.objects.of(erased).values_list("event", flat=True)) == [event.pk]
        assert str(Assignment.objects.get(event=event)) == f"{erased.name} – Koncert"

    def test_texts_of_the_plan_say_the_pseudonym_and_the_rest_of_them_stays(self, departed):
        name = erase(departed.person, departed.admin).name
        event = fresh(departed.event)
        assert event.contact == f"{name}, {name}"
        assert event.description == f"Sraz u stanu.\n{name} má klíče."
        assert event.address == f"Louka u domu, {name}"
        assert event.positions.first().description == f"Vedoucí ({name})"
        assert fresh(departed.master).description == f"Domlouvá {name}, {name}."
        assert fresh(departed.medic).description == f"Zkouší {name}."

    def test_a_form_opened_before_brings_nothing_back(self, departed):
        event, master = departed.event, departed.master
        erase(departed.person, departed.admin)
        assert fresh(event).version == event.version + 1
        assert fresh(master).version == master.version + 1
        Event.objects.filter(pk=event.pk).update(status=Status.OPEN)
        with pytest.raises(StaleRecord):
            planning.edit_event(event.pk, by=departed.admin, version=event.version, contact=event.contact)

    def test_messages_to_the_person_are_gone_and_those_that_name_them_are_masked(self, departed):
        waiting = OutboxMessage.objects.get(recipient=departed.colleague, code="event_changed")
        name = erase(departed.person, departed.admin).name
        assert not OutboxMessage.objects.filter(to_email__contains="example.org").exclude(
            recipient__in=[departed.colleague, departed.admin]
        )
        waiting.refresh_from_db()
        assert waiting.payload["changes"] == {"responsible_person": [name, "Dvořák Petr"], "contact": ["", name]}
        sent = OutboxMessage.objects.get(recipient=departed.colleague, status=OutboxMessage.Status.SENT)
        assert sent.subject == f"Vystřídá vás {name}"

    def test_the_exception_from_the_block_is_gone_and_the_others_stay(self, departed):
        before = SiteSettings.load().version
        erase(departed.person, departed.admin)
        site = SiteSettings.load()
        assert (site.mail_block_allowed, site.version) == ("nekdo@example.org", before + 1)

    def test_is_recorded_once_and_without_the_old_values(self, departed):
        last = AuditEntry.objects.latest("id").pk
        erased = erase(departed.person, departed.admin)
        entry = AuditEntry.objects.get(pk__gt=last)
        assert (entry.kind, entry.actor, entry.object_pk) == ("erase", departed.admin, str(erased.pk))
        assert (entry.summary, entry.changes) == (f"Osobní údaje smazány: {erased.name}", {})

    def test_the_history_reads_on_under_the_pseudonym(self, departed):
        before = audit_history.of_event(departed.event.pk, limit=200)
        assert any(NAME in line.summary for line in before)
        name = erase(departed.person, departed.admin).name
        after = audit_history.of_event(departed.event.pk, limit=200)
        assert [line.summary for line in after] == [
            line.summary.replace(NAME, name).replace(OLD_NAME, name) for line in before
        ]
        assert [(line.at, line.kind) for line in after] == [(line.at, line.kind) for line in before]
        assert name in {line.actor for line in after}

    def test_reports_of_the_person_under_former_names_are_masked_too(self, departed):
        name = erase(departed.person, departed.admin).name
        renamed = [entry for entry in record_of(departed.person) if "name" in (entry.changes or {})]
        assert [entry.changes["name"] for entry in renamed] == [["None", name], [name, name]]


class TestSomebodyElse:
    def test_with_the_same_name_keeps_it(self, admin):
        person, namesake = gone(name=NAME), make_member(name="Žofie Nováková", phone="777 000 111")
        services.update_person(namesake.pk, by=admin, phone="777 000 222")
        event = EventFactory(contact=f"Žofie Nováková, {namesake.phone}")
        own = EventFactory(contact=NAME, start=timezone.now() - timedelta(days=9), status=Status.COMPLETED)
        put(person, PositionFactory(event=own))
        before = [(entry.object_repr, entry.summary) for entry in record_of(namesake)]
        name = erase(person, admin).name
        assert fresh(namesake).name == "Žofie Nováková"
        assert [(entry.object_repr, entry.summary) for entry in record_of(namesake)] == before
        assert (fresh(event).contact, fresh(own).contact) == (event.contact, name)

    def test_with_the_same_phone_keeps_it(self, admin):
        person, spouse = gone(phone="601234567"), make_member(phone=f"+420 {PHONE}")
        event = EventFactory(contact=f"tel. {PHONE}")
        erase(person, admin)
        assert (fresh(spouse).phone, fresh(event).contact) == (f"+420 {PHONE}", f"tel. {PHONE}")

    def test_who_has_taken_over_a_former_address_keeps_it(self, admin):
        person = make_member(email="vedeni@example.org")
        services.update_person(person.pk, by=admin, email="stary@example.org")
        heir = make_member(email="vedeni@example.org")
        event = EventFactory(contact="vedeni@example.org, stary@example.org")
        services.archive(person.pk, by=admin, at=timezone.now())
        name = erase(fresh(person), admin).name
        assert (fresh(heir).email, fresh(event).contact) == ("vedeni@example.org", f"vedeni@example.org, {name}")
        assert OutboxMessage.objects.filter(recipient=heir).count() == 0

    def test_with_a_name_of_one_word_words_stay_words(self, admin):
        person, event = gone(name="Jana"), EventFactory(description="Přijde Jana i Eva.")
        erase(person, admin)
        assert fresh(event).description == "Přijde Jana i Eva."
        assert "Jana" not in {entry.object_repr for entry in record_of(person)}

    def test_the_forecast_says_so(self, admin):
        make_member(name=NAME)
        person = gone(name=NAME)
        assert erasure.forecast(person, by=admin, at=timezone.now()).ambiguous == [NAME]
        assert erasure.forecast(gone(name="Bílá Eva"), by=admin, at=timezone.now()).ambiguous == []


class TestForecast:
    def test_counts_what_goes_and_what_stays(self, departed):
        found = erasure.forecast(departed.person, by=departed.admin, at=departed.at)
        goes = {str(finding.words): finding.count for finding in found.goes}
        stays = {str(finding.words): finding.count for finding in found.stays}
        assert found.objections == []
        assert goes["kvalifikace"] == 1
        assert goes["pozvánky pro tuto osobu"] == 1
        assert goes["dvoufázové ověření a jeho záchranné kódy"] == 1 + second_factor.CODE_COUNT
        assert goes["neúspěšná přihlášení"] == 1
        assert goes["jméno a kontakty ve zprávách jiným"] == 2
        assert goes["jméno a kontakty v textech akcí, pozic, nadřazených akcí a šablon"] == 3
        assert goes["podpis"] == 1
        assert goes["prohlížeče, které dostávají upozornění"] == 1
        assert goes["adresy mezi výjimkami z blokování e-mailů"] == 1
        assert stays["služby a jejich hodiny"] == stays["akce, za které byla osoba zodpovědná"] == 1

    def test_changes_nothing(self, departed):
        before = (AuditEntry.objects.count(), fresh(departed.person).version)
        erasure.forecast(departed.person, by=departed.admin, at=departed.at)
        assert (AuditEntry.objects.count(), fresh(departed.person).version) == before

    def test_leaves_out_what_there_is_none_of(self, admin):
        found = erasure.forecast(gone(), by=admin, at=timezone.now())
        assert 0 not in {finding.count for finding in (*found.goes, *found.stays)}

    def test_costs_no_more_for_more(self, departed, django_assert_max_num_queries):
        with django_assert_max_num_queries(75):
            erasure.forecast(departed.person, by=departed.admin, at=departed.at)


class TestAfterwards:
    @pytest.fixture
    def erased(self, departed) -> User:
        return erase(departed.person, departed.admin)

    def test_no_service_brings_anything_back(self, departed, erased):
        by, at, key = departed.admin, timezone.now(), erased.pk
        for call in (
            lambda: services.unarchive(key, by=by, at=at),
            lambda: services.activate(key, by=by, at=at),
            lambda: services.deactivate(key, by=by, at=at),
            lambda: services.archive(key, by=by, at=at),
            lambda: services.update_person(key, by=by, name=NAME),
            lambda: services.set_roles(key, [Role.MEMBER], by=by, at=at),
            lambda: services.add_role(key, Role.MEMBER, by=by, at=at),
            lambda: services.set_password(key, "kůň baterie svorka", by=by),
            lambda: services.renew_calendar_link(key, which="own", by=by),
            lambda: credentials.grant(key, departed.medic.pk, by=by, at=at),
            lambda: credentials.set_holdings(key, {departed.medic.pk: None}, by=by, at=at),
            lambda: second_factor.begin(key),
            lambda: lockout.unlock(key, by=by, at=at),
            lambda: crew.assign(PositionFactory().pk, key, by=by, at=at),
        ):
            with pytest.raises(DomainError), transaction.atomic():
                call()
        untouched = fresh(erased)
        assert (untouched.name, untouched.state, untouched.version) == (erased.name, User.State.ERASED, erased.version)

    def test_many_at_once_are_told_why(self, departed, erased):
        result = services.add_role_to_all([erased.pk], Role.MEMBER, by=departed.admin, at=timezone.now())
        assert (result.changed, [name for name, _reason in result.skipped]) == ([], [erased.name])

    def test_not_even_the_database_lets_it_out_of_the_archive(self, erased):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=erased.pk).update(is_archived=False)

    def test_no_link_to_a_new_password_works_or_is_sent(self, departed, erased):
        with pytest.raises(LinkDead):
            passwords.person_of(reset_token(departed.person))
        for address in (ADDRESS, erased.email):
            passwords.request_reset(address)
        assert not OutboxMessage.objects.filter(code="password_reset").exists()

    def test_feeds_are_gone(self, departed, erased):
        tokens = [getattr(one, name) for one in (departed.person, erased) for name in ("ical_token", "ical_all_token")]
        assert [Client().get(f"/ical/{token}.ics").status_code for token in tokens] == [404] * 4

    def test_an_old_session_opens_nothing_even_if_the_account_were_active(self, admin):
        person, client = make_member(), Client()
        client.force_login(person, backend="roster.backends.RoleBackend")
        assert client.get("/profile/").status_code == 200
        services.archive(person.pk, by=admin, at=timezone.now())
        erase(fresh(person), admin)
        User.objects.filter(pk=person.pk).update(erased_at=None, is_archived=False, is_active=True)
        assert client.get("/profile/").status_code == 302
        assert SESSION_KEY not in client.session

    @pytest.mark.parametrize("claim", ["email", "account"])
    def test_no_provider_brings_them_in(self, settings, departed, erased, claim):
        settings.OIDC_PERSON_CLAIM, settings.OIDC_ROLES_CLAIM = claim, ""
        for email in (ADDRESS, erased.email):
            claims = {"sub": "x", "email": email, "email_verified": True, "account": str(erased.pk)}
            with pytest.raises(admission.Refused, match="účet"):
                admission.admit(claims, at=timezone.now())

    def test_the_address_is_free_for_a_new_account(self, departed, erased):
        invited = invitations.invite(ADDRESS, by=departed.admin, at=timezone.now())
        person = invitations.register(invited.sent[0].token, name=NAME, password=PASSWORD, at=timezone.now())
        assert (person.email, person.name) == (ADDRESS, NAME)
        assert person.pk != erased.pk
        assert list(Assignment.objects.of(person)) == []
        assert fresh(erased).name == erased.name

    def test_who_came_back_can_be_erased_as_well(self, departed, erased):
        again = UserFactory(name=NAME, email=ADDRESS, is_active=False, is_archived=True)
        second = erase(again, departed.admin)
        assert second.name != erased.name

    def test_lists_show_them_apart(self, departed, erased):
        other = gone()
        assert list(User.objects.archived()) == [other]
        assert list(User.objects.erased()) == [erased]
        assert erased not in User.objects.not_erased()

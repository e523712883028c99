"""People in the backoffice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from credentials.models import Holding
from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.backoffice.tests.pages import browser, form_data, inline_parts, queries_of, rows_of, text_of, told
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.admin import PersonAdmin
from roster.lockout import ANYWHERE, is_locked
from roster.models import User
from roster.rights import Role, permissions_of
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:roster_user_changelist")
ADD = reverse("admin:roster_user_add")


@pytest.fixture
def admin():
    return make_admin(name="Adminová Eva", email="admin@example.org", language="en")


@pytest.fixture
def coordinator():
    return make_coordinator(name="Koordinátor Karel", email="karel@example.org", language="en")


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr", email="petr@example.org", phone="777123456")


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def page_of(person: User) -> str:
    return reverse("admin:roster_user_change", args=[person.pk])


def step(person: User, code: str) -> str:
    return reverse("admin:roster_user_step", args=[person.pk, code])


def archived(**fields) -> User:
    return make_member(is_active=False, is_archived=True, **fields)


def column(name: str) -> int:
    """The number by which the address of the list names a column."""
    return PersonAdmin.list_display.index(name) + 1


class TestWho:
    def test_members_have_no_business_here(self, member):
        assert browser(member).get(LIST).status_code in (302, 403)

    def test_coordinators_read(self, coordinator, member):
        answer = browser(coordinator).get(page_of(member))
        assert answer.status_code == 200
        assert "777123456" in text_of(answer)
        assert "new_password" not in text_of(answer)
        assert answer.context["buttons"] == []

    def test_coordinators_change_nothing(self, coordinator, member):
        client = browser(coordinator)
        assert client.post(page_of(member), {"name": "Jiný"}).status_code == 403
        assert client.get(ADD).status_code == 403
        assert client.post(step(member, "archive"), {"version": member.version}).status_code == 403
        member.refresh_from_db()
        assert (member.name, member.is_archived) == ("Dvořák Petr", False)

    def test_nobody_deletes(self, admin, member):
        assert browser(admin).post(reverse("admin:roster_user_delete", args=[member.pk])).status_code == 403

    def test_archived_people_exist_only_for_those_who_may_list_them(self, admin, coordinator):
        gone = archived(name="Odešla Jana")
        assert browser(admin).get(page_of(gone)).status_code == 200
        assert browser(coordinator).get(page_of(gone)).status_code == 302
        assert browser(coordinator).get(LIST, {"state": "archived"}).status_code == 403
        assert "Odešla Jana" not in rows_of(browser(coordinator).get(LIST, {"state": "unknown"}))


class TestList:
    def test_is_in_czech_order(self, admin):
        for name in ("Zeman", "Chalupa", "Hora", "Čermák", "Cibulka"):
            make_member(name=name)
        assert rows_of(browser(admin).get(LIST)) == ["Adminová Eva", "Cibulka", "Čermák", "Hora", "Chalupa", "Zeman"]

    def test_opens_without_archived_people(self, admin, member):
        archived(name="Odešla Jana")
        waiting = make_member(name="Nováček Jan", is_active=False)
        client = browser(admin)
        assert rows_of(client.get(LIST)) == ["Adminová Eva", "Dvořák Petr", "Nováček Jan"]
        assert rows_of(client.get(LIST, {"state": "waiting"})) == [waiting.name]
        assert rows_of(client.get(LIST, {"state": "archived"})) == ["Odešla Jana"]

    def test_is_searched_without_diacritics(self, admin, member):
        client = browser(admin)
        assert rows_of(client.get(LIST, {"q": "dvorak"})) == ["Dvořák Petr"]
        assert rows_of(client.get(LIST, {"q": "petr@"})) == ["Dvořák Petr"]

    def test_is_filtered_by_role_and_qualification(self, admin, member, medic):
        hold(member, medic)
        client = browser(admin)
        assert rows_of(client.get(LIST, {"role": "Admin"})) == ["Adminová Eva"]
        assert rows_of(client.get(LIST, {"qualification": medic.pk})) == ["Dvořák Petr"]
        assert rows_of(client.get(LIST, {"qualification": "x", "role": "x"})) == ["Adminová Eva", "Dvořák Petr"]

    @pytest.mark.parametrize("direction", ["", "-"])
    def test_who_never_logged_in_comes_last_in_both_directions(self, admin, direction):
        User.objects.filter(pk=admin.pk).update(last_login=timezone.now())
        make_member(name="A nikdy")
        client = browser(admin)
        answer = client.get(LIST, {"o": f"{direction}{column('last_login_column')}"})
        assert rows_of(answer)[-1] == "A nikdy"

    @pytest.mark.parametrize("name", ["name_column", "email", "state_column", "created_column", "last_login_column"])
    def test_five_columns_sort_both_ways(self, admin, name):
        sooner = timezone.now() - timedelta(days=2)
        for days, person in enumerate(["Aleš", "Beran"]):
            make_member(name=person, email=f"{days}@sorted.example", is_active=days == 0)
            moment = sooner + timedelta(days=days)
            User.objects.filter(name=person).update(created=moment, last_login=moment)
        client = browser(admin)
        for sign, expected in (("", ["Aleš", "Beran"]), ("-", ["Beran", "Aleš"])):
            assert rows_of(client.get(LIST, {"q": "@sorted", "o": f"{sign}{column(name)}"})) == expected

    @pytest.mark.parametrize("order", ["99", "x", "-", "6", "0.0"])
    def test_an_unknown_order_is_that_of_names(self, admin, order):
        for name in ("Zeman", "Chalupa", "Hora"):
            make_member(name=name)
        assert rows_of(browser(admin).get(LIST, {"o": order})) == ["Adminová Eva", "Hora", "Chalupa", "Zeman"]

    def test_filter_search_and_order_hold_on_the_next_page(self, admin):
        for number in range(31):
            make_member(name=f"Novák {number:02d}")
        asked = {"role": "Member", "q": "novak", "o": f"-{column('name_column')}"}
        client = browser(admin)
        assert rows_of(client.get(LIST, {**asked, "p": "2"})) == ["Novák 00"]
        assert "role=Member" in text_of(client.get(LIST, asked))

    def test_offers_the_ways_to_a_new_person_to_whoever_may_take_them(self, admin, coordinator):
        invitations = reverse("admin:roster_invitation_changelist")
        here = text_of(browser(admin).get(LIST)).partition('id="changelist"')[0].partition('class="object-tools"')[2]
        assert ADD in here
        assert invitations in here
        assert 'class="object-tools"' in text_of(browser(coordinator).get(LIST))
        assert invitations not in text_of(browser(coordinator).get(LIST))

    def test_words_for_state_roles_and_validity(self, admin, member, medic):
        hold(member, medic, until=date(2020, 1, 1))
        text = text_of(browser(admin).get(LIST, {"q": "petr"}))
        assert "Active" in text
        assert "Member" in text
        assert "Zdravotník (expired)" in text
        assert "never" in text

    def test_a_page_behind_the_end_leads_to_the_last_one(self, admin):
        UserFactory.create_batch(31)
        answer = browser(admin).get(LIST, {"p": "99", "state": "active"})
        assert answer.status_code == 302
        assert "p=2" in answer.url
        assert "state=active" in answer.url

    @pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
    def test_no_page_number_is_an_error(self, admin, number):
        assert browser(admin).get(LIST, {"p": number}).status_code in (200, 302)

    def test_costs_no_more_for_more_people(self, admin, medic):
        client = browser(admin)
        hold(make_member(), medic)
        few = queries_of(client, LIST)
        for _ in range(20):
            hold(UserFactory(roles=[Role.MEMBER, Role.COORDINATOR]), medic, QualificationFactory())
        assert queries_of(client, LIST) <= few <= 14

    def test_keeps_the_content_security_policy(self, admin, member):
        client = browser(admin)
        assert [inline_parts(client.get(url)) for url in (LIST, ADD, page_of(member))] == [[], [], []]


class TestEditing:
    def save(self, client, person, **changed):
        return client.post(page_of(person), form_data(client.get(page_of(person)), **changed))

    def test_writes_data_roles_and_password_through_the_services(self, admin, member):
        client = browser(admin)
        answer = self.save(
            client, member, name=" Dvořák  Pavel ", roles=["Member", "Technician"], new_password="nové heslo 1"
        )
        assert answer.status_code == 302
        member = User.objects.get(pk=member.pk)
        assert member.name == "Dvořák Pavel"
        assert member.roles == [Role.MEMBER, Role.TECHNICIAN]
        assert member.check_password("nové heslo 1")
        recorded = AuditEntry.objects.filter(object_pk=str(member.pk), actor=admin)
        assert recorded.count() == 3
        assert "nové heslo" not in str(list(recorded.values()))

    def test_a_save_without_a_change_leaves_no_trace(self, admin, member, medic):
        hold(member, medic)
        about_people = AuditEntry.objects.exclude(content_type__app_label="system")
        before = about_people.count()
        assert self.save(browser(admin), member).status_code == 302
        assert about_people.count() == before
        assert User.objects.get(pk=member.pk).version == member.version

    def test_sets_and_takes_qualifications(self, admin, member, medic):
        driver = QualificationFactory(name="Řidič")
        hold(member, driver)
        client = browser(admin)
        data = form_data(
            client.get(page_of(member)),
            **{"holdings-0-DELETE": "on", "holdings-1-qualification": medic.pk, "holdings-1-valid_until": "2030-06-30"},
        )
        client.post(page_of(member), data)
        assert list(Holding.objects.filter(person=member).values_list("qualification", "valid_until")) == [
            (medic.pk, date(2030, 6, 30))
        ]

    def test_refuses_a_short_password_and_a_taken_address(self, admin, member):
        client = browser(admin)
        answer = self.save(client, member, new_password="krátké", email=admin.email.upper())
        assert answer.status_code == 200
        assert set(answer.context["adminform"].form.errors) == {"new_password", "email"}
        assert f"the e-mail {admin.email} already exists" in text_of(answer)
        assert User.objects.get(pk=member.pk).check_password(PASSWORD)

    def test_roles_are_not_taken_from_whoever_may_not_change_them(self, admin, member, monkeypatch):
        rest = frozenset(permissions_of(Role.ADMIN)) - {"roster.assign_role"}
        monkeypatch.setattr(User, "has_perm", lambda _self, perm, obj=None: perm in rest)
        self.save(browser(admin), member, name="Dvořák Pavel", roles=["Admin"])
        person = User.objects.get(pk=member.pk)
        assert (person.name, person.roles) == ("Dvořák Pavel", [Role.MEMBER])

    def test_a_stale_form_is_refused(self, admin, member):
        client = browser(admin)
        answer = self.save(client, member, name="Jiné Jméno", version=member.version + 1)
        assert answer.status_code == 302
        assert User.objects.get(pk=member.pk).name == "Dvořák Petr"

    def test_shows_what_the_person_is_about_to_do(self, admin, member):
        start = timezone.now() + timedelta(days=3)
        event = EventFactory(name="Půlmaraton", start=start, responsible_person=member)
        put(member, PositionFactory(event=event, description="Velitel zásahu"))
        EventFactory(name="Dávno pryč", start=timezone.now() - timedelta(days=9), responsible_person=member)
        answer = browser(admin).get(page_of(member))
        assert [duty.event.name for duty in answer.context["duties"]] == ["Půlmaraton"]
        assert [event.name for event in answer.context["led_events"]] == ["Půlmaraton"]
        assert "Velitel zásahu" in text_of(answer)

    def test_costs_no_more_for_a_busier_person(self, admin, member, medic):
        client = browser(admin)
        hold(member, medic)
        start = timezone.now() + timedelta(days=3)
        put(member, PositionFactory(event=EventFactory(start=start, responsible_person=member)))
        few = queries_of(client, page_of(member))
        hold(member, *QualificationFactory.create_batch(8))
        for day in range(8):
            event = EventFactory(start=start + timedelta(days=day), responsible_person=member)
            put(member, PositionFactory(event=event))
        assert queries_of(client, page_of(member)) <= few <= 22


class TestCreating:
    def test_makes_an_active_account_without_password_and_mail(self, admin, medic):
        client = browser(admin)
        data = form_data(
            client.get(ADD),
            name="Nová Jana",
            email=" Jana@Example.ORG ",
            phone="777 123 456",
            roles=["Member"],
            **{"holdings-0-qualification": medic.pk},
        )
        assert client.post(ADD, data).status_code == 302
        person = User.objects.get(email="jana@example.org")
        assert person.is_active
        assert not person.has_usable_password()
        assert person.roles == [Role.MEMBER]
        assert person.holdings.get().qualification == medic
        assert not OutboxMessage.objects.exists()

    def test_gives_no_role_by_itself(self, admin):
        client = browser(admin)
        client.post(ADD, form_data(client.get(ADD), name="Nová Jana", email="jana@example.org"))
        assert User.objects.get(email="jana@example.org").roles == []

    def test_says_what_does_not_happen_by_itself(self, admin):
        page = text_of(browser(admin).get(ADD))
        assert "No mail is sent" in page
        assert "“Forgotten password”" in page


class TestSteps:
    def test_each_state_offers_what_makes_sense(self, admin, member):
        client = browser(admin)
        offered = {
            person.name: [button.url.split("/")[-2] for button in client.get(page_of(person)).context["buttons"]]
            for person in (member, make_member(name="Čeká", is_active=False), archived(name="Pryč"))
        }
        assert offered == {
            "Dvořák Petr": ["deactivate", "archive"],
            "Čeká": ["activate", "archive"],
            "Pryč": ["unarchive"],
        }

    def test_the_whole_life_of_an_account(self, admin, member):
        client = browser(admin)
        states = []
        for code in ("deactivate", "activate", "archive", "unarchive"):
            member.refresh_from_db()
            client.post(step(member, code), {"version": member.version})
            member.refresh_from_db()
            states.append(member.state.value)
        assert states == ["waiting", "active", "archived", "waiting"]

    def test_nobody_puts_themselves_away(self, admin):
        client = browser(admin)
        assert client.get(page_of(admin)).context["buttons"] == []
        client.post(step(admin, "archive"), {"version": admin.version})
        assert User.objects.get(pk=admin.pk).is_active

    def test_looking_at_the_address_of_a_step_does_nothing(self, admin, member):
        assert browser(admin).get(step(member, "archive")).status_code == 302
        assert User.objects.get(pk=member.pk).is_active

    def test_a_stale_button_is_refused(self, admin, member):
        answer = browser(admin).post(step(member, "archive"), {"version": member.version + 1})
        assert "changed in the meantime" in told(answer)[0]
        assert User.objects.get(pk=member.pk).is_active

    @pytest.mark.parametrize("code", ["nonsense", "delete"])
    def test_an_unknown_step_does_not_exist(self, admin, member, code):
        assert browser(admin).post(step(member, code)).status_code == 404

    def test_a_locked_login_is_opened(self, admin, member):
        AccessAttempt.objects.create(
            username=member.email, **ANYWHERE, failures_since_start=settings.AXES_FAILURE_LIMIT
        )
        client = browser(admin)
        assert "Login locked" in text_of(client.get(page_of(member)))
        client.post(step(member, "unlock"), {"version": member.version})
        assert not is_locked(member)
        assert AuditEntry.objects.filter(object_pk=str(member.pk), actor=admin).count() == 1


class TestRolesInBulk:
    def bulk(self, client, code, *people):
        url = reverse("admin:roster_user_bulk", args=[code])
        return client.post(url, {"ids": ",".join(str(person.pk) for person in people)})

    def test_says_how_many_changed_and_who_had_it_already(self, admin, member):
        technician = UserFactory(name="Technik Tomáš", roles=[Role.TECHNICIAN])
        answer = self.bulk(browser(admin), "add_role_technician", member, technician)
        assert member.roles == [Role.MEMBER, Role.TECHNICIAN]
        (message,) = told(answer)
        assert message.startswith("1 person changed. 1 was skipped:")
        assert "Technik Tomáš" in message

    def test_takes_a_role_and_the_leader_with_it(self, admin, member, medic):
        hold(member, medic)
        event = EventFactory(start=timezone.now() + timedelta(days=3), responsible_person=member)
        self.bulk(browser(admin), "remove_role_member", member)
        assert User.objects.get(pk=member.pk).roles == []
        assert Event.objects.get(pk=event.pk).responsible_person is None

    def test_asks_first(self, admin, member):
        answer = browser(admin).post(LIST, {"action": "add_role_viewer", "_selected_action": [str(member.pk)]})
        assert "Viewer" in text_of(answer)
        assert User.objects.get(pk=member.pk).roles == [Role.MEMBER]

    def test_is_for_those_who_assign_roles(self, coordinator, member):
        client = browser(coordinator)
        assert self.bulk(client, "add_role_admin", member).status_code == 403
        assert client.get(LIST).context["action_form"] is None

"""The setting that closes the backoffice to whoever has no second factor."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory
from medcover.common.errors import DomainError
from medcover.system.models import SiteSettings
from medcover.system.services import save_settings
from roster.models import User
from roster.restricted_rights import held_back
from roster.services import second_factor
from roster.tests.factories import PASSWORD, make_admin, make_coordinator, make_member
from roster.tests.two_steps.codes import code_of, switch_on

pytestmark = pytest.mark.django_db

PAGE = "/profile/second-factor/"
BACKEND = "roster.backends.RoleBackend"

#: Reached without the right to the backoffice: they send to the common pages or show nothing of ours.
NOT_GUARDED = {"login", "logout", "password_change", "password_change_done"}


@pytest.fixture
def required():
    SiteSettings.load()
    SiteSettings.objects.update(backoffice_requires_second_factor=True)


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def verified(person) -> Client:
    """A browser in which the person has logged in by both steps."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        device, _codes = switch_on(person)
        clock.shift(timedelta(seconds=30))
        client = Client()
        client.post("/login/", {"username": person.email, "password": PASSWORD})
        client.post("/login/code/", {"code": code_of(device)})
    return client


def backoffice_addresses() -> list[str]:
    """An address for every page of the backoffice."""
    resolver = next(entry for entry in get_resolver().url_patterns if getattr(entry, "namespace", "") == "admin")
    found = {address for name in _names(resolver) if name not in NOT_GUARDED for address in _addresses(name)}
    return sorted(found)


def _names(resolver: URLResolver) -> set[str]:
    names: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            names |= {entry.name} if entry.name else set()
        else:
            names |= _names(entry)
    return names


def _addresses(name: str) -> list[str]:
    for arguments in ([], ["1"], ["1", "1"], ["1", "x"], [1, "x"], ["roster"], ["1", "1", "1"]):
        try:
            return [reverse(f"admin:{name}", args=arguments)]
        except NoReverseMatch:
            continue
    return []


class TestBackoffice:
    def test_is_open_as_long_as_nobody_asks_for_more(self):
        assert browser(make_coordinator()).get("/admin/").status_code == 200

    def test_leads_to_the_set_up(self, required):
        answer = browser(make_admin()).get("/admin/", follow=True)
        assert answer.redirect_chain[-1] == (PAGE, 302)
        assert [message.level_tag for message in answer.context["messages"]] == ["warning"]

    def test_lets_in_whoever_has_proven_it(self, required):
        assert verified(make_admin()).get("/admin/").status_code == 200

    def test_having_one_is_not_enough_for_a_session_that_has_not_proven_it(self, required):
        admin = make_admin()
        switch_on(admin)
        assert browser(admin).get("/admin/").status_code == 302

    def test_the_set_up_opens_it_at_once(self, required):
        admin = make_admin()
        client = browser(admin)
        client.post(PAGE, {"current": PASSWORD})
        device = second_factor.authenticator_of(admin)
        client.post(f"{PAGE}setup/", {"code": code_of(device)})
        assert client.get("/admin/").status_code == 200

    def test_closes_again_when_it_is_switched_off(self, required):
        client = verified(make_admin())
        client.post(f"{PAGE}off/", {"current": PASSWORD})
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_no_page_of_it_is_forgotten(self, required, method):
        client = browser(make_admin())
        addresses = backoffice_addresses()
        assert len(addresses) > 40
        opened = [address for address in addresses if getattr(client, method)(address).status_code not in {301, 302}]
        assert opened == []

    def test_who_lacks_the_right_is_told_that_instead(self, required):
        assert browser(make_member()).get("/admin/", follow=True).status_code == 403

    def test_member_pages_stay_open(self, required):
        assert browser(make_admin()).get("/profile/").status_code == 200


class TestSwitchingOn:
    def test_is_refused_to_whoever_would_lock_themself_out(self):
        with pytest.raises(DomainError):
            save_settings(by=make_admin(), backoffice_requires_second_factor=True)
        assert not SiteSettings.load().backoffice_requires_second_factor

    def test_is_possible_with_a_second_factor(self):
        admin = make_admin()
        switch_on(admin)
        assert save_settings(by=admin, backoffice_requires_second_factor=True).backoffice_requires_second_factor

    def test_other_settings_ask_for_none(self, required):
        assert save_settings(by=make_admin(), session_hours=12).session_hours == 12

    def test_switching_it_off_asks_for_none(self, required):
        save_settings(by=make_admin(), backoffice_requires_second_factor=False)
        assert not SiteSettings.load().backoffice_requires_second_factor

    def test_the_page_says_why(self):
        client = browser(make_admin())
        page = reverse("admin:system_sitesettings_change", args=[SiteSettings.load().pk])
        form = client.get(page).context["adminform"].form
        data = {name: value for name, value in form.initial.items() if value is not None}
        answer = client.post(page, {**data, "backoffice_requires_second_factor": "on"})
        assert answer.status_code == 200
        assert "adminform" in answer.context
        assert not SiteSettings.load().backoffice_requires_second_factor


class TestOnTheMemberPages:
    """Beside the closed door there is no open gate: without the factor everybody is a member there."""

    @pytest.fixture
    def event(self):
        start = timezone.now() + timedelta(days=9)
        return PositionFactory(event__start=start, event__end=start + timedelta(hours=4)).event

    @pytest.mark.parametrize("make", [make_admin, make_coordinator])
    def test_nobody_acts_for_others(self, required, event, make):
        person, other = make(), make_member()
        client = browser(person)
        position = event.positions.get()
        assert client.post(f"/events/{event.pk}/transition/close/").status_code == 403
        client.post(f"/events/{event.pk}/assign/?position={position.pk}", {"person": str(other.pk)})
        assert not event.assignments.exists()
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_one_does_what_members_do_and_is_told_why(self, required, event):
        person = make_coordinator()
        client = browser(person)
        page = client.get(f"/events/{event.pk}/").content.decode()
        assert "jen práva člena" in page
        client.post(f"/positions/{event.positions.get().pk}/claim/")
        assert event.assignments.get().person == person

    def test_members_are_not_concerned(self, required, event):
        assert "jen práva člena" not in browser(make_member()).get("/").content.decode()

    def test_with_the_factor_all_rights_are_there(self, required, event):
        page = verified(make_coordinator()).get(f"/events/{event.pk}/").content.decode()
        assert "jen práva člena" not in page
        assert "Uzavřít přihlášky" in page

    def test_superusers_are_held_back_too(self, required):
        person = make_member(is_superuser=True)
        assert person.has_perm("events.publish_event")
        with held_back(person.pk):
            again = User.objects.get(pk=person.pk)
            assert not again.has_perm("events.publish_event")
            assert again.has_perm("events.assign_own")

    def test_a_responsible_person_keeps_what_members_in_charge_may_do(self, required):
        person = make_coordinator()
        event = EventFactory(responsible_person=person)
        with held_back(person.pk):
            assert person.has_perm("events.close_signups", event)
            assert not person.has_perm("events.close_signups", EventFactory())

    def test_nor_does_one_place_oneself_where_coordinators_place_people(self, required):
        """The service reads the person anew under its lock."""
        person, start = make_coordinator(), timezone.now() + timedelta(days=9)
        run = MasterEventFactory(coordinator=make_coordinator())
        position = PositionFactory(event__master_event=run, event__start=start, event__end=start + timedelta(hours=4))
        browser(person).post(f"/positions/{position.pk}/claim/")
        assert not position.event.assignments.exists()
        verified(person).post(f"/positions/{position.pk}/claim/")
        assert position.event.assignments.get().person == person

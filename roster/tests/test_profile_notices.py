"""„Oznámení“ on the own profile: which optional mails one wishes to get."""

from __future__ import annotations

import pytest
from django.test import Client

from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications import registry
from notifications import services as outbox
from notifications.models import OptOut
from roster import services
from roster.models import User
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

ADDRESS = "/profile/notifications/"
PROFILE = "/profile/"


@pytest.fixture
def person():
    return make_member(name="Dvořák Petr", language="en")


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


def page_of(client) -> dict[str, list[str]]:
    """What a browser would send back of the form as it is shown."""
    wishes = client.get(PROFILE).context["notices_form"].wishes
    sent = [wish for wish in wishes if wish.is_sent]
    return {
        "shown": [wish.notice.code for wish in sent],
        "wanted": [wish.notice.code for wish in sent if wish.is_wanted],
    }


def send(client, person, form, **changes):
    person.refresh_from_db()
    return client.post(ADDRESS, {**form, "version": person.version, **changes}, follow=True)


def declined(person: User) -> set[str]:
    return OptOut.objects.codes_of(person.pk)


def levels(answer) -> list[str]:
    return [message.level_tag for message in answer.context["messages"]]


class TestWhatIsOffered:
    def test_everything_is_wanted_until_one_says_otherwise(self, client):
        wishes = client.get(PROFILE).context["notices_form"].wishes
        assert {wish.is_wanted for wish in wishes} == {True}
        assert {"event_changed", "event_published"} <= {wish.notice.code for wish in wishes}

    def test_each_with_words_of_its_own(self, client):
        page = client.get(PROFILE).content.decode()
        assert "Event cancelled" in page
        assert "An event that you are signed up for will not take place." in page

    def test_only_what_one_s_roles_may_get(self):
        def codes(person: User) -> set[str]:
            client = Client()
            client.force_login(person)
            return {wish.notice.code for wish in client.get(PROFILE).context["notices_form"].wishes}

        offered = codes(make_coordinator())
        assert {"event_published", "assignments_opened", "drop_out_alarm"} <= offered
        assert not offered & {"assignment_confirmed", "event_changed"}
        assert codes(make_viewer()) == set()

    def test_whoever_gets_nothing_is_told_so(self):
        client = Client()
        client.force_login(make_viewer(language="en"))
        page = client.get(PROFILE).content.decode()
        assert "With your roles you get only mails about your account." in page
        assert ADDRESS not in page

    def test_what_the_site_sends_to_nobody_cannot_be_chosen(self, client):
        outbox.switch("event_changed", enabled=False, by=make_admin())
        page = client.get(PROFILE).content.decode()
        box = page[page.index('id="wish-event_changed"') :]
        assert "disabled" in box[: box.index(">")]
        assert "Your organisation does not send this to anybody now." in page

    def test_account_mails_are_no_choice(self, client):
        assert 'id="wish-password_reset"' not in client.get(PROFILE).content.decode()


class TestChoosing:
    def test_declines_and_wishes_again(self, client, person):
        form = page_of(client)
        form["wanted"].remove("event_changed")
        answer = send(client, person, form)
        assert answer.redirect_chain == [(PROFILE, 302)]
        assert levels(answer) == ["success"]
        assert declined(person) == {"event_changed"}
        form = page_of(client)
        assert "event_changed" not in form["wanted"]
        send(client, person, form, wanted=form["shown"])
        assert declined(person) == set()

    def test_everything_may_be_declined(self, client, person):
        form = page_of(client)
        send(client, person, form, wanted=[])
        assert declined(person) == {notice.code for notice in registry.optional_for(person.role_names)}

    def test_each_change_is_recorded_in_the_language_of_the_site(self, client, person):
        form = page_of(client)
        form["wanted"].remove("event_cancelled")
        send(client, person, form)
        entry = AuditEntry.objects.filter(object_pk=str(person.pk)).latest("id")
        assert (entry.actor, entry.kind) == (person, "edit")
        assert "Dvořák Petr" in entry.summary
        assert "Akce zrušena" in entry.summary

    def test_nothing_changed_leaves_no_trace(self, client, person):
        form, before = page_of(client), AuditEntry.objects.count()
        assert levels(send(client, person, form)) == ["info"]
        person.refresh_from_db()
        assert (person.version, AuditEntry.objects.count()) == (1, before)

    def test_a_change_makes_older_forms_stale(self, client, person):
        form = page_of(client)
        send(client, person, form, wanted=[])
        answer = client.post(ADDRESS, {**form, "version": 1})
        assert answer.status_code == 409
        assert "event_changed" in declined(person)

    def test_a_type_that_the_page_did_not_show_stays_as_it_was(self, client, person):
        """It was switched off or did not exist when the page was made."""
        outbox.switch("event_changed", enabled=False, by=make_admin())
        form = page_of(client)
        outbox.switch("event_changed", enabled=True, by=make_admin())
        send(client, person, form)
        assert declined(person) == set()

    @pytest.mark.parametrize("code", ["password_reset", "unknown"])
    def test_what_is_no_choice_is_left_out(self, client, person, code):
        answer = send(client, person, {"shown": [code], "wanted": []})
        assert levels(answer) == ["info"]
        assert declined(person) == set()

    def test_nor_does_the_service_take_it(self, person):
        with pytest.raises(DomainError):
            services.choose_notices(person.pk, {"password_reset": False}, by=person)

    def test_reading_the_address_leads_to_the_page(self, client):
        assert client.get(ADDRESS)["Location"] == PROFILE

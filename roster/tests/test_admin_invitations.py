"""The page „Pozvánky k registraci“ in the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials.models import InvitationGrant
from credentials.tests.factories import QualificationFactory
from medcover.backoffice.tests.pages import queries_of, told
from notifications.models import OutboxMessage
from roster.models import Invitation
from roster.services import invitations
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:roster_invitation_changelist")
JANA = "jana@example.org"


@pytest.fixture
def admin(client):
    person = make_admin(name="Adminová Eva", language="en")
    client.force_login(person)
    return person


def invite(admin, address=JANA, **words):
    return invitations.invite(address, by=admin, at=timezone.now(), **words).sent[0]


def send(client, addresses=JANA, **more):
    return client.post(LIST, {"addresses": addresses, "subject": "", "text": "", **more})


def act(client, row, code, **more):
    return client.post(reverse("admin:roster_invitation_action", args=[row.pk, code]), more)


def page(client, **query) -> str:
    return client.get(LIST, query).content.decode()


def age(row, **fields):
    """Let the invitation have been made four days ago."""
    made = timezone.now() - timedelta(days=4)
    Invitation.objects.filter(pk=row.pk).update(created_at=made, expires_at=made + timedelta(hours=72), **fields)


class TestTheDoor:
    @pytest.mark.parametrize("make", [make_member, make_coordinator])
    def test_is_closed_without_the_right(self, client, make):
        row = invite(make_admin())
        client.force_login(make())
        assert client.get(LIST, follow=True).status_code == 403
        assert send(client, "petr@example.org").status_code in (302, 403)
        act(client, row, "cancel")
        row.refresh_from_db()
        assert row.cancelled_at is None
        assert Invitation.objects.count() == 1

    def test_a_coordinator_does_not_even_see_the_link(self, client):
        client.force_login(make_coordinator())
        assert LIST not in client.get("/admin/").content.decode()

    def test_nothing_is_added_changed_or_deleted_the_admins_way(self, client, admin):
        row = invite(admin)
        assert client.get(reverse("admin:roster_invitation_add")).status_code == 403
        assert client.post(reverse("admin:roster_invitation_delete", args=[row.pk])).status_code == 403
        change = reverse("admin:roster_invitation_change", args=[row.pk])
        assert client.post(change, {"email": "zlo@example.org"})["Location"] == LIST
        row.refresh_from_db()
        assert row.email == JANA

    def test_looking_at_an_action_does_nothing(self, client, admin):
        row = invite(admin)
        client.get(reverse("admin:roster_invitation_action", args=[row.pk, "cancel"]))
        row.refresh_from_db()
        assert row.cancelled_at is None


class TestInviting:
    def test_tells_what_became_of_each_address(self, client, admin):
        UserFactory(email="petr@example.org")
        invite(admin)
        answer = send(client, f"nova@example.org\n{JANA}; petr@example.org, NOVA@example.org")
        assert (answer.status_code, answer["Location"]) == (302, LIST)
        sentences = told(client.get(LIST))
        assert any("1 invitation is on its way" in sentence for sentence in sentences)
        assert any("petr@example.org" in sentence and "account" in sentence for sentence in sentences)
        assert any(JANA in sentence and "valid" in sentence for sentence in sentences)

    def test_a_malformed_address_stops_all_and_everything_typed_stays(self, client, admin):
        answer = send(client, "ok@example.org\nnot-an-address", subject="Vítej", text="Ahoj <b>Jano</b>")
        assert answer.status_code == 422
        content = answer.content.decode()
        assert "not-an-address" in answer.context["invitation_form"].errors["addresses"][0]
        assert "ok@example.org" in content
        assert 'value="Vítej"' in content
        assert "Ahoj &lt;b&gt;Jano&lt;/b&gt;" in content
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("typed", ["", " , ;\n", "<script>alert(1)</script>@example.org", "\0@example.org"])
    def test_nonsense_invites_nobody(self, client, admin, typed):
        answer = send(client, typed)
        assert answer.status_code == 422
        assert "<script>alert(1)" not in answer.content.decode()
        assert not Invitation.objects.exists()

    def test_the_form_opens_with_the_words_used_last(self, client, admin):
        invite(admin, "first@example.org", subject="Starý", text="Staré")
        invite(admin, "second@example.org", subject="Vítej", text="Ahoj\nJano")
        assert client.get(LIST).context["invitation_form"].initial == {"subject": "Vítej", "text": "Ahoj\nJano"}

    def test_before_the_first_one_it_is_empty(self, client, admin):
        assert client.get(LIST).context["invitation_form"].initial == {}

    def test_qualifications_are_granted_to_everybody(self, client, admin):
        medic, gone = QualificationFactory(), QualificationFactory(is_deleted=True, deleted_at=timezone.now())
        assert gone.name not in page(client)
        send(client, "a@example.org b@example.org".replace(" ", ";"), qualifications=[medic.pk])
        assert InvitationGrant.objects.filter(qualification=medic).count() == 2
        assert medic.name in page(client)

    def test_a_deleted_one_is_no_choice(self, client, admin):
        gone = QualificationFactory(is_deleted=True, deleted_at=timezone.now())
        assert send(client, qualifications=[gone.pk]).status_code == 422
        assert not Invitation.objects.exists()

    def test_without_the_right_they_are_neither_offered_nor_taken(self, client, monkeypatch):
        medic, person = QualificationFactory(), make_admin()
        client.force_login(person)
        real = type(person).has_perm
        lacks = "credentials.assign_qualification"
        monkeypatch.setattr(
            type(person), "has_perm", lambda self, perm, obj=None: perm != lacks and real(self, perm, obj)
        )
        assert "qualifications" not in client.get(LIST).context["invitation_form"].fields
        send(client, qualifications=[medic.pk])
        assert Invitation.objects.count() == 1
        assert not InvitationGrant.objects.exists()


class TestTheList:
    def test_shows_the_newest_first_with_everything_about_it(self, client, admin):
        invite(admin, "first@example.org")
        row = invite(admin)
        content = page(client)
        assert content.index(JANA) < content.index("first@example.org")
        for words in ("Adminová Eva", f"/register/{row.token}/", "Queued", "Waiting for registration"):
            assert words in content

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"used_at": timezone.now()}, "Registered"),
            ({"cancelled_at": timezone.now()}, "Invitation cancelled"),
            ({}, "Invitation expired"),
        ],
    )
    def test_the_link_is_there_only_while_it_works(self, client, admin, fields, words):
        row = invite(admin)
        age(row, **fields)
        content = page(client)
        assert words in content
        assert row.token not in content

    def test_the_state_is_a_filter(self, client, admin):
        age(invite(admin, "old@example.org"))
        age(invite(admin, "used@example.org"), used_at=timezone.now())
        invite(admin)
        found = {state: rows_in(client, state) for state in ("waiting", "completed", "cancelled", "expired", "?")}
        assert found == {
            "waiting": [JANA],
            "completed": ["used@example.org"],
            "cancelled": [],
            "expired": ["old@example.org"],
            "?": [JANA, "used@example.org", "old@example.org"],
        }

    def test_a_failed_mail_shows_how_its_error_begins(self, client, admin):
        row = invite(admin)
        OutboxMessage.objects.update(status="failed", last_error="<i>550</i> " + "x" * 500)
        content = page(client)
        assert "Mail error" in content
        assert "&lt;i&gt;550&lt;/i&gt;" in content
        assert "x" * 100 not in content
        assert reverse("admin:roster_invitation_action", args=[row.pk, "resend"]) in content

    def test_the_opening_of_the_link_is_shown(self, client, admin):
        row = invite(admin)
        assert "Opened" not in page(client)
        invitations.first_opened(row.token, at=timezone.now())
        assert "Opened" in page(client)

    def test_is_searched_by_address(self, client, admin):
        invite(admin, "petr@example.org")
        invite(admin)
        assert rows_in(client, "", q="JANA") == [JANA]

    def test_costs_the_same_however_long_it_is(self, client, admin):
        medic = QualificationFactory()

        def add(number: int) -> None:
            send(client, ",".join(f"p{number}-{n}@example.org" for n in range(number)), qualifications=[medic.pk])

        add(2)
        few = queries_of(client, LIST)
        add(20)
        many = queries_of(client, LIST)
        assert many <= few
        assert many <= 20

    def test_is_paged_and_a_page_behind_the_end_is_the_last(self, client, admin):
        addresses = ",".join(f"p{n}@example.org" for n in range(31))
        send(client, addresses)
        assert len(client.get(LIST, {"p": "2"}).context["cl"].result_list) == 1
        assert client.get(LIST, {"p": "9"})["Location"] == "?p=2"


def rows_in(client, state: str, **query) -> list[str]:
    cl = client.get(LIST, {**({"state": state} if state else {}), **query}).context["cl"]
    return [row.email for row in cl.result_list]


class TestActions:
    def test_cancelling_returns_to_the_list_as_it_was(self, client, admin):
        row = invite(admin)
        answer = act(client, row, "cancel", next=f"{LIST}?state=waiting")
        assert answer["Location"] == f"{LIST}?state=waiting"
        row.refresh_from_db()
        assert row.cancelled_at

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", ""])
    def test_no_other_address_is_followed(self, client, admin, wanted):
        assert act(client, invite(admin), "cancel", next=wanted)["Location"] == LIST

    def test_sending_again_after_a_failure(self, client, admin):
        row = invite(admin)
        OutboxMessage.objects.update(status="failed")
        act(client, row, "resend")
        assert OutboxMessage.objects.get().status == "pending"

    @pytest.mark.parametrize("code", ["resend", "cancel"])
    def test_what_is_not_possible_is_told(self, client, admin, code):
        row = invite(admin)
        age(row, used_at=timezone.now())
        answer = client.get(act(client, row, code)["Location"])
        assert [message.level_tag for message in answer.context["messages"]] == ["error"]

    def test_only_what_is_possible_is_offered(self, client, admin):
        row = invite(admin)
        resend, cancel = (
            reverse("admin:roster_invitation_action", args=[row.pk, code]) for code in ("resend", "cancel")
        )
        assert (resend in page(client), cancel in page(client)) == (False, True)
        OutboxMessage.objects.update(status="skipped")
        assert (resend in page(client), cancel in page(client)) == (True, True)
        age(row)
        assert (resend in page(client), cancel in page(client)) == (False, True)
        age(row, used_at=timezone.now())
        assert (resend in page(client), cancel in page(client)) == (False, False)

"""The card of the signature on the profile, and the picture it shows."""

from __future__ import annotations

from contextlib import contextmanager
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roster.models import Signature, User
from roster.rights import Role
from roster.services.signatures import save_signature
from roster.signatures import isolated
from roster.signatures.refusals import Reason, UnfitPicture
from roster.tests.factories import UserFactory, make_member, make_viewer
from roster.tests.pictures import accepted, drawing, hostile, noise, saved

pytestmark = pytest.mark.django_db

PROFILE, ADDRESS = "/profile/", "/profile/signature/"
DELETE, PICTURE = "/profile/signature/delete/", "/profile/signature/picture/"
TITLE = "Podpis pro výkaz práce"
SCRIBBLE = saved(drawing(), "JPEG")
HOSTILE = {**hostile(), "noise": (noise(), Reason.TOO_HEAVY)}


@pytest.fixture
def person():
    return make_member()


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


def send(client, data: bytes = SCRIBBLE, *, version: int = 1, name: str = "podpis.jpg", follow: bool = False):
    file = SimpleUploadedFile(name, data, content_type="image/png")
    return client.post(ADDRESS, {"picture": file, "version": version}, follow=follow)


def messages_of(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def keeps(person: User) -> bool:
    return Signature.objects.of(person).exists()


class TestSending:
    @pytest.mark.parametrize("kind", ["png", "png, transparent palette", "jpeg", "jpeg of several pictures", "heic"])
    def test_a_picture_makes_a_signature(self, client, person, kind):
        answer = send(client, accepted()[kind], follow=True)
        assert answer.redirect_chain == [("/profile/#signature", 302)]
        assert messages_of(answer) == ["Váš podpis jsme uložili."]
        assert keeps(person)

    def test_its_name_and_announced_type_count_for_nothing(self, client, person):
        send(client, saved(drawing(), "HEIF"), name="výkaz.xlsx")
        assert keeps(person)

    def test_another_one_replaces_it(self, client, person):
        send(client)
        first = Signature.objects.picture_of(person)
        send(client, saved(drawing((600, 400)), "PNG"), version=2)
        assert Signature.objects.picture_of(person) != first

    def test_the_same_one_again_changes_nothing(self, client, person):
        send(client)
        assert messages_of(send(client, version=2, follow=True))[-1] == "Nic se nezměnilo."

    @pytest.mark.parametrize("name", HOSTILE)
    def test_what_is_no_fit_picture_comes_back_with_its_own_sentence(self, client, person, name):
        data, reason = HOSTILE[name]
        answer = send(client, data)
        assert answer.status_code == 422
        assert answer.context["signature_form"].errors == {"picture": [str(UnfitPicture(reason))]}
        assert str(UnfitPicture(reason)) in unescape(answer.content.decode())
        assert not keeps(person)

    def test_no_file_at_all_is_said_too(self, client):
        answer = client.post(ADDRESS, {"version": 1})
        assert answer.status_code == 422
        assert answer.context["signature_form"].errors == {"picture": [str(UnfitPicture(Reason.EMPTY))]}

    def test_a_text_in_place_of_a_file_is_no_file(self, client):
        answer = client.post(ADDRESS, {"version": 1, "picture": "data:image/png;base64,AAAA"})
        assert answer.context["signature_form"].errors == {"picture": [str(UnfitPicture(Reason.EMPTY))]}

    def test_many_at_once_are_asked_to_come_back(self, client, monkeypatch):
        monkeypatch.setattr(isolated, "WAIT", 0.01)
        with isolated._one_at_a_time:
            answer = send(client)
        assert answer.status_code == 422
        assert "Zkuste to za minutu znovu." in answer.content.decode()

    @pytest.mark.parametrize("version", [0, 2, "", "x"])
    def test_a_stale_form_is_refused(self, client, person, version):
        assert send(client, version=version).status_code == 409
        assert not keeps(person)

    def test_reading_the_address_leads_to_the_page(self, client):
        assert client.get(ADDRESS)["Location"] == PROFILE
        assert client.get(DELETE)["Location"] == PROFILE


class TestCard:
    def test_stands_third(self, client):
        page = client.get(PROFILE).content.decode()
        titles = ["Osobní údaje", "Nastavení\n", TITLE, "Změna hesla"]
        places = [page.index(title, page.index("<main")) for title in titles]
        assert places == sorted(places)

    def test_without_a_signature_offers_to_save_one(self, client):
        page = client.get(PROFILE).content.decode()
        assert "Uložit podpis" in page
        assert "Smazat podpis" not in page
        assert PICTURE not in page

    def test_with_one_shows_it_and_offers_to_replace_and_delete_it(self, client):
        page = send(client, follow=True).content.decode()
        assert f'src="{PICTURE}?v=2"' in page
        assert "Nahradit podpis" in page
        assert "Smazat podpis" in page

    def test_the_address_of_the_picture_changes_with_it(self, client):
        send(client)
        assert f'src="{PICTURE}?v=3"' in send(client, accepted()["heic"], version=2, follow=True).content.decode()

    def test_its_form_takes_files_of_the_right_kinds(self, client):
        page = client.get(PROFILE).content.decode()
        form = page[page.index(f'action="{ADDRESS}"') :].partition("</form>")[0]
        assert 'enctype="multipart/form-data"' in form
        assert "image/png,image/jpeg,image/heic,image/heif" in form
        assert "nejvýš 8 MB" in form

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN, Role.DEBRIEFING_MANAGER])
    def test_is_not_there_without_the_right(self, role):
        client = Client()
        client.force_login(UserFactory(roles=[role]))
        assert TITLE not in client.get(PROFILE).content.decode()

    def test_costs_one_query_whether_there_is_a_signature_or_not(self, client, person):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(PROFILE)
            return len(captured)

        queries()  # the first request of all makes the settings row
        without = queries()
        save_signature(SCRIBBLE, by=person)
        assert queries() <= without <= 15

    def test_saving_takes_few_queries(self, client):
        client.get(PROFILE)
        with CaptureQueriesContext(connection) as captured:
            send(client)
        assert len(captured) <= 22


class TestPicture:
    def test_is_the_signature(self, client, person):
        send(client)
        answer = client.get(f"{PICTURE}?v=2")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer.content == Signature.objects.picture_of(person)

    def test_is_kept_by_nobody_and_taken_for_nothing_else(self, client):
        send(client)
        answer = client.get(PICTURE)
        assert {part.strip() for part in answer["Cache-Control"].split(",")} == {"private", "no-store"}
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_does_not_exist_without_a_signature(self, client):
        assert client.get(PICTURE).status_code == 404

    def test_of_somebody_else_is_not_to_be_had(self, client):
        save_signature(SCRIBBLE, by=make_member())
        for address in (PICTURE, f"{PICTURE}?v=2"):
            assert client.get(address).status_code == 404

    def test_is_not_to_be_had_once_the_right_is_gone(self, client, person):
        send(client)
        person.groups.clear()
        assert client.get(PICTURE).status_code == 403

    def test_takes_one_read_of_the_row(self, client):
        send(client)
        with CaptureQueriesContext(connection) as captured:
            client.get(PICTURE)
        reads = [query for query in captured.captured_queries if "roster_signature" in query["sql"]]
        assert len(reads) == 1
        assert len(captured) <= 9

    def test_is_only_for_reading(self, client):
        assert client.post(PICTURE).status_code == 405


class TestDeleting:
    def test_forgets_it(self, client, person):
        send(client)
        answer = client.post(DELETE, {"version": 2}, follow=True)
        assert answer.redirect_chain == [("/profile/#signature", 302)]
        assert messages_of(answer)[-1] == "Váš podpis jsme smazali."
        assert not keeps(person)
        assert client.get(PICTURE).status_code == 404

    @pytest.mark.parametrize("version", [1, "", "x"])
    def test_with_a_stale_form_is_refused(self, client, person, version):
        send(client)
        assert client.post(DELETE, {"version": version}).status_code == 409
        assert keeps(person)

    def test_of_none_says_so(self, client):
        answer = client.post(DELETE, {"version": 1})
        assert answer.status_code == 409
        assert "Žádný podpis tu nemáte." in answer.content.decode()


class TestProtection:
    @pytest.mark.parametrize("address", [ADDRESS, DELETE])
    def test_nothing_is_taken_without_the_form_s_token(self, person, address):
        save_signature(SCRIBBLE, by=person)
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        before = Signature.objects.picture_of(person)
        data = {"version": 2, "picture": SimpleUploadedFile("a.png", accepted()["heic"])}
        assert client.post(address, data).status_code == 403
        assert Signature.objects.picture_of(person) == before

    @pytest.mark.parametrize("address", [ADDRESS, DELETE, PICTURE])
    def test_without_the_right_there_is_nothing(self, address):
        client = Client()
        client.force_login(make_viewer())
        with nothing_decoded():
            assert client.get(address).status_code == 403
            assert send(client).status_code == 403
        assert client.post(DELETE, {"version": 1}).status_code == 403

    def test_nobody_s_signature_can_be_named(self, client):
        """Whatever is posted besides, the person is whoever is logged in."""
        other = make_member()
        file = SimpleUploadedFile("a.png", SCRIBBLE)
        client.post(ADDRESS, {"picture": file, "version": 1, "person": other.pk, "user": other.pk, "id": other.pk})
        assert not keeps(other)


@contextmanager
def nothing_decoded():
    """Fail when a picture gets as far as its process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolated.limited_process, "run", lambda *_args, **_limits: pytest.fail("It was decoded."))
        yield

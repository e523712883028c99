"""Public pages: what everybody sees, what nobody sees, and reports with their traps."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from equipment import status_board
from equipment.models import Attachment, EquipmentItem, Link, Repair, RepairPhoto
from equipment.public.forms import begun, seconds_since
from equipment.services.repairs import strangers
from equipment.tests.factories import (
    ItemFactory,
    LocationFactory,
    document_of,
    issued,
    make_technician,
    packed,
    repair_of,
)
from events.tests.factories import EventFactory
from medcover.system import audit
from medcover.system.models import SiteSettings
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BOARD, KIOSK = "/public/", "/public/kiosk"


@pytest.fixture
def item() -> EquipmentItem:
    return ItemFactory(name="AED 1", location=LocationFactory(name="Garáž"))


def url(item, tail: str = "") -> str:
    return f"/public/equipment/{item.code}{tail}"


def shown(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def typed(item, **fields) -> dict:
    """A form as somebody has filled it in within a minute."""
    stamp = begun(item.code, timezone.now() - timedelta(minutes=1))
    return {"name": "Kolem Jdoucí", "description": "Kouří", "severity": "unsure", "begun": stamp, **fields}


def send(item, client: Client | None = None, **fields):
    return (client or Client()).post(url(item, "/report"), typed(item, **fields))


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (300, 200), "blue").save(out, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", out.getvalue())


class TestBoard:
    def test_shows_status_by_icon_and_word_and_leads_to_the_item(self, item):
        repair_of(item, severity="down", description="Nejde zapnout", eta=NOW.date())
        ItemFactory(name="Batoh", location=item.location)
        page = shown(BOARD)
        assert "#x-circle" in page
        for words in ("Garáž", "AED 1", "Mimo provoz", "Nejde zapnout", f"{NOW:%d.%m.%Y}", "Batoh", "V provozu"):
            assert words in page, words
        assert f'href="{url(item)}"' in page

    def test_says_that_what_works_is_not_handed_out(self, item):
        EquipmentItem.objects.filter(pk=item.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
        for page in (BOARD, KIOSK, f"{BOARD}?q=aed", f"/public/equipment/{item.code}"):
            assert ("V provozu" in shown(page), "Nevydává se: prošlé" in shown(page)) == (True, True), page
        assert "Všechno je v provozu." not in shown(BOARD)
        assert "Nevydává se: 1" in shown(BOARD)

    def test_a_long_text_is_cut(self, item):
        repair_of(item, description="x" * 3000)
        assert "x" * 159 + "…" in shown(BOARD)
        assert "x" * 170 not in shown(BOARD)

    def test_empty_ones(self):
        assert "Zatím tu není žádné vybavení." in shown(BOARD)
        LocationFactory(name="Prázdný")
        ItemFactory(location=LocationFactory(name="Plný"))
        assert "Žádné vybavení sem nepatří." in shown(BOARD)
        assert "Všechno je v provozu." in shown(BOARD)

    def test_what_is_left_out_is_a_link_away(self, item, monkeypatch):
        monkeypatch.setattr("equipment.status_board.LEAST_OF_LOCATION", 1)
        monkeypatch.setitem(status_board.sections.__kwdefaults__, "most", 1)
        for _number in range(3):
            ItemFactory(location=item.location)
        page = shown(BOARD)
        assert "Zobrazit všechny 4 položky" in page
        assert f"/public/?location={item.location_id}" in page

    @pytest.mark.parametrize(("query", "found"), [
        ("q=aed", ["AED 1"]), ("q=1+AED", ["AED 1"]), ("q=SN7", []), ("location=none", ["Batoh"]),
        ("location={place}", ["AED 1"]), ("location={place}&q=batoh", []),
    ])  # fmt: skip
    def test_search_in_names_alone(self, item, query, found):
        EquipmentItem.objects.filter(pk=item.pk).update(serial_number="SN7", notes="batoh")
        ItemFactory(name="Batoh")
        answer = Client().get(f"{BOARD}?{query.format(place=item.location_id)}")
        assert [line.item.name for line in answer.context["lines"]] == found

    def test_pages_of_what_was_found(self, item, monkeypatch):
        monkeypatch.setattr("equipment.public.views.board.PER_PAGE", 2)
        for number in range(3):
            ItemFactory(name=f"AED {number + 2}", location=item.location)
        repair_of(item)
        first, last = (Client().get(f"{BOARD}?q=aed&page={number}") for number in (1, 2))
        assert [line.item.name for line in first.context["lines"]] == ["AED 1", "AED 2"]
        assert [line.item.name for line in last.context["lines"]] == ["AED 3", "AED 4"]
        assert Client().get(f"{BOARD}?q=aed&page=9").url == f"{BOARD}?q=aed&page=2"

    def test_what_it_does_not_know_it_ignores(self, item):
        assert "Zobrazit" not in shown(f"{BOARD}?location=999&q=")
        assert Client().get(f"{BOARD}?kiosk=true").url == KIOSK

    def test_asks_nobody_who_they_are(self, item, django_assert_max_num_queries):
        repair_of(item)
        SiteSettings.load()
        for path, most in ((BOARD, 5), (KIOSK, 5), (url(item), 4), (url(item, "/info"), 5)):
            with django_assert_max_num_queries(most):
                answer = Client().get(path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "sessionid" not in answer.cookies

    def test_whoever_is_logged_in_finds_back(self, item):
        assert "Přihlásit se" in shown(BOARD)
        assert "Do aplikace" in shown(BOARD, browser(make_member()))


class TestKiosk:
    def test_of_a_large_store_shows_what_is_in_trouble(self, item, monkeypatch):
        monkeypatch.setattr("equipment.public.views.board.KIOSK_CARDS", 2)
        ItemFactory.create_batch(2, name="V pořádku", location=item.location)
        repair_of(item, severity="down")
        page = shown(KIOSK)
        assert ("AED 1" in page, "V pořádku" in page, "V provozu: 2" in page) == (True, False, True)

    def test_has_no_links_and_comes_anew_also_without_scripts(self, item):
        LocationFactory(name="Prázdný")
        page = shown(KIOSK)
        assert '<meta http-equiv="refresh" content="60">' in page
        assert ("AED 1" in page, "Prázdný" in page, "<a " in page, "<form" in page) == (True, False, False, False)

    def test_of_one_location(self, item):
        ItemFactory(name="Jinde", location=LocationFactory())
        page = shown(f"{KIOSK}/{item.location_id}")
        assert ("AED 1" in page, "Jinde" in page) == (True, False)
        assert "Zatím tu není" in shown(f"{KIOSK}/{LocationFactory().pk}")

    def test_not_of_an_archived_or_missing_one(self):
        assert Client().get(f"{KIOSK}/{LocationFactory(is_archived=True).pk}").status_code == 404
        assert Client().get(f"{KIOSK}/999999").status_code == 404


class TestItem:
    def test_shows_what_is_known_with_the_status_of_each(self, item):
        repair_of(item, description="Starší <b>", severity="down", status="parts_ordered", eta=NOW.date(),
                  created=NOW - timedelta(days=2))  # fmt: skip
        repair_of(item, description="Novější", is_safety_risk=True)
        repair_of(item, description="Hotová", status="resolved")
        page = shown(url(item))
        for words in ("Mimo provoz", "Starší &lt;b&gt;", "Díly objednány", "Není jisté", "Bezpečnostní riziko"):
            assert words in page, words
        assert page.index("Novější") < page.rindex("Starší")
        assert "Hotová" not in page

    def test_nothing_known(self, item):
        page = shown(url(item))
        assert ("V provozu" in page, "Známé závady" in page) == (True, False)

    def test_old_stickers_and_small_letters_lead_to_the_code(self, item):
        assert Client().get(f"/public/equipment/{item.pk}").url == url(item)
        assert Client().get(f"/public/equipment/{item.code.lower()}").url == url(item)
        assert reverse("public:item", args=[item.code]) == url(item)

    def test_not_of_what_is_archived_or_unknown(self, item):
        Attachment.objects.create(item=item, kind="photo", name="a.jpg", size=1, file="x.jpg")
        paths = [f"/public/equipment/{item.pk}", *(url(item, tail) for tail in ("", "/info", "/files/1"))]
        EquipmentItem.objects.update(is_archived=True)
        assert [Client().get(path).status_code for path in paths] == [404] * 4
        assert send(item).status_code == 404
        assert Client().get("/public/equipment/0").status_code == 404
        assert Client().get("/public/equipment/" + "A" * 16).status_code == 404

    def test_who_is_logged_in_is_led_on(self, item):
        app, repairs, named = f"/equipment/{item.pk}/", f"/equipment/repairs/?item={item.pk}", "/problem/"
        for person, expected in ((make_viewer(), (1, 0, 0)), (make_member(), (1, 0, 1)),
                                 (make_technician(), (1, 1, 1))):  # fmt: skip
            page = shown(url(item), browser(person))
            assert (f'"{app}"' in page, f'"{repairs}"' in page, named in page) == tuple(map(bool, expected))
        assert app not in shown(url(item))


class TestNothingPersonal:
    def test_on_any_page(self, item):
        """Whoever has it, repairs it, reported it, planned it: all are called by names that stand nowhere."""
        secret = make_technician(name="Tajný Technik", email="tajny@example.org")
        issued(secret, item)
        packed(EventFactory(name="Tajný koncert"), item)
        EquipmentItem.objects.filter(pk=item.pk).update(
            notes="Tajný klíč", serial_number="TAJNÝ-1", place="Tajný regál"
        )
        row = repair_of(item, severity="down", description="Kouří", assignee=secret, reporter=secret,
                        specialist_text="Tajný text")  # fmt: skip
        repair_of(item, reporter_name="Tajná Zuzana", reporter_email="tajna@example.org")
        row.entries.create(kind="note", text="Tajná poznámka", author=secret, created=NOW)
        RepairPhoto.objects.create(repair=row, name="Tajná.jpg", size=1, created=NOW, file="repairs/1/tajna.jpg")
        document_of(item, name="Tajná revize.pdf", category=Attachment.Category.INSPECTION)
        for path in (BOARD, f"{BOARD}?q=AED", KIOSK, url(item), url(item, "/info")):
            assert "tajn" not in shown(path).lower(), path

    def test_nor_in_the_report_that_was_just_made(self, item):
        client = Client()
        page = shown(send(item, client, email="kolem@example.org").url, client)
        assert ("Kouří" in page, "Kolem" in page, "kolem@" in page) == (True, False, False)


class TestInfo:
    def test_documents_by_category_photos_and_links(self, item):
        document_of(item, name="Kniha.pdf", category=Attachment.Category.SERVICE_MANUAL)
        document_of(item, name="Návod.pdf", category=Attachment.Category.OWNERS_MANUAL)
        with audit.unrecorded():
            photo = Attachment(item=item, kind=Attachment.Kind.PHOTO, name="Foto.jpg", size=3)
            photo.file.save("", ContentFile(b"JPG"), save=True)
            Link.objects.create(item=item, title="Výrobce", url="https://example.org")
        page = shown(url(item, "/info"))
        assert page.index("Návod.pdf") < page.index("Kniha.pdf")
        assert 'rel="noopener noreferrer"' in page
        assert url(item, f"/files/{photo.pk}") in page

    def test_an_empty_one(self, item):
        assert "nejsou žádné dokumenty" in shown(url(item, "/info"))

    def test_files_are_handed_over_to_be_kept(self, item):
        row = document_of(item)
        answer = Client().get(url(item, f"/files/{row.pk}"))
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=300"
        assert b"".join(answer.streaming_content).startswith(b"%PDF")

    def test_not_of_another_item_nor_reports_of_inspections(self, item):
        other = document_of(ItemFactory())
        inspection = document_of(item, category=Attachment.Category.INSPECTION)
        for row in (other, inspection):
            assert Client().get(url(item, f"/files/{row.pk}")).status_code == 404


class TestReport:
    def test_with_everything(self, item):
        client = Client()
        answer = send(item, client, severity="down", is_safety_risk="on", email="kolem@example.org", photo=picture())
        made = Repair.objects.get()
        assert (made.reporter_name, made.severity, made.is_safety_risk, made.reporter) == (
            "Kolem Jdoucí", "down", True, None,
        )  # fmt: skip
        assert RepairPhoto.objects.get().repair == made
        page = shown(answer.url, client)
        assert ("Děkujeme" in page, "Fotku se nepodařilo" in page) == (True, False)

    def test_a_bad_photo_does_not_keep_it_back(self, item):
        client = Client()
        answer = send(item, client, photo=SimpleUploadedFile("film.mp4", b"nonsense"))
        assert "Fotku se nepodařilo uložit" in shown(answer.url, client)
        assert Repair.objects.count() == 1

    @pytest.mark.parametrize(("fields", "words"), [
        ({"name": ""}, "Toto pole je"), ({"name": "\u200b"}, "Napište své jméno"),
        ({"description": "\u200b"}, "Napište"),
        ({"description": "x" * 5001}, "5000"), ({"email": "nonsense"}, "nonsense"),
        ({"severity": "terrible"}, "terrible"),
        ({"severity": ""}, "Kouří"), ({"website": "https://spam.example"}, "stroj"), ({"begun": ""}, "příliš dlouho"),
        ({"begun": "AED:1"}, "příliš dlouho"),
    ])  # fmt: skip
    def test_bad_ones_come_back_with_what_was_typed_and_change_nothing(self, item, fields, words):
        answer = send(item, **fields)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'role="alert"' in page or "is-invalid" in page
        assert words in page
        assert not Repair.objects.exists()
        if "name" not in fields:
            assert "Kolem Jdoucí" in page

    @pytest.mark.parametrize(("ago", "code", "words"), [
        (timedelta(seconds=1), None, "velmi rychlé"), (timedelta(hours=13), None, "příliš dlouho"),
        (timedelta(minutes=1), "A" * 16, "příliš dlouho"),
    ])  # fmt: skip
    def test_the_time_it_took(self, item, ago, code, words):
        answer = send(item, begun=begun(code or item.code, timezone.now() - ago))
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        assert not Repair.objects.exists()

    def test_what_was_refused_as_a_machine_can_be_sent_again(self, item):
        again = send(item, website="x", begun="").context["form"]
        assert again["website"].value() == ""
        assert 0 <= seconds_since(again["begun"].value(), item.code, timezone.now()) < 60
        assert send(item, begun=begun(item.code, timezone.now() - timedelta(seconds=10))).status_code == 302

    def test_too_many(self, item, monkeypatch):
        monkeypatch.setattr(strangers, "OF_SENDER", 1)
        assert send(item).status_code == 302
        answer = send(item, description="Ještě něco")
        assert (answer.status_code, "Ještě něco" in answer.content.decode()) == (429, True)
        assert Repair.objects.count() == 1

    def test_wants_a_token_and_a_form(self, item):
        assert Client(enforce_csrf_checks=True).post(url(item, "/report"), typed(item)).status_code == 403
        assert Client().get(url(item, "/report")).status_code == 405


class TestConfirmation:
    def test_shows_no_other_report_than_the_one_just_made(self, item):
        other, earlier = ItemFactory(), repair_of(item, description="Dřívější")
        path = send(item).url
        token = path.partition("?made=")[2]
        for wrong in (
            url(item, "/report-confirmation"),
            url(item, f"/report-confirmation?made={earlier.pk}"),
            url(item, f"/report-confirmation?made={token[:-1]}"),
            url(item, f"/report-confirmation?record_id={earlier.pk}"),
            url(other, f"/report-confirmation?made={token}"),
        ):
            assert Client().get(wrong).status_code == 404, wrong
        assert "Kouří" in shown(path)

    def test_not_for_ever(self, item, monkeypatch):
        path = send(item).url
        monkeypatch.setattr("equipment.public.views.reporting.SHOWN_FOR", timedelta(seconds=-1))
        assert Client().get(path).status_code == 404


class TestSwitchedOff:
    @pytest.fixture(autouse=True)
    def off(self, item):
        SiteSettings.objects.update_or_create(pk=1, defaults={"public_pages": False})

    def test_there_is_nothing(self, item):
        row = document_of(item)
        tails = ("", "/info", "/report", "/report-confirmation", f"/files/{row.pk}")
        for path in (BOARD, KIOSK, f"{KIOSK}/{item.location_id}", *(url(item, tail) for tail in tails)):
            assert Client().get(path).status_code == 404, path
        assert send(item).status_code == 404
        assert not Repair.objects.exists()

    def test_and_nothing_leads_there(self, item):
        client = browser(make_coordinator())
        for path in ("/", f"/equipment/{item.pk}/", f"/admin/equipment/equipmentitem/{item.pk}/change/"):
            assert "/public/" not in shown(path, client), path


def test_the_application_leads_there(item):
    client = browser(make_coordinator())
    assert 'href="/public/"' in shown("/", client)
    assert url(item) in shown(f"/equipment/{item.pk}/", client)
    tools = shown(f"/admin/equipment/equipmentitem/{item.pk}/change/", client)
    assert url(item) in tools
    assert f"/equipment/repairs/?item={item.pk}" in tools

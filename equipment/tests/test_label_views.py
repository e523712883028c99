"""Pages of labels: who gets them, preview and file of one, sheets of many, the way there from list and backoffice."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
import zxingcpp
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from equipment.codes import code_in as read_code
from equipment.forms import labels as label_forms
from equipment.labels import rendering
from equipment.models import EquipmentItem
from equipment.tests.factories import ItemFactory, LocationFactory, make_technician
from medcover.backoffice.tests.pages import browser, queries_of, text_of
from medcover.common.crypto import encrypt
from medcover.system.models import SiteSettings, WifiInfo
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

SHEETS = reverse("equipment:labels")
SHEET = {"layout": "a4_70x37", "start": 1, "wifi": "none", "name": "on", "offset_x": "0", "offset_y": "0"}


@pytest.fixture
def item():
    return ItemFactory(name="Defibrilátor Žďár")


@pytest.fixture
def client():
    return browser(make_technician(language="en"))


def page(item: EquipmentItem, name: str = "label", query: str = "") -> str:
    return reverse(f"equipment:{name}", args=[item.pk]) + query


def configure(**fields) -> None:
    SiteSettings.load()
    SiteSettings.objects.update(**fields)


def with_wifi() -> None:
    configure(wifi_ssid="CCK", wifi_password_token=encrypt("tajné"), wifi_info_default=WifiInfo.PASSWORD)


def address(item: EquipmentItem) -> str:
    return f"http://testserver/public/equipment/{item.code}"


def code_in(answer) -> list[str]:
    picture = Image.open(BytesIO(answer.content))
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


def words_on(answer) -> str:
    """What the first page says; names are broken over lines."""
    return " ".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())


class TestWho:
    @pytest.mark.parametrize("make", [make_member, make_viewer])
    def test_is_not_everybody(self, make, item):
        client = browser(make())
        for url in (page(item), page(item, "label_preview"), page(item, "label_png"), SHEETS):
            assert client.get(url).status_code == 403
        assert client.post(SHEETS, SHEET).status_code == 403
        assert reverse("equipment:label", args=[item.pk]) not in text_of(client.get(page(item, "item")))

    def test_is_whoever_works_on_repairs(self, item):
        for make in (make_technician, make_coordinator, make_admin):
            assert browser(make()).get(page(item)).status_code == 200

    def test_archived_and_missing_items_have_none(self, client, item):
        EquipmentItem.objects.filter(pk=item.pk).update(is_archived=True)
        for name in ("label", "label_preview", "label_png"):
            assert client.get(page(item, name)).status_code == 404
            assert client.get(reverse(f"equipment:{name}", args=[item.pk + 1000])).status_code == 404
        assert page(item) not in client.get(page(item, "item")).content.decode()


class TestOne:
    def test_page_shows_the_preview_of_what_is_asked_for(self, client, item):
        text = client.get(page(item, query="?size=sticker_1&device=thermal_203&url=on")).content.decode()
        assert (
            f'src="{page(item, "label_preview")}?size=sticker_1&amp;device=thermal_203&amp;wifi=none&amp;url=on"'
            in text
        )
        assert "203 × 203 px" in text
        assert 'hx-trigger="change delay:150ms"' in text

    def test_defaults_are_a_sticker_for_a_laser_printer_without_words(self, client, item):
        text = client.get(page(item)).content.decode()
        assert "600 × 600 px, 300 dpi" in text
        assert 'name="name" class="checkboxinput form-check-input" id="id_name" checked' not in text
        plain, asked = (
            client.get(page(item, "label_preview", query)) for query in ("", "?size=sticker_2&device=laser_300")
        )
        assert plain.content == asked.content

    def test_preview_is_kept_by_the_browser_for_five_minutes(self, client, item):
        answer = client.get(page(item, "label_preview"))
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"] == "private, max-age=300"
        assert code_in(answer) == [address(item)]
        assert read_code(address(item)) == item.code, "packing reads it as well"

    def test_file_has_its_name_and_is_kept_nowhere(self, client, item):
        answer = client.get(page(item, "label_png", "?size=avery_5160&device=ptouch_180&name=on"))
        assert answer["Content-Disposition"] == f'attachment; filename="qr-{item.pk}-defibrilator-zdar-ptouch_180.png"'
        assert "no-store" in answer["Cache-Control"]
        assert Image.open(BytesIO(answer.content)).size == (473, 180)
        assert code_in(answer) == [address(item)]

    @pytest.mark.parametrize(
        "query",
        [
            "?size=huge",
            "?size=sticker_1&device=fax",
            "?size=letter&device=laser_1200",
            "?size=sticker_1&wifi=all",
            "?size=",
        ],
    )
    def test_what_cannot_be_made_is_said(self, client, item, query):
        answer = client.get(page(item, "label_preview", query))
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("text/plain")
        assert answer.content
        assert "max-age" not in answer.get("Cache-Control", "")
        shown = client.get(page(item, "label_png", query), follow=True)
        assert shown.status_code == 200
        assert shown.request["PATH_INFO"] == page(item)
        assert text_of(shown).count(answer.content.decode()) >= 2, "as a message, and in the place of the picture"

    @pytest.mark.logs_errors
    def test_whoever_waits_too_long_is_told(self, client, item, monkeypatch):
        monkeypatch.setattr(rendering, "PATIENCE", 0.01)
        with rendering.one_at_a_time():
            assert client.get(page(item, "label_preview")).status_code == 503
            assert client.get(page(item, "label_png")).headers["Location"].startswith(page(item))
            answer = client.post(SHEETS, {**SHEET, "ids": item.pk, "item": item.pk})
            assert answer.status_code == 422
        assert "try again" in text_of(answer)

    @override_settings(BASE_URL="https://m.example.org/path")
    def test_without_a_fit_address_nothing_is_made_and_everybody_is_told_why(self, client, item):
        assert client.get(page(item, "label_preview")).status_code == 404
        assert client.get(page(item, "label_png")).status_code == 404
        answer = client.get(page(item), follow=True)
        assert answer.redirect_chain[-1][0] == page(item, "item")
        assert "must end with the host" in text_of(answer)
        assert page(item) not in answer.content.decode()
        assert "must end with the host" in text_of(client.get(SHEETS, follow=True))

    def test_the_address_in_the_settings_goes_first(self, client, item):
        configure(base_url="https://cck.example.org")
        assert code_in(client.get(page(item, "label_preview"))) == [
            f"https://cck.example.org/public/equipment/{item.code}"
        ]


class TestWifi:
    def test_offers_what_the_settings_know(self, client, item):
        assert 'value="ssid"' not in client.get(page(item)).content.decode()
        configure(wifi_ssid="CCK")
        text = client.get(page(item)).content.decode()
        assert 'value="ssid"' in text
        assert 'value="password"' not in text

    def test_begins_with_the_default(self, client, item):
        with_wifi()
        text = client.get(page(item)).content.decode()
        assert '<option value="password" selected>' in text
        assert "wifi=password" in text

    def test_a_stale_choice_is_lowered_with_a_notice(self, client, item):
        configure(wifi_ssid="CCK")
        asked = "?size=sticker_2&device=laser_300&wifi="
        answer = client.get(page(item, query=asked + "password"))
        assert "no longer hold" in text_of(answer)
        assert "wifi=ssid" in answer.content.decode()
        lowered, known = (client.get(page(item, "label_preview", asked + info)) for info in ("password", "ssid"))
        assert lowered.content == known.content
        assert "no longer hold" not in text_of(client.get(page(item, query=asked + "ssid")))

    def test_a_password_that_cannot_be_opened_is_none(self, client, item):
        configure(wifi_ssid="CCK", wifi_password_token="damaged")
        assert (
            client.get(page(item, "label_preview", "?size=sticker_2&device=laser_300&wifi=password")).status_code == 200
        )

    def test_the_password_stands_on_no_page(self, client, item):
        with_wifi()
        for url in (page(item), SHEETS, page(item, "item")):
            assert "tajné" not in client.get(url).content.decode()


class TestTemplate:
    @pytest.fixture(autouse=True)
    def artwork(self, tmp_path, settings):
        Image.new("RGB", (200, 200), (0, 90, 0)).save(tmp_path / "art.png")
        boxes = {"image": "art.png", "qr_bbox": [20, 20, 180, 160], "name_bbox": [20, 165, 180, 195]}
        (tmp_path / "label.json").write_text(json.dumps(boxes))
        settings.QR_TEMPLATE_CONFIG_PATH = str(tmp_path / "label.json")
        return tmp_path / "art.png"

    def test_has_a_name_from_the_start_and_no_wifi_nor_address(self, client, item):
        with_wifi()
        text = client.get(page(item)).content.decode()
        assert "name=on" in text
        assert 'name="wifi"' not in text
        assert 'name="url"' not in text
        assert "name=on" not in client.get(page(item, query="?size=sticker_2&device=laser_300")).content.decode()

    def test_is_what_is_printed(self, client, item):
        answer = client.get(page(item, "label_png"))
        assert Image.open(BytesIO(answer.content)).getpixel((0, 0)) == (0, 90, 0)
        assert code_in(answer) == [address(item)]

    @pytest.mark.logs_errors
    def test_a_changed_picture_is_an_error_in_words(self, client, item, artwork):
        assert client.get(page(item, "label_png")).status_code == 200
        Image.new("RGB", (10, 10)).save(artwork)
        answer = client.get(page(item, "label_preview"))
        assert answer.status_code == 500
        assert "restarted" in answer.content.decode()


class TestSheets:
    def pdf(self, client, items, **fields):
        keys = [item.pk for item in items]
        data = {**SHEET, "ids": ",".join(map(str, keys)), "item": keys, **fields}
        return client.post(SHEETS, data)

    def test_are_made_of_what_the_list_shows(self, client, item):
        place, other = LocationFactory(), ItemFactory(name="Nosítka")
        EquipmentItem.objects.filter(pk=item.pk).update(location=place)
        text = client.get(SHEETS).content.decode()
        assert f'id="item-{item.pk}"' in text
        assert f'id="item-{other.pk}"' in text
        text = client.get(f"{SHEETS}?location={place.pk}").content.decode()
        assert f'id="item-{other.pk}"' not in text
        link = client.get(reverse("equipment:items") + "?q=defib").content.decode()
        assert f"{SHEETS}?q=defib" in link

    def test_hold_the_chosen_items(self, client, item):
        others = ItemFactory.create_batch(2)
        answer = self.pdf(client, [item, *others], item=[item.pk, others[1].pk], wifi="header")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="medcover-stitky-{timezone.localdate()}.pdf"'
        text = words_on(answer)
        assert "Defibrilátor" in text
        assert others[1].name in text
        assert others[0].name not in text

    def test_begin_where_a_sheet_was_left(self, client, item):
        others = ItemFactory.create_batch(2)
        reader = PdfReader(BytesIO(self.pdf(client, [item, *others], start=23).content))
        assert len(reader.pages) == 2

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"item": []}, "at least one"),
            ({"ids": ""}, "No item matches"),
            ({"ids": "x,-1,99999999999999999999999"}, "No item matches"),
            ({"start": 25}, "only 24 labels"),
            ({"start": 0}, "greater than or equal"),
            ({"start": "x"}, "whole number"),
            ({"offset_x": "10.1"}, "less than or equal"),
            ({"offset_y": "-11"}, "greater than or equal"),
            ({"offset_y": "NaN"}, "Enter a number"),
            ({"layout": "a3"}, "valid choice"),
        ],
    )
    def test_refuse_what_cannot_be(self, client, item, fields, said):
        answer = self.pdf(client, [item], **fields)
        assert answer.status_code == 422
        assert said in text_of(answer)

    def test_leave_out_archived_items_and_those_that_were_not_shown(self, client, item):
        archived, hidden = ItemFactory(is_archived=True), ItemFactory(name="Jiná")
        data = {**SHEET, "ids": f"{item.pk},{archived.pk}", "item": [item.pk, archived.pk, hidden.pk]}
        text = words_on(client.post(SHEETS, data))
        assert item.name in text
        assert archived.name not in text
        assert hidden.name not in text

    def test_say_how_many_there_can_be(self, client, item, monkeypatch):
        monkeypatch.setattr("equipment.views.labels.MOST_LABELS", 2)
        monkeypatch.setattr(label_forms, "MOST_LABELS", 2)
        more = ItemFactory.create_batch(2)
        answer = client.get(SHEETS)
        assert "3 items match; these are the first 2" in text_of(answer)
        assert answer.content.decode().count('name="item"') == 2
        data = {**SHEET, "ids": f"{more[0].pk},{more[1].pk},{item.pk}", "item": [one.pk for one in (*more, item)]}
        text = words_on(client.post(SHEETS, data))
        assert more[1].name in text
        assert item.name not in text

    def test_cost_the_same_however_many_there_are(self, client, item):
        before = queries_of(client, SHEETS)
        for _number in range(3):
            ItemFactory(location=LocationFactory())
        assert queries_of(client, SHEETS) == before

    def test_are_reached_from_the_backoffice(self, item):
        client, other = browser(make_coordinator(language="en")), ItemFactory(is_archived=True)
        items = reverse("admin:equipment_equipmentitem_changelist")
        answer = client.post(f"{items}?archive=all", {"action": "labels", "_selected_action": [item.pk, other.pk]})
        assert answer.headers["Location"] == f"{SHEETS}?ids={item.pk}"
        assert f'id="item-{item.pk}"' in client.get(answer.headers["Location"]).content.decode()

    def test_of_too_many_rows_are_refused_in_the_backoffice(self, item, monkeypatch):
        monkeypatch.setattr("equipment.admin.labels.MOST_LABELS", 1)
        client, items = browser(make_admin(language="en")), reverse("admin:equipment_equipmentitem_changelist")
        chosen = {"action": "labels", "_selected_action": [item.pk, ItemFactory().pk]}
        assert "1 labels at the most" in text_of(client.post(items, chosen, follow=True))

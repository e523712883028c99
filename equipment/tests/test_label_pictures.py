"""Labels with pixels: the whole table read back from PNG, codes read by a reader, the template, sheets as PDF."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from equipment.labels import rendering, template
from equipment.labels.layout import Layout as Boxes
from equipment.labels.options import Content, Network, Options
from equipment.labels.pdf import pdf
from equipment.labels.sheets import Layout
from equipment.labels.sizes import Device, Size, Unrenderable
from equipment.tests.test_label_rules import ADDRESS, CELLS, MODULES
from medcover.system.models import WifiInfo

NETWORK = Network("CCK hosté", "žluťoučký kůň")
NAME = "Defibrilátor Žďár č. 7"
BARE = Content(ADDRESS)
FULL = Content(ADDRESS, NAME, ADDRESS, NETWORK.lines(WifiInfo.PASSWORD))
COARSE = (Device.PTOUCH_180, Device.THERMAL_203, Device.LASER_300)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def drawn(content: Content, size: Size, device: Device, artwork: template.Template | None = None) -> Image.Image:
    """The label read back from its file."""
    file = rendering.png(rendering.plan(content, Options(size, device), artwork))
    picture = Image.open(BytesIO(file))
    picture.load()
    return picture


def read(picture: Image.Image) -> list[str]:
    """What a reader finds."""
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


class TestTable:
    @pytest.mark.parametrize(("size", "device", "pixels"), CELLS)
    def test_is_what_the_files_hold(self, size, device, pixels):
        if pixels is None:
            with pytest.raises(Unrenderable):
                drawn(BARE, size, device)
            return
        picture = drawn(BARE, size, device)
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", pixels)
        assert [round(dots) for dots in picture.info["dpi"]] == [device.dpi] * 2
        # A reader needs no more than the code, and less than the seconds that millions of pixels take.
        part = picture if max(pixels) < 1500 else picture.reduce(max(pixels) // 1000)
        assert read(part) == [ADDRESS]


CONTENTS = {
    "name": Content(ADDRESS, NAME),
    "address": Content(ADDRESS, url=ADDRESS),
    "header": Content(ADDRESS, wifi=NETWORK.lines(WifiInfo.HEADER)),
    "network": Content(ADDRESS, wifi=NETWORK.lines(WifiInfo.SSID)),
    "password": Content(ADDRESS, wifi=NETWORK.lines(WifiInfo.PASSWORD)),
    "everything": FULL,
}


class TestOptions:
    @pytest.mark.parametrize("size", [size for size in Size if size is not Size.LETTER])
    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_leave_the_code_readable(self, size, content):
        for device in COARSE:
            assert read(drawn(content, size, device)) == [ADDRESS]

    def test_leave_it_readable_on_a_page(self):
        assert read(drawn(FULL, Size.LETTER, Device.PTOUCH_180)) == [ADDRESS]

    def test_are_drawn_where_they_were_laid_out(self):
        planned = rendering.plan(FULL, Options(), None)
        picture = Image.open(BytesIO(rendering.png(planned))).convert("L")
        assert isinstance(planned.where, Boxes)
        boxes = [*planned.where.wifi, planned.where.name, planned.where.url, planned.where.code.box]
        for box in boxes:
            assert box is not None
            part = (box.left, box.top, box.right, box.bottom)
            assert picture.crop(part).getextrema()[0] == 0, "something is written"
            picture.paste(255, part)
        assert picture.getextrema() == (255, 255), "and nothing outside"

    def test_modules_are_black_or_white_squares(self):
        planned = rendering.plan(FULL, Options(), None)
        picture = Image.open(BytesIO(rendering.png(planned)))
        assert isinstance(planned.where, Boxes)
        code = planned.where.code
        square = picture.crop((code.box.left, code.box.top, code.box.right, code.box.bottom))
        assert {color for _count, color in square.getcolors() or []} == {(0, 0, 0), (255, 255, 255)}
        small = square.resize((MODULES, MODULES), Image.Resampling.NEAREST)
        assert small.resize(square.size, Image.Resampling.NEAREST).tobytes() == square.tobytes()

    def test_a_text_without_room_is_left_out_and_said(self, caplog):
        tiny = Content(ADDRESS, "Ž" * 200)
        with caplog.at_level(logging.WARNING):
            rendering.png(rendering.plan(tiny, Options(Size.AVERY_5160, Device.PTOUCH_180), None))
        assert "has only" in caplog.text

    def test_an_address_too_long_for_the_size_is_refused(self):
        long = Content("https://m.example.org/" + "a" * 1800, NAME, "x", NETWORK.lines(WifiInfo.PASSWORD))
        with pytest.raises(Unrenderable, match="too small"):
            rendering.plan(long, Options(Size.STICKER_1, Device.PTOUCH_180), None)

    def test_a_preview_is_the_same_in_small(self):
        planned = rendering.plan(FULL, Options(Size.STICKER_4, Device.LASER_600), None)
        picture = Image.open(BytesIO(rendering.preview(planned)))
        assert picture.size == (1200, 1200)
        assert read(picture) == [ADDRESS]


class TestOneAtATime:
    def test_others_wait_and_are_told(self, monkeypatch):
        monkeypatch.setattr(rendering, "PATIENCE", 0.01)
        planned, refused = rendering.plan(BARE, Options(), None), []

        def ask() -> None:
            try:
                rendering.png(planned)
            except rendering.Busy as busy:
                refused.append(busy)

        with rendering.one_at_a_time():
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
        assert len(refused) == 1
        assert rendering.png(planned), "the turn is given back"


# --- the template ---------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"image": "art.png", "qr_bbox": [10, 10, 110, 110], "name_bbox": [10, 120, 190, 140]}
RED = (200, 0, 0)


@pytest.fixture
def folder(tmp_path):
    Image.new("RGB", (200, 160), RED).save(tmp_path / "art.png")
    return tmp_path


def described(folder: Path, **changes: Any) -> str:
    """The path of a description in the folder; keys that become None are left out."""
    values = {key: value for key, value in (GOOD | changes).items() if value is not None}
    path = folder / f"label-{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


class TestTemplate:
    def test_draws_on_the_artwork(self, folder):
        art = template.read(described(folder, url_bbox=[10, 140, 190, 160], ignored={"x": 1}))
        picture = drawn(Content(ADDRESS, NAME, ADDRESS), Size.AVERY_5163, Device.LASER_300, art)
        assert picture.size == (1200, 600)
        assert read(picture) == [ADDRESS]
        # 200 × 160 becomes 750 × 600 in the middle of 1200 × 600.
        assert [picture.getpixel(at) for at in ((224, 300), (226, 300), (974, 300), (976, 300))] == [
            (255, 255, 255), RED, RED, (255, 255, 255),
        ]  # fmt: skip
        assert picture.getpixel((225 + 40, 455)) == (255, 255, 255), "the box of the name is white"

    def test_leaves_the_artwork_where_nothing_is_asked_for(self, folder):
        art = template.read(described(folder, url_bbox=[10, 140, 190, 160]))
        picture = drawn(BARE, Size.AVERY_5163, Device.LASER_300, art)
        assert picture.getpixel((225 + 40, 455)) == RED
        assert picture.getpixel((225 + 40, 560)) == RED

    def test_keeps_a_box_white_when_its_text_has_no_room(self, folder, caplog):
        art = template.read(described(folder, name_bbox=[10, 120, 12, 140]))
        with caplog.at_level(logging.WARNING):
            picture = drawn(Content(ADDRESS, NAME), Size.AVERY_5163, Device.LASER_300, art)
        assert "left out" in caplog.text
        assert picture.getpixel((225 + 41, 455)) == (255, 255, 255)

    def test_refuses_less_than_a_pixel_for_a_module(self, folder):
        art = template.read(described(folder, qr_bbox=[10, 10, 30, 30]))
        with pytest.raises(Unrenderable, match="too small"):
            rendering.plan(BARE, Options(Size.STICKER_1, Device.PTOUCH_180), art)

    def test_ignores_how_a_camera_was_held_and_puts_alpha_on_white(self, folder):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new("RGBA", (200, 160), (0, 0, 0, 0)).save(folder / "art.png", exif=exif)
        art = template.read(described(folder))
        assert art.size == (200, 160)
        assert art.opened().getpixel((0, 0)) == (255, 255, 255)

    def test_a_changed_picture_asks_for_a_restart(self, folder):
        art = template.read(described(folder))
        planned = rendering.plan(BARE, Options(), art)
        for change in (
            lambda path: Image.new("RGB", (160, 200)).save(path),
            lambda path: path.write_bytes(b"no picture"),
            lambda path: path.unlink(),
        ):
            change(folder / "art.png")
            with pytest.raises(template.TemplateChanged, match="restarted"):
                rendering.png(planned)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"image": None}, "image is missing"),
            ({"image": ""}, "image is missing"),
            ({"image": ["art.png"]}, "image is missing"),
            ({"image": "a\0b"}, "image is missing"),
            ({"image": "none.png"}, "cannot be read"),
            ({"image": "."}, "cannot be read"),
            ({"image": "text.png"}, "cannot be read|damaged"),
            ({"image": "half.png"}, "cannot be read|damaged"),
            ({"qr_bbox": None}, "qr_bbox is missing"),
            ({"name_bbox": None}, "name_bbox is missing"),
            ({"qr_bbox": [10, 10, 110]}, "four whole numbers"),
            ({"qr_bbox": [10, 10, 110, 110, 5]}, "four whole numbers"),
            ({"qr_bbox": [True, 10, 110, 110]}, "four whole numbers"),
            ({"qr_bbox": [10.0, 10, 110, 110]}, "four whole numbers"),
            ({"qr_bbox": ["10", 10, 110, 110]}, "four whole numbers"),
            ({"qr_bbox": {"x0": 1}}, "four whole numbers"),
            ({"qr_bbox": [110, 10, 10, 110]}, "is empty"),
            ({"qr_bbox": [10, 10, 10, 110]}, "is empty"),
            ({"qr_bbox": [-1, 10, 110, 110]}, "reaches out"),
            ({"qr_bbox": [10, 10, 201, 110]}, "reaches out"),
            ({"url_bbox": [0, 0, 200, 161]}, "reaches out"),
            ({"url_bbox": 7}, "four whole numbers"),
            ({"name_bbox": [109, 109, 190, 140]}, "overlap"),
            ({"url_bbox": [10, 139, 190, 160]}, "overlap"),
            ({"font": "text.png"}, "font .* cannot be read"),
            ({"font": 5}, "font is missing"),
        ],
    )
    def test_is_refused_when_unfit(self, folder, changes, reason):
        (folder / "text.png").write_text("no picture")
        (folder / "half.png").write_bytes((folder / "art.png").read_bytes()[:-60])
        with pytest.raises(ImproperlyConfigured, match=reason):
            template.read(described(folder, **changes))

    @pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 50_000, b" " * 200_000])
    def test_is_refused_when_it_is_no_object(self, folder, content):
        (folder / "odd.json").write_bytes(content)
        with pytest.raises(ImproperlyConfigured, match="QR_TEMPLATE_CONFIG_PATH"):
            template.read(str(folder / "odd.json"))

    def test_is_refused_when_there_is_none_or_its_picture_is_huge(self, folder, monkeypatch):
        with pytest.raises(ImproperlyConfigured, match="cannot be read"):
            template.read(str(folder / "none.json"))
        monkeypatch.setattr(template, "MOST_PIXELS", 200 * 160 - 1)
        with pytest.raises(ImproperlyConfigured, match="more than"):
            template.read(described(folder))

    def test_boxes_may_touch(self, folder):
        assert template.read(described(folder, name_bbox=[110, 10, 190, 110])).name.left == 110

    def test_of_an_unfit_sort_keeps_every_process_from_starting(self, folder):
        """`manage.py check` starts as web and worker do."""
        environ = {
            "PATH": "/usr/bin:/bin", "QR_TEMPLATE_CONFIG_PATH": described(folder, qr_bbox=[0, 0, 1, 1000]),
            "DJANGO_SETTINGS_MODULE": "medcover.settings.test", "DATABASE_URL": "postgres://nobody@localhost/none",
        }  # fmt: skip
        started = subprocess.run(
            [sys.executable, "-c", "import django; django.setup()"],
            cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert started.returncode == 1
        assert "MedCover does not start:\n- QR_TEMPLATE_CONFIG_PATH: qr_bbox reaches out" in started.stderr


# --- sheets ---------------------------------------------------------------------------------------------------

#: Pixels in which a page of a PDF is painted for the reader, for each point.
SCALE = 3


def painted(reader: PdfReader, number: int) -> Image.Image:
    """A page as its rectangles make it."""
    page = reader.pages[number]
    width, height = round(float(page.mediabox.width) * SCALE), round(float(page.mediabox.height) * SCALE)
    picture = Image.new("L", (width, height), 255)
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"re":
            x, y, wide, high = (float(value) * SCALE for value in operands)
            left, right = sorted((x, x + wide))
            bottom, top = sorted((y, y + high))
            picture.paste(0, (round(left), round(height - top), round(right), round(height - bottom)))
    return picture


def codes_on(picture: Image.Image) -> dict[str, tuple[float, float]]:
    """Text of each code → its left upper corner in millimetres."""
    millimetre = SCALE * 72 / 25.4
    return {
        found.text: (found.position.top_left.x / millimetre, found.position.top_left.y / millimetre)
        for found in zxingcpp.read_barcodes(picture)
    }


def contents(count: int, **fields: Any) -> list[Content]:
    return [Content(f"{ADDRESS[:-2]}{number:02d}", **fields) for number in range(count)]


class TestPdf:
    @pytest.mark.parametrize("layout", Layout)
    def test_every_code_is_read_where_its_label_is(self, layout):
        sheet = layout.sheet
        wanted = contents(sheet.count, name=NAME, wifi=NETWORK.lines(WifiInfo.PASSWORD))
        reader = PdfReader(BytesIO(pdf(wanted, sheet, start=2, offset=(1, -0.5))))
        assert len(reader.pages) == 2
        box = reader.pages[0].mediabox
        assert [float(side) / 72 * 25.4 for side in (box.width, box.height)] == pytest.approx(sheet.page, abs=0.02)
        first, second = codes_on(painted(reader, 0)), codes_on(painted(reader, 1))
        assert list(second) == [wanted[-1].address]
        assert set(first) == {content.address for content in wanted[:-1]}
        for number, content in enumerate(wanted[:-1], start=1):
            row, column = divmod(number, sheet.columns)
            left, top = sheet.left + column * sheet.step[0] + 1, sheet.top + row * sheet.step[1] - 0.5
            x, y = first[content.address]
            assert left < x < left + sheet.label[0] / 2
            assert top < y < top + sheet.label[1] / 2

    def test_holds_the_words_in_its_own_type(self):
        reader = PdfReader(BytesIO(pdf(contents(1, name=NAME, wifi=("Jen na Wi-Fi:", "síť")), Layout.A4_2X7.sheet)))
        text = " ".join(reader.pages[0].extract_text().split())
        assert NAME in text
        assert "Jen na Wi-Fi:" in text
        assert "síť" in text

    def test_writes_nothing_out_of_a_label(self):
        """The longest words there are, on the smallest label; the type is known by the width that is set."""
        long = contents(1, name="W" * 255, url="https://" + "w" * 200, wifi=("W" * 100,) * 3)
        reader = PdfReader(BytesIO(pdf(long, Layout.AVERY_5160.sheet)))
        found: list[tuple[float, float]] = []
        reader.pages[0].extract_text(
            visitor_text=lambda text, _cm, tm, _font, _size: found.append((tm[4], tm[5])) if text.strip() else None
        )
        height = float(reader.pages[0].mediabox.height)
        bottom = height - (Layout.AVERY_5160.sheet.top + Layout.AVERY_5160.sheet.label[1]) / 25.4 * 72
        assert found
        assert min(y for _x, y in found) >= bottom
        assert "…" in reader.pages[0].extract_text()

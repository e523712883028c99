"""Labels without pixels: sizes, layout, text that fits, sheets, names, addresses."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from equipment.labels import layout, names, typesetting
from equipment.labels.address import UnfitAddress, checked_base
from equipment.labels.code import BORDER, modules_of
from equipment.labels.fitting import ELLIPSIS, Fitted, fit
from equipment.labels.options import Content, Network
from equipment.labels.sheets import Layout, pages, places
from equipment.labels.sizes import DEFAULT_DEVICE, DEFAULT_SIZE, Canvas, Device, Size, Unrenderable, canvas_of
from medcover.system.models import WifiInfo

ADDRESS = "https://medcover.example.org/public/equipment/ABCDEFGHJKLMNPQR"
MODULES = len(modules_of(ADDRESS))

#: Size → pixels at 180, 203, 300, 600 and 1200 dpi; None is refused.
TABLE: dict[str, list[tuple[int, int] | None]] = {
    "sticker_1": [(180, 180), (203, 203), (300, 300), (600, 600), (1200, 1200)],
    "sticker_1_5": [(270, 270), (305, 305), (450, 450), (900, 900), (1800, 1800)],
    "sticker_2": [(360, 360), (406, 406), (600, 600), (1200, 1200), (2400, 2400)],
    "sticker_3": [(540, 540), (609, 609), (900, 900), (1800, 1800), (3600, 3600)],
    "sticker_4": [(720, 720), (812, 812), (1200, 1200), (2400, 2400), (4800, 4800)],
    "avery_5160": [(473, 180), (533, 203), (788, 300), (1575, 600), (3150, 1200)],
    "avery_5163": [(720, 360), (812, 406), (1200, 600), (2400, 1200), (4800, 2400)],
    "letter": [(1530, 1980), (1726, 2233), (2550, 3300), (5100, 6600), None],
}
DEVICES = (Device.PTOUCH_180, Device.THERMAL_203, Device.LASER_300, Device.LASER_600, Device.LASER_1200)
CELLS = [
    pytest.param(Size(size), device, pixels, id=f"{size}-{device}")
    for size, row in TABLE.items()
    for device, pixels in zip(DEVICES, row, strict=True)
]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class TestSizes:
    @pytest.mark.parametrize(("size", "device", "pixels"), CELLS)
    def test_have_the_pixels_of_the_table(self, size, device, pixels):
        if pixels is None:
            with pytest.raises(Unrenderable, match="too large"):
                canvas_of(size, device.dpi)
        else:
            assert canvas_of(size, device.dpi) == Canvas(*pixels, device.dpi)

    def test_are_all_in_the_table(self):
        assert set(TABLE) == set(Size)
        assert set(DEVICES) == set(Device)
        assert (DEFAULT_SIZE, DEFAULT_DEVICE) == ("sticker_2", "laser_300")

    @pytest.mark.parametrize("dpi", [0, -300])
    def test_need_dots(self, dpi):
        with pytest.raises(Unrenderable, match="positive"):
            canvas_of(Size.LETTER, dpi)


def boxes_of(found: layout.Layout) -> list[layout.Box]:
    return [*found.wifi, *filter(None, [found.name]), found.code.box, *filter(None, [found.url])]


class TestLayout:
    @given(
        st.sampled_from(list(Size)), st.sampled_from(list(Device)),
        st.integers(0, 3), st.booleans(), st.booleans(), st.integers(29, 185),
    )  # fmt: skip
    def test_keeps_everything_apart_and_on_the_paper(self, size, device, wifi, name, url, modules):
        try:
            canvas = canvas_of(size, device.dpi)
            found = layout.lay_out(canvas, modules, wifi=wifi, name=name, url=url)
        except Unrenderable:
            return
        boxes = boxes_of(found)
        assert boxes == sorted(boxes, key=lambda box: box.top)
        assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
        margin = layout.margin_of(canvas)
        assert all(margin <= box.left and box.right <= canvas.width - margin for box in boxes)
        assert boxes[0].top >= margin
        assert boxes[-1].bottom <= canvas.height - margin
        assert found.code.box.width == found.code.box.height == found.code.module * modules
        text = sum(box.height for box in boxes if box is not found.code.box)
        assert text <= canvas.height * 55 // 100
        assert (found.name is None, found.url is None) == (not name, not url)

    def test_gives_name_and_address_15_percent_each(self):
        found = layout.lay_out(canvas_of(Size.STICKER_2, 300), MODULES, name=True, url=True)
        assert found.name is not None
        assert found.url is not None
        assert (found.name.height, found.url.height) == (90, 90)
        assert found.name.width == found.code.box.width * 6 // 5

    def test_lets_the_rows_of_the_wifi_share_30_percent(self):
        canvas = canvas_of(Size.STICKER_2, 300)
        assert [layout.wifi_rows(canvas, rows, taken=0) for rows in (0, 1, 2, 3)] == [
            (0, 0),
            (1, 180),
            (2, 90),
            (3, 60),
        ]
        assert layout.wifi_rows(canvas, 3, taken=180) == (3, 50), "all together are 55 %"
        wide = layout.lay_out(canvas, MODULES, wifi=1)
        assert wide.wifi[0].width >= canvas.width * 9 // 10

    def test_leaves_out_rows_that_do_not_fit_and_says_so(self, caplog):
        canvas = canvas_of(Size.STICKER_1, 180)
        with caplog.at_level(logging.WARNING):
            assert layout.wifi_rows(canvas, 3, taken=27 * 2) == (1, 45)
        assert "1 of 3 rows" in caplog.text

    def test_has_a_margin_of_two_percent_and_four_pixels(self):
        assert layout.margin_of(Canvas(180, 180, 180)) == 4
        assert layout.margin_of(Canvas(4800, 2400, 1200)) == 96

    def test_warns_of_small_modules_and_refuses_less_than_a_pixel(self, caplog):
        with caplog.at_level(logging.WARNING):
            assert layout.placed(layout.Box(0, 0, 49, 80), 10) == layout.Code(layout.Box(4, 20, 44, 60), 4)
        assert "only 4 px" in caplog.text
        caplog.clear()
        assert layout.placed(layout.Box(0, 0, 50, 50), 10).module == 5
        assert not caplog.text
        with pytest.raises(Unrenderable, match="too small"):
            layout.placed(layout.Box(0, 0, 100, 9), 10)


def monospaced(text: str, size: int) -> tuple[float, float]:
    return len(text) * size, size


class TestFitting:
    def test_takes_the_largest_type_that_fits(self):
        assert fit("abcd", width=100, height=40, least=8, measure=monospaced) == Fitted("abcd", 25)
        assert fit("ab", width=100, height=40, least=8, measure=monospaced) == Fitted("ab", 40)

    def test_then_shortens_then_leaves_out(self):
        assert fit("abcdefgh", width=40, height=40, least=8, measure=monospaced) == Fitted(f"abcd{ELLIPSIS}", 8)
        assert fit("ab defgh", width=32, height=40, least=8, measure=monospaced) == Fitted(f"ab{ELLIPSIS}", 8)
        assert fit("abcdefgh", width=15, height=40, least=8, measure=monospaced) is None
        assert fit("a", width=100, height=7, least=8, measure=monospaced) is None

    def test_shortens_nothing_where_that_is_not_wanted(self):
        assert fit("abcdefgh", width=40, height=40, least=8, measure=monospaced, shorten=False) is None

    @given(st.text(min_size=1), st.integers(0, 300), st.integers(0, 60), st.integers(1, 20))
    def test_never_exceeds_its_box(self, text, width, height, least):
        found = fit(text, width=width, height=height, least=least, measure=monospaced)
        if found is not None:
            assert found.size >= least
            assert monospaced(found.text, found.size) <= (width, height) or found.size <= height
            assert len(found.text) * found.size <= width


def a_millimetre_for_seven_points(text: str, size: int) -> float:
    return len(text) * size / 7


class TestTypesetting:
    def set(self, content: Content, width: float, height: float) -> list[tuple[str, int]]:
        lines = typesetting.typeset(content, width, height, a_millimetre_for_seven_points)
        return [(line.text, line.size) for line in lines]

    def test_breaks_a_name_where_that_makes_it_larger(self):
        assert self.set(Content("", "AED"), 30, 20) == [("AED", 14)]
        assert self.set(Content("", "Nosítka skládací"), 20, 20) == [("Nosítka", 14), ("skládací", 14)]

    def test_sets_notes_smaller_and_all_of_a_sort_alike(self):
        content = Content("", "AED", url="https://m.example.org/1", wifi=("Wi-Fi:", "net"))
        assert self.set(content, 20, 30) == [
            ("AED", 14), ("https://m.example", 8), (".org/1", 8), ("Wi-Fi:", 8), ("net", 8),
        ]  # fmt: skip

    def test_shortens_and_leaves_out_from_the_end(self):
        content = Content("", "N" * 40, wifi=("Wi-Fi:", "net", "password"))
        assert self.set(content, 12, 6) == [("N" * 13 + ELLIPSIS, 6), ("Wi-Fi:", 6)]

    @given(
        st.text(max_size=60), st.text(max_size=200), st.lists(st.text(max_size=30), max_size=3),
        st.floats(0, 60), st.floats(0, 40),
    )  # fmt: skip
    def test_never_exceeds_its_frame(self, name, url, wifi, width, height):
        found = typesetting.typeset(Content("", name, url, tuple(wifi)), width, height, a_millimetre_for_seven_points)
        assert typesetting.height_of(found) <= height
        assert all(a_millimetre_for_seven_points(line.text, line.size) <= width for line in found)


class TestWifi:
    @pytest.mark.parametrize(
        ("network", "wanted", "found"),
        [
            (Network(), WifiInfo.PASSWORD, WifiInfo.HEADER),
            (Network("net"), WifiInfo.PASSWORD, WifiInfo.SSID),
            (Network("", "secret"), WifiInfo.SSID, WifiInfo.HEADER),
            (Network("net", "secret"), WifiInfo.PASSWORD, WifiInfo.PASSWORD),
            (Network("net", "secret"), WifiInfo.NONE, WifiInfo.NONE),
        ],
    )
    def test_is_lowered_to_what_is_known(self, network, wanted, found):
        assert network.lowered(wanted) is found
        assert found in network.offered

    def test_has_a_row_for_each_thing(self):
        network = Network(" net ", "secret")
        assert [len(network.lines(info)) for info in WifiInfo] == [0, 1, 2, 3]
        assert network.lines(WifiInfo.PASSWORD)[1] == " net "
        assert not any("secret" in line for line in network.lines(WifiInfo.SSID))
        assert "secret" not in repr(network)


class TestSheets:
    @pytest.mark.parametrize(
        ("sheet", "count"), [("a4_70x37", 24), ("a4_99x38", 14), ("avery_5160", 30), ("avery_5163", 10)]
    )
    def test_lie_on_the_page_with_equal_margins(self, sheet, count):
        measures = Layout(sheet).sheet
        assert measures.count == count
        found = list(places(measures, count))
        assert {place.page for place in found} == {0}
        right = measures.page[0] - found[-1].x - measures.label[0]
        bottom = measures.page[1] - found[-1].y - measures.label[1]
        assert right == pytest.approx(measures.left, abs=0.05)
        assert bottom == pytest.approx(measures.top, abs=0.05)
        assert measures.step[0] >= measures.label[0]
        assert measures.step[1] >= measures.label[1]

    def test_go_on_where_a_sheet_was_left(self):
        sheet = Layout.A4_3X8.sheet
        first, *_others, last = places(sheet, 4, start=22, offset=(1.5, -0.5))
        assert (first.page, first.x, first.y) == (0, 1.5, 259.0)
        assert (last.page, last.x, last.y) == (1, 1.5, 0.0)
        assert [pages(sheet, count, 22) for count in (0, 3, 4, 27, 28)] == [1, 1, 2, 2, 3]

    @pytest.mark.parametrize("start", [0, 25, -1])
    def test_have_no_other_labels(self, start):
        with pytest.raises(ValueError, match="no label"):
            list(places(Layout.A4_3X8.sheet, 1, start=start))


class TestNames:
    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Defibrilátor Žďár č. 7", "defibrilator-zdar-c-7"),
            ("AED/1 (vozidlo)", "aed-1-vozidlo"),
            ("救急", "equipment"),
            ('"; rm -rf /\r\nX: y', "rm-rf-x-y"),
            ("a" * 49 + " b", "a" * 49),
        ],
    )
    def test_are_plain(self, name, slug):
        assert names.png_name(7, name, Device.LASER_600) == f"qr-7-{slug}-laser_600.png"

    def test_of_sheets_have_the_day(self):
        assert (
            names.pdf_name(datetime(2027, 3, 1, tzinfo=timezone.get_current_timezone()))
            == "medcover-stitky-2027-03-01.pdf"
        )


class TestAddress:
    @pytest.mark.parametrize("text", [" https://m.example.org// ", "https://m.example.org"])
    def test_is_trimmed(self, text):
        assert checked_base(text) == "https://m.example.org"

    @pytest.mark.parametrize("text", ["http://10.0.0.1:8000", "https://[::1]:443"])
    def test_may_be_local(self, text):
        assert checked_base(text) == text

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "not set"),
            ("  / ", "not set"),
            ("https://příklad.cz", "diacritic"),
            ("https://m.example .org", "space"),
            ("https://m.example.org\x00", "space"),
            ("ftp://m.example.org", "begin with"),
            ("m.example.org", "begin with"),
            ("https://", "no host"),
            ("https://:80", "no host"),
            ("https://[::1", "no host"),
            ("https://u:p@m.example.org", "password"),
            ("https://@m.example.org", "password"),
            ("https://m.example.org/path", "no path"),
            ("https://m.example.org?q=1", "no path"),
            ("https://m.example.org#f", "no path"),
            ("https://m.example.org?", "no path"),
            ("https://m.example.org:0", "port"),
            ("https://m.example.org:65536", "port"),
            ("https://m.example.org:http", "port"),
            ("https://m.example.org:", "port"),
        ],
    )
    def test_is_refused_with_what_is_wrong(self, text, reason):
        with pytest.raises(UnfitAddress) as refused:
            checked_base(text)
        assert reason in str(refused.value)


class TestCode:
    def test_has_medium_correction_and_four_white_modules_around(self):
        code = modules_of(ADDRESS)
        assert len(code) == len(code[0]) == 33 + 2 * BORDER, "version 4"
        assert not any(any(row) for row in (*code[:4], *code[-4:]))
        assert not any(any((*row[:4], *row[-4:])) for row in code)

    def test_holds_no_novel(self):
        with pytest.raises(Unrenderable, match="too long"):
            modules_of("https://m.example.org/" + "a" * 3000)

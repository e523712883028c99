"""From any picture to the small PNG that is kept."""

from __future__ import annotations

import random
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from roster.signatures import pipeline
from roster.signatures.pipeline import COLOURS, HEIGHT, MAX_ASPECT, MAX_RESULT_BYTES, signature_png
from roster.signatures.refusals import Reason, UnfitPicture
from roster.tests.pictures import accepted, drawing, harmless_once_redrawn, hostile, noise, png, saved, turned

ACCEPTED, HOSTILE, REDRAWN = accepted(), hostile(), harmless_once_redrawn()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart on average, of 255."""
    assert one.size == other.size
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]


def reason_of(data: bytes) -> Reason:
    with pytest.raises(UnfitPicture) as refused:
        signature_png(data)
    return refused.value.reason


class TestResult:
    @pytest.mark.parametrize("kind", ACCEPTED)
    def test_of_every_kind_that_people_send(self, kind):
        result = opened(signature_png(ACCEPTED[kind]))
        assert (result.format, result.mode, result.height) == ("PNG", "P", HEIGHT)
        assert difference(result, opened(signature_png(ACCEPTED["png"]))) < 3

    @pytest.mark.parametrize("kind", ACCEPTED)
    def test_lies_on_white(self, kind):
        corner = opened(signature_png(ACCEPTED[kind])).convert("RGB").getpixel((0, 0))
        assert min(corner) >= 250

    @pytest.mark.parametrize("hidden", REDRAWN)
    def test_holds_nothing_but_pixels(self, hidden):
        result = signature_png(REDRAWN[hidden])
        assert difference(opened(result), opened(signature_png(ACCEPTED["png"]))) < 3
        assert {kind for kind, _content in chunks(result)} <= {b"IHDR", b"PLTE", b"IDAT", b"IEND"}

    def test_has_few_colours(self):
        rainbow = Image.merge("RGB", [Image.linear_gradient("L").rotate(turn) for turn in (0, 90, 180)])
        result = opened(signature_png(saved(rainbow, "PNG")))
        assert len(result.convert("RGB").getcolors()) <= COLOURS

    def test_is_refused_when_it_cannot_be_made_small(self):
        assert reason_of(noise()) is Reason.TOO_HEAVY

    @settings(max_examples=30)
    @given(width=st.integers(1, 2500), height=st.integers(1, 2500))
    def test_is_of_one_height_and_never_a_ribbon(self, width, height):
        result = opened(signature_png(saved(Image.new("L", (width, height), 120), "PNG")))
        assert result.height == HEIGHT
        assert HEIGHT / MAX_ASPECT <= result.width <= HEIGHT * MAX_ASPECT
        wanted = min(HEIGHT * MAX_ASPECT, max(HEIGHT // MAX_ASPECT, HEIGHT * width / height))
        assert abs(result.width - wanted) < 0.51

    @pytest.mark.parametrize("size", [(25_000_000, 1), (1, 25_000_000), (250_000, 100)])
    def test_of_the_longest_ribbons_too(self, size):
        data = saved(Image.new("1", size, 0), "PNG")
        assert opened(signature_png(data)).height == HEIGHT

    def test_of_a_long_one_keeps_its_shape(self):
        """Ten times as wide as high: the two hundred pixels of height hold white above and below."""
        result = opened(signature_png(saved(Image.new("L", (3200, 200), 0), "PNG"))).convert("L")
        assert result.size == (1600, 200)
        assert result.getpixel((800, 10)) >= 250
        assert result.getpixel((800, 100)) <= 5
        dark = [y for y in range(200) if result.getpixel((800, y)) < 128]
        assert len(dark) == 100


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


class TestOrientation:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_is_followed(self, orientation, kind):
        stored = turned(orientation)
        exif = Image.Exif()
        exif[0x0112] = orientation
        result = opened(signature_png(saved(stored, kind, exif=exif)))
        assert difference(result, opened(signature_png(ACCEPTED["png"]))) < 3

    def test_of_heic_is_followed_once(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        result = opened(signature_png(saved(turned(6), "HEIF", exif=exif.tobytes())))
        assert difference(result, opened(signature_png(ACCEPTED["heic"]))) < 3

    @pytest.mark.parametrize(
        "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\xff\xff\xff\xff", b"?"]
    )
    def test_that_cannot_be_read_is_none(self, exif):
        result = opened(signature_png(saved(drawing(), "JPEG", exif=exif)))
        assert difference(result, opened(signature_png(ACCEPTED["jpeg"]))) < 1


class TestCrop:
    @staticmethod
    def page(box: tuple[int, int, int, int], grey: int = 0, size: tuple[int, int] = (1000, 500)) -> Image.Image:
        picture = Image.new("L", size, 255)
        picture.paste(grey, box)
        return picture

    @settings(max_examples=40)
    @given(
        left=st.integers(0, 200), top=st.integers(0, 100), right=st.integers(800, 1000), bottom=st.integers(400, 500)
    )
    def test_leaves_one_hundredth_of_the_shorter_side_around(self, left, top, right, bottom):
        result = opened(signature_png(saved(self.page((left, top, right, bottom)), "PNG")))
        width = min(1000, right + 5) - max(0, left - 5)
        height = min(500, bottom + 5) - max(0, top - 5)
        assert abs(result.width - width * HEIGHT / height) < 0.51

    def test_leaves_four_pixels_at_least(self):
        cropped = pipeline._cropped(self.page((30, 30, 170, 70), size=(200, 100)))
        assert cropped.size == (140 + 8, 40 + 8)

    @pytest.mark.parametrize(("grey", "is_ink"), [(199, True), (200, False), (255, False)])
    def test_takes_light_greys_for_paper(self, grey, is_ink):
        picture = self.page((100, 100, 900, 400), grey)
        assert (pipeline._cropped(picture).size != picture.size) is is_ink

    @pytest.mark.parametrize(("height", "is_cropped"), [(139, False), (140, True)])
    def test_is_left_out_when_less_than_three_tenths_would_remain(self, height, is_cropped):
        """With its padding the area is 1000 × (height + 10) of 1000 × 500."""
        picture = self.page((0, 100, 1000, 100 + height))
        assert (pipeline._cropped(picture).size != picture.size) is is_cropped

    def test_of_an_empty_page_is_the_page(self):
        picture = Image.new("RGB", (600, 300), "white")
        assert pipeline._cropped(picture).size == (600, 300)

    def test_of_a_large_photo_is_that_of_a_small_one(self):
        page, scribble = Image.new("L", (3000, 1500), 255), drawing((2400, 1200), mode="L")
        page.paste(scribble, (300, 150))
        large, small = (opened(signature_png(saved(one, "PNG"))) for one in (page, page.resize((1000, 500))))
        assert abs(large.width - small.width) <= 1
        assert difference(large.convert("L").resize(small.size), small) < 6


class TestRefusals:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_say_why(self, name):
        data, reason = HOSTILE[name]
        assert reason_of(data) is reason

    def test_have_a_sentence_each(self):
        assert len({str(UnfitPicture(reason)) for reason in Reason}) == len(Reason) == 5

    def test_twenty_five_million_pixels_are_not_too_many(self):
        assert signature_png(saved(Image.new("1", (5000, 5000), 1), "PNG"))
        assert reason_of(png(5_000_000, 6)) is Reason.TOO_MANY_PIXELS

    @pytest.mark.parametrize("kind", ["png", "jpeg", "heic"])
    def test_of_large_ones_come_before_any_decoding(self, kind, monkeypatch):
        """The same files, only their limit is lower."""
        monkeypatch.setattr(pipeline, "MAX_PIXELS", 900 * 300 - 1)
        monkeypatch.setattr(Image.Image, "load", lambda _picture: pytest.fail("It was decoded."))
        assert reason_of(ACCEPTED[kind]) is Reason.TOO_MANY_PIXELS

    @given(st.binary(max_size=400))
    def test_answer_to_whatever_comes(self, data):
        assert reason_of(data) in (Reason.EMPTY, Reason.NOT_A_PICTURE, Reason.UNSUPPORTED)

    @settings(max_examples=150)
    @given(
        kind=st.sampled_from(["png", "png, transparent palette", "jpeg", "jpeg of several pictures", "heic"]),
        seed=st.integers(),
    )
    def test_or_the_result_answer_to_damaged_files(self, kind, seed):
        chance, data = random.Random(seed), bytearray(ACCEPTED[kind])
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        with suppress(UnfitPicture):
            assert len(signature_png(bytes(data))) <= MAX_RESULT_BYTES

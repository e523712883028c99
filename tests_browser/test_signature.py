"""The signature for the work report, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster.models import Signature
from roster.tests.factories import make_member
from roster.tests.pictures import drawing, saved
from tests_browser.screens import PHONE, Screens

pytestmark = pytest.mark.browser

PREVIEW = "Váš podpis"
MEGABYTE = 1024 * 1024


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of a signature, as a phone takes it: turned, large, with grey paper around."""
    path = tmp_path / "IMG_0001.heic"
    path.write_bytes(saved(drawing((1600, 600), paper=(225, 223, 218)), "HEIF"))
    return path


def choose(page: Page, path: Path) -> None:
    page.get_by_label("Obrázek podpisu").set_input_files(path)


def is_seen_in(page: Page) -> bool:
    """Say whether the picture of the signature has arrived and can be drawn."""
    shown = page.get_by_role("img", name=PREVIEW)
    expect(shown).to_be_visible()
    return bool(shown.evaluate("async (image) => { await image.decode(); return image.naturalHeight === 200; }"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_sends_a_photo_sees_the_signature_and_deletes_it(open_screen: Screens, photo: Path, scripts: bool) -> None:
    person = make_member()
    screen = open_screen(PHONE, person, scripts=scripts)
    page = screen.open("/profile/")
    choose(page, photo)
    page.get_by_role("button", name="Uložit podpis").tap()
    expect(page.get_by_role("status")).to_contain_text("Váš podpis jsme uložili.")
    if scripts:
        assert is_seen_in(page)
        screen.inspect_in_both_colours()
    else:
        expect(page.get_by_role("img", name=PREVIEW)).to_be_visible()
    assert Signature.objects.of(person).exists()

    page.locator("summary", has_text="Smazat podpis").tap()
    page.get_by_role("button", name="Smazat podpis").tap()
    expect(page.get_by_role("status")).to_contain_text("Váš podpis jsme smazali.")
    expect(page.get_by_role("img", name=PREVIEW)).to_have_count(0)
    assert not Signature.objects.of(person).exists()


def test_a_file_that_is_no_picture_comes_back_with_a_sentence_at_the_field(
    open_screen: Screens, tmp_path: Path
) -> None:
    path = tmp_path / "podpis.png"
    path.write_bytes(b"MZ not a picture")
    screen = open_screen(PHONE, make_member())
    screen.watch.allow("status of 422")
    page = screen.open("/profile/")
    choose(page, path)
    page.get_by_role("button", name="Uložit podpis").tap()
    expect(page.get_by_label("Obrázek podpisu")).to_be_focused()
    expect(page.locator("#signature")).to_contain_text("Soubor není obrázek, nebo je poškozený.")
    screen.inspect("a refused picture")


class TestTooLarge:
    def test_is_said_before_anything_is_sent(self, open_screen: Screens, tmp_path: Path) -> None:
        page = open_screen(PHONE, make_member()).open("/profile/")
        choose(page, file_of(8 * MEGABYTE, tmp_path))
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.get_by_role("button", name="Uložit podpis").tap()
        field = page.get_by_label("Obrázek podpisu")
        assert (
            field.evaluate("(field) => field.validationMessage") == "Soubor je větší než 8 MB. Vyberte menší obrázek."
        )
        assert not sent
        choose(page, file_of(MEGABYTE, tmp_path))
        assert field.evaluate("(field) => field.checkValidity()")

    def test_gets_a_page_without_scripts(self, open_screen: Screens, tmp_path: Path) -> None:
        screen = open_screen(PHONE, make_member(), scripts=False)
        screen.watch.allow("status of 413")
        page = screen.open("/profile/")
        choose(page, file_of(12 * MEGABYTE, tmp_path))
        page.get_by_role("button", name="Uložit podpis").tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tolik dat najednou nepřijmeme")
        page.get_by_role("link", name="Zpět na formulář").tap()
        expect(page).to_have_url("/profile/")


def file_of(size: int, directory: Path) -> Path:
    path = directory / f"{size}.jpg"
    path.write_bytes(bytes(size))
    return path

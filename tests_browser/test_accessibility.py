"""What is wrong with a page is noticed; otherwise it would prove nothing that the pages of the site are in order."""

from __future__ import annotations

import pytest

from tests_browser import accessibility
from tests_browser.screens import DESKTOP, Screens

pytestmark = pytest.mark.browser

_BAD = """
<html lang="cs"><head><title>Stránka</title></head><body><main>
  <h1>Stránka</h1>
  <h4>Přeskočený stupeň</h4>
  <img src="data:,">
  <button></button>
  <p style="color: #999; background: #fff">Text, který splývá s podkladem</p>
</main></body></html>
"""

#: Makes headings melt into the ground, in light or in dark colours.
_FADE = """
(colours) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`[data-bs-theme="${colours}"] h1 { color: #888 !important; background: #777 !important; }`);
  document.adoptedStyleSheets = [sheet];
}
"""


def names(found: list[str]) -> set[str]:
    """Return which rules are broken."""
    return {line.partition(" ")[0] for line in found}


def test_what_is_grave_is_found_and_nothing_else(open_screen: Screens) -> None:
    page = open_screen(DESKTOP).page
    page.set_content(_BAD)
    assert names(accessibility.violations(page)) == {"image-alt", "button-name", "color-contrast"}
    assert names(accessibility.violations(page, accessibility.COLOURS)) == {"color-contrast"}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_is_wrong_in_one_choice_of_colours_is_found(open_screen: Screens, colours: str) -> None:
    screen = open_screen(DESKTOP)
    page = screen.open("/login/")
    page.evaluate(_FADE, colours)
    for _from_one_to_the_other_and_back in range(2):
        screen.inspect_in_both_colours()
        noticed, screen.watch.problems = screen.watch.problems, []
        assert noticed
        assert all(f" {colours}: color-contrast " in problem for problem in noticed)

"""What axe-core finds on a page that keeps some people from using it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

#: Of the four grades the two that no page of ours may have.
GRADES = ("serious", "critical")

#: Style sheets are not loaded a second time: only a rule about rotated pages would need that, and it writes inline
#: styles, which our own policy forbids.
_RUN = """
async (grades) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false });
  return violations.filter(({ impact }) => grades.includes(impact)).flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id} (${help}): ${html.slice(0, 200)} ${failureSummary}`));
}
"""


def violations(page: Page) -> list[str]:
    """Return the grave violations of the page as it is now, a few places for each."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    return list(page.evaluate(_RUN, list(GRADES)))


@cache
def _source() -> str:
    return (Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js").read_text()

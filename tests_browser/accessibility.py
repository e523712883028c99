"""What axe-core finds on a page that keeps some people from using it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

#: Of the four grades the two that no page of ours may have.
GRADES = ("serious", "critical")

#: Style sheets are not loaded a second time: only a rule about rotated pages would need that, and it writes inline
#: styles, which our own policy forbids. Rules whose findings have another grade by definition are not asked.
_RUN = """
async ({ grades, rules }) => {
  const others = axe._audit.rules.filter(({ impact }) => impact && !grades.includes(impact));
  const off = Object.fromEntries(others.map(({ id }) => [id, { enabled: false }]));
  const options = { resultTypes: ["violations"], preload: false, rules: off, ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(document, options);
  return violations.filter(({ impact }) => grades.includes(impact)).flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id} (${help}): ${html.slice(0, 200)} ${failureSummary}`));
}
"""


#: The rules that another choice of colours may break.
COLOURS = ("color-contrast", "link-in-text-block")


def expect_inspections(context: BrowserContext) -> None:
    """Let every page that is opened from now on have axe-core with it, which is quicker than sending it to each."""
    context.add_init_script(_source())


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return the grave violations of the page as it is now, a few places for each; of all rules, or of some."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    return list(page.evaluate(_RUN, {"grades": list(GRADES), "rules": list(rules) or None}))


@cache
def _source() -> str:
    return (Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js").read_text()

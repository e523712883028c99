/** The arrow keys lead from one event of the list to the next. */

const RELATIONS = { ArrowLeft: "prev", ArrowRight: "next" };
/** Here the arrows move something of their own. */
const OWN_ARROWS = "input, textarea, select, [contenteditable], [role='tablist'], [tabindex='0']";

function onKey(event) {
  const relation = RELATIONS[event.key];
  const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!relation || modified || event.defaultPrevented || event.target.closest?.(OWN_ARROWS)) return;
  document.querySelector(`.neighbours a[rel="${relation}"]`)?.click();
}

export function start() {
  if (document.querySelector(".neighbours")) document.addEventListener("keydown", onKey);
}
